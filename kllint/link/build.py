"""Smart constructors: each builds a value and folds what is already known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import FALSE, NONE, RAISED, TRUE, Value, constant, is_constant, strip
from kllint.link.tensors import truth
from kllint.link.text import before_cut, without_suffix

if TYPE_CHECKING:
    from kllint.findings import Span

_TENSORS = frozenset(
    {
        ops.ADD, ops.SUB, ops.MUL, ops.DIV, ops.POW, ops.NEG, ops.EXP, ops.LOG, ops.EXPM1, ops.LOG1P, ops.ABS, ops.SQRT, ops.SIGN,
        ops.SIGMOID, ops.LOGSIGMOID, ops.SOFTPLUS, ops.MIN, ops.MAX, ops.CLAMP, ops.WHERE, ops.DETACH, ops.REDUCE, ops.SAME,
        ops.SOFTMAX, ops.LOG_SOFTMAX, ops.GATHER, ops.LOG_PROB, ops.CROSS_ENTROPY, ops.KL_DIV, ops.KL_DISTRIBUTIONS, ops.FILLED,
        ops.CENTRED,
    }
)  # fmt: skip
_NEVER_NONE = _TENSORS | {
    ops.TUPLE,
    ops.LIST,
    ops.DICT,
    ops.FUNCTION,
    ops.METHOD,
    ops.CLASS,
    ops.OBJECT,
    ops.MODULE,
    ops.PARTIAL,
}


def is_tensor(value: Value) -> bool:
    """Whether the value is the result of a tensor operation."""
    return value.op is ops.NAMED or value.op is ops.SAME or strip(value).op in _TENSORS


def choice(condition: Value, then: Value, otherwise: Value, span: Span | None = None) -> Value:
    """`then if condition else otherwise`."""
    known = truth(condition)
    if known is not None:
        return then if known else otherwise
    if then is otherwise:
        return then
    if is_constant(then, True) and is_constant(otherwise, False):
        return condition
    if condition.op is ops.NOT:
        return choice(condition.args[0], otherwise, then, span)
    if then.op is ops.CONSTANT and otherwise.op is ops.CONSTANT and then.data is otherwise.data:
        return then
    if (then.op is ops.RAISED or otherwise.op is ops.RAISED) and not selects(condition):
        return otherwise if then.op is ops.RAISED else then  # a check of the input, not a choice
    if then.op is ops.TUPLE and otherwise.op is ops.TUPLE and len(then.args) == len(otherwise.args):
        pairs = zip(then.args, otherwise.args, strict=True)
        return Value(ops.TUPLE, tuple(choice(condition, a, b, span) for a, b in pairs), then.data, then.span)
    return without_suffix(condition, then, otherwise) or Value(
        ops.CHOICE, (condition, then, otherwise), None, span
    )


_REDUCTIONS = {"mean", "sum", "batchmean", "none"}  # what is done to an estimator, not which one it is


def selects(condition: Value) -> bool:
    """Whether a condition compares something with text: the choice of an estimator by its name."""
    match condition.op:
        case ops.NOT | ops.AND | ops.OR:
            return any(map(selects, condition.args))
        case ops.COMPARE:
            other = condition.args[1]
            texts = other.args if other.op in {ops.TUPLE, ops.LIST} else (other,)
            names = (text.data for text in texts if text.op is ops.CONSTANT)
            return any(isinstance(name, str) and name not in _REDUCTIONS for name in names)
        case ops.CALL:
            callee = condition.args[0]
            return callee.op is ops.ATTRIBUTE and callee.data in {"endswith", "startswith"}
    return False


def negation(condition: Value) -> Value:
    """`not condition`."""
    known = truth(condition)
    if known is not None:
        return FALSE if known else TRUE
    return (
        condition.args[0] if condition.op is ops.NOT else Value(ops.NOT, (condition,), None, condition.span)
    )


def both(left: Value, right: Value) -> Value:
    """`left and right`, as a condition."""
    known = truth(left)
    if known is not None:
        return right if known else left
    known = truth(right)
    if known is not None:
        return left if known else right
    return Value(ops.AND, (left, right), None, left.span)


def either(left: Value, right: Value) -> Value:
    """`left or right`: the value, not only its truth."""
    known = truth(left)
    if known is not None:
        return left if known else right
    return Value(ops.OR, (left, right), None, left.span)


def compare(operator: str, left: Value, right: Value, span: Span | None = None) -> Value:
    """A comparison, folded where both sides are known."""
    first, second = strip(left), strip(right)
    if second.op is ops.CONSTANT and isinstance(second.data, str):
        operator = {"is": "==", "is not": "!="}.get(operator, operator)  # a member of an enumeration
    if first.op is ops.CHOICE and second.op in {ops.CONSTANT, ops.TUPLE, ops.LIST}:
        condition, then, otherwise = first.args
        sides = compare(operator, then, right, span), compare(operator, otherwise, right, span)
        if all(side.op is ops.CONSTANT for side in sides):
            return choice(condition, *sides, span)
    known = _compare_known(operator, first, second)
    if known is not None:
        return TRUE if known else FALSE
    uncut = before_cut(first, second) if first.op is ops.CALL and operator in _AMONG else None
    if uncut is not None:
        return Value(ops.COMPARE, uncut, _AMONG[operator], span)
    return Value(ops.COMPARE, (left, right), operator, span)


_AMONG = {"==": "in", "in": "in", "!=": "not in", "not in": "not in"}


def _compare_known(operator: str, left: Value, right: Value) -> bool | None:
    if operator in {"is", "is not"} and right.op is ops.CONSTANT and right.data is None:
        if left.op is ops.CONSTANT:
            return (left.data is None) == (operator == "is")
        if left.op in _NEVER_NONE:
            return operator == "is not"
        return None
    if left.op is not ops.CONSTANT:
        return None
    if operator in {"in", "not in"}:
        if right.op is ops.DICT and all(key is not None for key in right.data):
            return (left.data in right.data) == (operator == "in")
        if right.op in {ops.TUPLE, ops.LIST} and all(arg.op is ops.CONSTANT for arg in right.args):
            return any(left.data == arg.data for arg in right.args) == (operator == "in")
        return None
    return _ordered(operator, left.data, right.data) if right.op is ops.CONSTANT else None


def _ordered(operator: str, left: object, right: object) -> bool | None:
    if operator in {"==", "is"}:
        return left == right
    if operator in {"!=", "is not"}:
        return left != right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}.get(operator)
    return None


def difference(left: Value, right: Value, span: Span | None = None) -> Value:
    """`left - right`, where that is its mean, what is left is centred with itself."""
    if is_mean_of(right, left):
        return Value(ops.CENTRED, (left,), "mean", span)
    return Value(ops.SUB, (left, right), None, span)


def is_mean_of(value: Value, whole: Value) -> bool:
    """Whether a value is the mean of another one: what is left after subtracting it is centred with itself."""
    mean = strip(value)
    if mean.op is ops.DIV:
        mean = strip(mean.args[0])
        reduced = mean.op is ops.REDUCE and mean.data == "sum"
    else:
        reduced = mean.op is ops.REDUCE and mean.data == "mean"
    inside = strip(mean.args[0]) if reduced else mean
    masked = inside.args if reduced and inside.op is ops.MUL else (inside,)
    return reduced and any(strip(one) is strip(whole) for one in masked)


def item(base: Value, index: Value, span: Span | None = None) -> Value:
    """`base[index]`."""
    inner = strip(base)
    if (inner.op is ops.TUPLE or inner.op is ops.LIST) and inner.args:
        return _element(inner, index, span)
    if inner.op is ops.DICT:
        return _entry(inner, index, span)
    if inner.op is ops.CHOICE and collects(inner):
        condition, then, otherwise = inner.args
        return choice(condition, item(then, index, span), item(otherwise, index, span), span)
    if inner.op is ops.RAISED or is_constant(inner, None):
        return RAISED
    if inner.op is ops.ANY and all(row.op is ops.TUPLE and row.args for row in inner.args):
        return any_of(tuple(_column(row, index, span) for row in inner.args), span)
    rows = stacked(base)
    if rows and index.op in _INDICES:
        return _row(rows, index, span)
    if not is_key(index, base) and (base.op is ops.ANY or all(map(is_tensor, _outcomes(base)))):
        return Value(ops.SAME, (base,), "[]", span)
    return Value(ops.ITEM, (base, index), None, span)


def _outcomes(value: Value) -> list[Value]:
    """What a value is that can be indexed: itself, or an outcome of a choice that has not got a name yet."""
    if value.op is not ops.CHOICE:
        return [value]
    there = (branch for branch in value.args[1:] if not is_constant(branch, None))
    return [outcome for branch in there for outcome in _outcomes(branch)]


_INDICES = frozenset({ops.CONSTANT, ops.ATTRIBUTE, ops.PARAMETER, ops.ITEM})


def stacked(base: Value) -> tuple[Value, ...]:
    """The rows of a tensor that was stacked from them, each with its calls; none when they are not known."""
    if base.op is ops.NAMED:
        return stacked(base.args[0])
    if base.op is ops.CALLED:
        return tuple(Value(ops.CALLED, (row,), base.data, base.span) for row in stacked(base.args[0]))
    joined = base.op is ops.SAME and base.data == "stack"
    return base.args[0].args if joined and base.args[0].op is ops.ANY else ()


def _row(rows: tuple[Value, ...], index: Value, span: Span | None) -> Value:
    """The row that an index picks, also where a setting is the index: an estimator by its number."""
    if index.op is ops.CONSTANT:
        known = isinstance(index.data, int) and -len(rows) <= index.data < len(rows)
        return rows[index.data] if known else any_of(rows, span)
    result = rows[-1]
    for position in reversed(range(len(rows) - 1)):
        result = choice(compare("==", index, constant(position), span), rows[position], result, span)
    return result


def is_key(index: Value, base: Value) -> bool:
    """Whether an index is a key of a batch: some text, or a field on what was moved somewhere."""
    index = strip(index)
    if index.op is ops.CHOICE:
        return any(is_key(arm, base) for arm in index.args[1:])
    is_text = index.op is ops.FORMAT or (index.op is ops.CONSTANT and isinstance(index.data, str))
    return is_text or (index.op is ops.ATTRIBUTE and base.op is ops.SAME)


def collects(value: Value) -> bool:
    """Whether some outcome of a choice is a tuple, list or dictionary."""
    inner = strip(value)
    if inner.op is ops.CHOICE:
        return collects(inner.args[1]) or collects(inner.args[2])
    return inner.op in {ops.TUPLE, ops.LIST, ops.DICT}


def _element(base: Value, index: Value, span: Span | None) -> Value:
    place = index.data if index.op is ops.CONSTANT else None
    if not isinstance(place, int):
        return any_of(base.args, span)
    before = base.args[: place + 1] if place >= 0 else base.args
    if any(arg.op is ops.ANY for arg in before):
        return any_of(base.args, span)
    return base.args[place] if -len(base.args) <= place < len(base.args) else NONE


def _column(row: Value, index: Value, span: Span | None) -> Value:
    """An element of a row that `zip` or `enumerate` made: its place is known whatever it holds."""
    place = index.data if index.op is ops.CONSTANT else None
    if isinstance(place, int) and -len(row.args) <= place < len(row.args):
        return row.args[place]
    return item(row, index, span)


def _entry(base: Value, index: Value, span: Span | None) -> Value:
    if index.op is ops.CONSTANT and index.data in base.data:
        position: int = base.data.index(index.data)
        return base.args[position]
    unknown = Value(ops.ITEM, (Value(ops.SYMBOL, (), "dict"), index), None, span)
    if index.op is ops.CONSTANT:
        return unknown
    filled_elsewhere = not base.data or None in base.data
    result = unknown if filled_elsewhere else RAISED
    for key, value in reversed(list(zip(base.data, base.args, strict=True))):
        if key is not None:
            result = choice(compare("==", index, constant(key), span), value, result, span)
    return result


def any_of(values: tuple[Value, ...], span: Span | None = None) -> Value:
    """One of several values, nobody knows which."""
    unique = tuple(dict.fromkeys(values))
    if not unique:
        return Value(ops.SYMBOL, (), "element", span)
    return unique[0] if len(unique) == 1 else Value(ops.ANY, unique, None, span)


def elements(value: Value, span: Span | None = None) -> Value:
    """What iterating over a value yields."""
    inner = strip(value)
    if inner.op in {ops.LIST, ops.TUPLE}:
        return any_of(inner.args, span)
    if inner.op is ops.DICT:
        return Value(ops.SYMBOL, (), "key", span)
    if inner.op is ops.CHOICE:
        return choice(inner.args[0], elements(inner.args[1], span), elements(inner.args[2], span), span)
    if is_tensor(value):
        return Value(ops.SAME, (value,), "[]", span)
    return Value(ops.ITEM, (value, Value(ops.SYMBOL, (), "i")), None, span)
