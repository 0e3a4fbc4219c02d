"""Tensor operations of torch, JAX, NumPy and their kin as one table: from a name to a node of the graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from kllint.ir import ops
from kllint.ir.values import NONE, Value, constant, is_constant, strip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kllint.findings import Span
    from kllint.ir.ops import Op


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one call: positional ones, and those given by keyword."""

    positional: tuple[Value, ...]
    keyword: dict[str, Value]
    span: Span

    def all(self) -> Iterator[Value]:
        """Every argument."""
        yield from self.positional
        yield from self.keyword.values()

    def get(self, index: int, *names: str) -> Value | None:
        """The argument at a position, or under one of its names."""
        if index < len(self.positional):
            return self.positional[index]
        return next((self.keyword[name] for name in names if name in self.keyword), None)


@dataclass(frozen=True, slots=True)
class KlDivOptions:
    """How a `kl_div` was asked to reduce, and whether its target is in log space (None: not known)."""

    reduction: str | None
    log_target: bool | None
    legacy: bool = False


Builder: TypeAlias = "Callable[[Arguments], Value | None]"

ROOTS = frozenset(
    {
        "torch",
        "numpy",
        "jax",
        "math",
        "tensorflow",
        "mlx",
        "optax",
        "flax",
        "scipy",
        "cupy",
        "tensordict",
        "paddle",
        "mindspore",
        "tinygrad",
    }
)


def _unary(op: Op) -> Builder:
    def build(arguments: Arguments) -> Value | None:
        value = arguments.get(0, "input", "x", "a", "self")
        return Value(op, (value,), None, arguments.span) if value else None

    return build


def _binary(op: Op, data: str | None = None) -> Builder:
    def build(arguments: Arguments) -> Value | None:
        left = arguments.get(0, "input", "x", "x1", "a")
        right = arguments.get(1, "other", "y", "x2", "b", "exponent")
        if left is None or right is None:
            return None
        alpha = arguments.keyword.get("alpha")
        if alpha is not None:
            right = Value(ops.MUL, (alpha, right), None, arguments.span)
        return Value(op, (left, right), data, arguments.span)

    return build


def _same(name: str) -> Builder:
    def build(arguments: Arguments) -> Value | None:
        value = arguments.get(0, "input", "tensor", "x", "a", "inputs", "src")
        return Value(ops.SAME, (value,), name, arguments.span) if value else None

    return build


def contents(value: Value, span: Span | None) -> Value:
    """What joining a list makes one tensor of: its items, also where a choice is between lists."""
    inner = strip(value)
    if inner.op is ops.CHOICE and any(map(_lists, inner.args[1:])):
        condition, then, otherwise = inner.args
        if _lists(then) and _lists(otherwise):
            return _one_of((contents(then, span), contents(otherwise, span)), span)
        return Value(ops.CHOICE, (condition, contents(then, span), contents(otherwise, span)), None, span)
    return _one_of(inner.args, span) if inner.op in {ops.LIST, ops.TUPLE} and inner.args else value


def _lists(value: Value) -> bool:
    """Whether a value is a list, or a choice that may end in one."""
    inner = strip(value)
    if inner.op is ops.CHOICE:
        return any(map(_lists, inner.args[1:]))
    return inner.op in {ops.LIST, ops.TUPLE}


def _one_of(values: tuple[Value, ...], span: Span | None) -> Value:
    flat = (part for value in values for part in (value.args if value.op is ops.ANY else (value,)))
    unique = tuple(dict.fromkeys(flat))
    return unique[0] if len(unique) == 1 else Value(ops.ANY, unique, None, span)


def _joined(name: str) -> Builder:
    def build(arguments: Arguments) -> Value | None:
        value = arguments.get(0, "tensors", "sequences", "tensor_list", "arrays")
        if value is None or (value.op in {ops.LIST, ops.TUPLE} and not value.args):
            return None
        return Value(ops.SAME, (contents(value, arguments.span),), joint(name, value), arguments.span)

    return build


def joint(name: str, value: Value) -> str:
    """How a list was joined: `stack` where each of its rows is known, so that an index picks one."""
    inner = strip(value)
    rows = inner.args if inner.op is ops.LIST and all(row.op is not ops.ANY for row in inner.args) else ()
    return name if name != "stack" or len(set(rows)) == len(rows) > 1 else "cat"


def _reduction(kind: str) -> Builder:
    def build(arguments: Arguments) -> Value | None:
        value = arguments.get(0, "input", "x", "a", "values", "tensor", "loss_mat")
        if value is None:
            return None
        over = arguments.keyword.get("dim", arguments.keyword.get("axis", arguments.get(1)))
        return Value(ops.REDUCE, (value,) if over is None else (value, over), kind, arguments.span)

    return build


def _clamp(arguments: Arguments) -> Value | None:
    value = arguments.get(0, "input", "x", "a")
    lower = arguments.get(1, "min", "a_min", "min_value", "clip_value_min") or NONE
    upper = arguments.get(2, "max", "a_max", "max_value", "clip_value_max") or NONE
    return Value(ops.CLAMP, (value, lower, upper), None, arguments.span) if value else None


def _clamp_below(arguments: Arguments) -> Value | None:
    value, lower = arguments.get(0, "input"), arguments.get(1, "min")
    return Value(ops.CLAMP, (value, lower or constant(0), NONE), None, arguments.span) if value else None


def _clamp_above(arguments: Arguments) -> Value | None:
    value, upper = arguments.get(0, "input"), arguments.get(1, "max")
    return Value(ops.CLAMP, (value, NONE, upper or NONE), None, arguments.span) if value else None


def _relu(arguments: Arguments) -> Value | None:
    value = arguments.get(0, "input", "x")
    return Value(ops.CLAMP, (value, constant(0), NONE), None, arguments.span) if value else None


def _extreme(op: Op) -> Builder:
    def build(arguments: Arguments) -> Value | None:
        left, right = arguments.get(0, "input", "x1"), arguments.get(1, "other", "x2")
        if left is None:
            return None
        if right is None or (right.op is ops.CONSTANT and isinstance(right.data, int)):
            return Value(ops.SAME, (left,), op.name.lower(), arguments.span)
        return Value(op, (left, right), None, arguments.span)

    return build


def _where(arguments: Arguments) -> Value | None:
    mask, first, second = (arguments.get(i, n) for i, n in enumerate(("condition", "input", "other")))
    if mask is None or first is None or second is None:
        return None
    return Value(ops.WHERE, (mask, first, second), None, arguments.span)


def _where_method(arguments: Arguments) -> Value | None:
    value, mask, other = (arguments.get(i, n) for i, n in enumerate(("self", "condition", "other")))
    if value is None or mask is None:
        return None
    return Value(ops.WHERE, (mask, value, other or constant(0)), None, arguments.span)


def _gather(arguments: Arguments) -> Value | None:
    value = arguments.get(0, "input", "x", "a")
    index = arguments.get(2, "index") or arguments.get(1, "indices", "index") or NONE
    return Value(ops.GATHER, (value, index), None, arguments.span) if value else None


def _log_prob(arguments: Arguments) -> Value | None:
    distribution = arguments.get(0, "self")
    sample = arguments.get(1, "value", "x", "actions", "action") or NONE
    return Value(ops.LOG_PROB, (distribution, sample), None, arguments.span) if distribution else None


def _cross_entropy(arguments: Arguments) -> Value | None:
    logits, target = arguments.get(0, "input", "logits"), arguments.get(1, "target", "labels")
    if logits is None or target is None:
        return None
    return Value(ops.CROSS_ENTROPY, (logits, target), None, arguments.span)


def _squared_error(arguments: Arguments) -> Value | None:
    left, right = arguments.get(0, "input", "predictions"), arguments.get(1, "target", "targets")
    if left is None or right is None:
        return None
    difference = Value(ops.SUB, (left, right), None, arguments.span)
    return Value(ops.POW, (difference, constant(2)), None, arguments.span)


def _kl_div(arguments: Arguments) -> Value | None:
    first, second = arguments.get(0, "input"), arguments.get(1, "target")
    if first is None or second is None:
        return None
    reduction = arguments.get(4, "reduction")
    log_target = arguments.get(5, "log_target")
    options = KlDivOptions(
        _text(reduction, "mean"),
        _flag(log_target),
        "size_average" in arguments.keyword or "reduce" in arguments.keyword,
    )
    return Value(ops.KL_DIV, (first, second), options, arguments.span)


def _text(value: Value | None, default: str) -> str | None:
    if value is None:
        return default
    return value.data if value.op is ops.CONSTANT and isinstance(value.data, str) else None


def _flag(value: Value | None) -> bool | None:
    if value is None:
        return False
    return value.data if value.op is ops.CONSTANT and isinstance(value.data, bool) else None


def _kl_distributions(arguments: Arguments) -> Value | None:
    first, second = arguments.get(0, "p"), arguments.get(1, "q")
    if first is None or second is None:
        return None
    return Value(ops.KL_DISTRIBUTIONS, (first, second), None, arguments.span)


def _filled(number: float) -> Builder:
    return lambda arguments: Value(ops.FILLED, (), number, arguments.span)


def _full(arguments: Arguments) -> Value | None:
    fill = arguments.get(1, "fill_value")
    if fill is None or fill.op is not ops.CONSTANT:
        return None
    return Value(ops.FILLED, (), fill.data, arguments.span)


def _square(arguments: Arguments) -> Value | None:
    value = arguments.get(0, "input", "x")
    return Value(ops.POW, (value, constant(2)), None, arguments.span) if value else None


def _add_scaled(arguments: Arguments) -> Value | None:
    """`torch.addcmul` and `torch.lerp` are rare: left as unknown calls."""
    return None


def _requires_grad(arguments: Arguments) -> Value | None:
    value, flag = arguments.get(0, "self"), arguments.get(1, "requires_grad")
    if value is None:
        return None
    op = ops.DETACH if flag is not None and is_constant(flag, False) else ops.SAME
    return Value(op, (value,), "requires_grad_", arguments.span)


_UNARY = {
    "exp": ops.EXP, "exp_": ops.EXP, "log": ops.LOG, "log_": ops.LOG, "expm1": ops.EXPM1, "special_expm1": ops.EXPM1,
    "expm1_": ops.EXPM1, "log1p": ops.LOG1P, "abs": ops.ABS, "absolute": ops.ABS, "fabs": ops.ABS, "abs_": ops.ABS, "neg": ops.NEG,
    "negative": ops.NEG, "neg_": ops.NEG, "sqrt": ops.SQRT, "sign": ops.SIGN, "sgn": ops.SIGN, "sigmoid": ops.SIGMOID,
    "logsigmoid": ops.LOGSIGMOID, "log_sigmoid": ops.LOGSIGMOID, "softplus": ops.SOFTPLUS, "detach": ops.DETACH,
    "detach_": ops.DETACH, "stop_gradient": ops.DETACH, "softmax": ops.SOFTMAX, "log_softmax": ops.LOG_SOFTMAX,
}  # fmt: skip
_BINARY = {
    "add": ops.ADD, "add_": ops.ADD, "sub": ops.SUB, "subtract": ops.SUB, "sub_": ops.SUB, "mul": ops.MUL, "multiply": ops.MUL,
    "mul_": ops.MUL, "div": ops.DIV, "divide": ops.DIV, "true_divide": ops.DIV, "div_": ops.DIV, "pow": ops.POW, "pow_": ops.POW,
    "power": ops.POW, "float_power": ops.POW,
}  # fmt: skip
_COMPARISONS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<", "eq": "==", "ne": "!="}
_SAME = (
    "to", "clone", "contiguous", "view", "reshape", "squeeze", "unsqueeze", "expand", "expand_as", "expand_as_right",
    "repeat", "repeat_interleave", "flatten", "transpose", "permute", "type", "type_as", "float", "double", "half",
    "bfloat16", "cpu", "cuda", "numpy", "asarray", "array", "as_tensor", "tensor", "astype", "item", "tolist",
    "masked_fill", "masked_fill_", "masked_select", "nan_to_num", "nan_to_num_", "index_select", "flip", "roll",
    "pad", "narrow", "view_as", "reshape_as", "swapaxes", "movedim", "ravel", "broadcast_to", "tile",
    "ascontiguousarray", "unbind", "split", "chunk", "select", "take", "take_along_dim", "pin_memory",
    "share_memory_", "rename", "refine_names", "to_local", "full_tensor", "block_until_ready", "copy", "unflatten",
    "diff_", "values", "coalesce", "requires_grad", "retain_grad", "from_numpy", "data_ptr", "fill_diagonal_",
    "index_put_", "scatter", "round", "rot90", "t", "pad_packed_sequence", "pack_padded_sequence",
    "to_padded_tensor", "detach_copy", "where_", "tril", "triu", "atleast_1d", "atleast_2d",
    "gather_for_metrics", "all_gather",
)  # fmt: skip
_JOINED = (
    "cat", "stack", "concat", "concatenate", "hstack", "vstack", "pad_sequence", "pack_sequence", "nested_tensor",
    "as_nested_tensor",
)  # fmt: skip

OPERATIONS: dict[str, Builder] = {
    **{name: _unary(op) for name, op in _UNARY.items()},
    **{name: _binary(op) for name, op in _BINARY.items()},
    **{name: _binary(ops.COMPARE, operator) for name, operator in _COMPARISONS.items()},
    **{name: _same(name) for name in _SAME},
    **{name: _joined(name) for name in _JOINED},
    "square": _square, "square_": _square, "relu": _relu, "clamp": _clamp, "clip": _clamp, "clamp_": _clamp,
    "clip_by_value": _clamp, "clamp_min": _clamp_below, "clamp_min_": _clamp_below, "clamp_max": _clamp_above,
    "clamp_max_": _clamp_above, "minimum": _extreme(ops.MIN), "maximum": _extreme(ops.MAX), "min": _extreme(ops.MIN),
    "max": _extreme(ops.MAX), "fmin": _extreme(ops.MIN), "fmax": _extreme(ops.MAX), "amin": _same("amin"), "amax": _same("amax"),
    "where": _where, "sum": _reduction("sum"), "mean": _reduction("mean"), "nanmean": _reduction("mean"),
    "nansum": _reduction("sum"), "cumsum": _reduction("cumsum"), "gather": _gather, "take_along_axis": _gather,
    "batched_index_select": _gather, "log_prob": _log_prob, "cross_entropy": _cross_entropy, "nll_loss": _cross_entropy,
    "mse_loss": _squared_error, "kl_div": _kl_div, "kl_divergence": _kl_distributions, "ones_like": _filled(1.0),
    "ones": _filled(1.0), "zeros_like": _filled(0.0), "zeros": _filled(0.0), "new_zeros": _filled(0.0),
    "new_ones": _filled(1.0), "full": _full, "full_like": _full, "requires_grad_": _requires_grad,
}  # fmt: skip

# Names that mean a tensor operation only as a method (`x.where(mask, y)`), or not as one.
_METHODS: dict[str, Builder] = {**OPERATIONS, "where": _where_method}
_NOT_METHODS = frozenset(
    {
        "ones",
        "zeros",
        "full",
        "tensor",
        "array",
        "copy",
        "values",
        "log",
        "split",
        "pad",
        "gather",
        "round",
        "type",
        "t",
    }
)


def method(name: str, receiver: Value, arguments: Arguments) -> Value | None:
    """The value of `receiver.name(...)` if that is a tensor operation."""
    builder = _METHODS.get(name)
    if builder is None or (name in {"ones", "zeros", "full", "array"}):
        return None
    return builder(Arguments((receiver, *arguments.positional), arguments.keyword, arguments.span))


def function(name: str, arguments: Arguments) -> Value | None:
    """The value of `name(...)` for a tensor library's function."""
    builder = OPERATIONS.get(name)
    return builder(arguments) if builder else None


_DISPLAYS = frozenset({ops.TUPLE, ops.LIST, ops.DICT})
_DEFINED = frozenset({ops.FUNCTION, ops.METHOD, ops.CLASS, ops.OBJECT, ops.MODULE})


def truth(value: Value) -> bool | None:
    """Whether a condition is known to hold."""
    if value.op is ops.CONSTANT:
        return bool(value.data)
    if value.op in _DISPLAYS:
        return bool(value.args)
    return True if value.op in _DEFINED else None
