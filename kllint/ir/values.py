"""The graph of values that a program computes.

Every expression evaluates to a `Value`: an operation over other values. What cannot be known stays a
symbol (a parameter, an attribute of one, an item of a batch, the result of a foreign call), so that the
value a function returns is its summary: a call replaces the parameters by the arguments.

Values are compared by identity; two symbols are one quantity when their `symbol` keys are equal.
"""

from __future__ import annotations

from enum import Enum, auto, unique
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from kllint.findings import Span


@unique
class Op(Enum):
    """What a value is made of; the comment gives its arguments and data."""

    __hash__ = object.__hash__  # that of enumerations is a Python function

    CONSTANT = auto()  # data: the Python constant
    SYMBOL = auto()  # data: its name
    PARAMETER = auto()  # data: (function key, name)
    ATTRIBUTE = auto()  # base; data: name
    ITEM = auto()  # base, index
    CALL = auto()  # function, arguments...; data: keyword of each argument
    NAMED = auto()  # value; data: the variable it was bound to
    CALLED = auto()  # value; data: name of the function that returned it; span: the call
    CHOICE = auto()  # condition, value if true, value if false
    RAISED = auto()  # no value: this path raises
    ANY = auto()  # one of several values, nobody knows which (elements of a list)
    TUPLE = auto()
    LIST = auto()
    DICT = auto()  # values...; data: keys (constants or None)
    FUNCTION = auto()  # data: Closure
    METHOD = auto()  # self; data: Closure
    PARTIAL = auto()  # function, arguments...; data: keywords
    CLASS = auto()  # data: the project's class
    OBJECT = auto()  # constructor arguments...; data: (class, keywords)
    EXTERNAL = auto()  # data: dotted name of something outside the project
    MODULE = auto()  # data: the project's module
    COMPARE = auto()  # left, right; data: operator
    NOT = auto()
    AND = auto()
    OR = auto()
    ADD = auto()
    SUB = auto()
    MUL = auto()
    DIV = auto()
    POW = auto()
    NEG = auto()
    EXP = auto()
    LOG = auto()
    EXPM1 = auto()
    LOG1P = auto()
    ABS = auto()
    SQRT = auto()
    SIGN = auto()
    SIGMOID = auto()
    LOGSIGMOID = auto()
    SOFTPLUS = auto()
    MIN = auto()
    MAX = auto()
    CLAMP = auto()  # value, lower or None, upper or None
    WHERE = auto()  # mask, value if true, value if false
    DETACH = auto()
    REDUCE = auto()  # value, (axes or mask); data: "sum" or "mean"
    SAME = auto()  # value; data: the method: shape, device or type changes
    SOFTMAX = auto()  # logits
    LOG_SOFTMAX = auto()  # logits
    GATHER = auto()  # values over the vocabulary, index
    LOG_PROB = auto()  # distribution, sample
    CROSS_ENTROPY = auto()  # logits, target: a negative log-prob
    KL_DIV = auto()  # input, target; data: KlDivOptions
    KL_DISTRIBUTIONS = auto()  # distribution p, distribution q
    FILLED = auto()  # shape; data: the number (ones_like, zeros)
    CENTRED = auto()  # value; minus a mean that includes itself; data: what it was divided by
    FORMAT = auto()  # parts of an f-string


_COUNTER = iter(range(1, 1 << 62))


class Value:
    """One node of the graph; `open` where a parameter is left in it that a call may replace."""

    __slots__ = ("args", "data", "number", "op", "open", "span", "telling")

    def __init__(
        self, op: Op, args: tuple[Value, ...] = (), data: Any = None, span: Span | None = None
    ) -> None:
        self.op = op
        self.args = args
        self.data = data
        self.span = span
        self.number = next(_COUNTER)  # a stable name: ids are reused once a value is gone
        self.telling: bool | None = None  # known to `link.shape`
        self.open = op is Op.PARAMETER
        for arg in args:
            if arg.open:
                self.open = True
                break

    def __repr__(self) -> str:
        return render(self)


NONE = Value(Op.CONSTANT, data=None)
TRUE = Value(Op.CONSTANT, data=True)
FALSE = Value(Op.CONSTANT, data=False)
RAISED = Value(Op.RAISED)


def constant(data: object, span: Span | None = None) -> Value:
    """The value of a constant."""
    return Value(Op.CONSTANT, (), data, span)


def is_constant(value: Value, *data: object) -> bool:
    """Whether a value is a constant, and one of `data` if given; 0 is not False here."""
    return value.op is Op.CONSTANT and (
        not data or any(value.data == one and type(value.data) is type(one) for one in data)
    )


_TRANSPARENT = {Op.NAMED, Op.CALLED, Op.SAME}


def strip(value: Value) -> Value:
    """The value without names, calls and changes of shape around it."""
    while value.op in _TRANSPARENT:
        value = value.args[0]
    return value


def when_given(value: Value) -> Value:
    """What a value is where the optional thing that it depends on is there: `Config().beta if args is None else args.beta`."""
    while value.op is Op.CHOICE and value.args[0].op is Op.COMPARE:
        condition, then, otherwise = value.args
        if condition.data not in {"is", "is not"} or not is_constant(condition.args[1], None):
            break
        value = strip(otherwise if condition.data == "is" else then)
    return value


def _choice(value: Value, depth: int) -> str:
    given = when_given(value)
    if given is not value:
        return render(given, depth)
    condition, then, otherwise = (render(arg, depth) for arg in value.args)
    return f"({then} if {condition} else {otherwise})"


_INFIX = {Op.ADD: "+", Op.SUB: "-", Op.MUL: "*", Op.DIV: "/", Op.POW: "**", Op.AND: "and", Op.OR: "or"}
_DEPTH = 6


def render(value: Value, depth: int = _DEPTH) -> str:
    """A reading of the value in the words of its source, cut at some depth."""
    if depth == 0:
        return "..."
    writer = _WRITERS.get(value.op)
    if writer:
        return writer(value, depth - 1)
    inner = [render(arg, depth - 1) for arg in value.args]
    if value.op in _INFIX:
        return f" {_INFIX[value.op]} ".join(
            f"({text})" if _needs_brackets(value, arg) else text
            for arg, text in zip(value.args, inner, strict=True)
        )
    return f"{value.op.name.lower()}({', '.join(inner)})"


def _needs_brackets(value: Value, arg: Value) -> bool:
    """Whether an operand would be read otherwise without brackets: `a * (b + c)`, `a - (b - c)`."""
    inner = _shown(arg)
    if inner.op not in _INFIX:
        return False
    return inner.op is not value.op or (value.op in {Op.SUB, Op.DIV} and arg is value.args[-1])


def _shown(value: Value) -> Value:
    """The value without what is not rendered: calls and changes of shape."""
    while value.op in {Op.CALLED, Op.SAME}:
        value = value.args[0]
    return value


def _item(value: Value, depth: int) -> str:
    base, index = value.args
    inner = (
        f'"{index.data}"' if isinstance(index.data, str) and index.op is Op.CONSTANT else render(index, depth)
    )
    return f"{render(base, depth)}[{inner}]"


def _constant(value: Value, _depth: int) -> str:
    return f'"{value.data}"' if isinstance(value.data, str) else repr(value.data)


def _compare(value: Value, depth: int) -> str:
    left, right = (render(arg, depth) for arg in value.args)
    return f"{left} {value.data} {right}"


def _display(value: Value, depth: int) -> str:
    inner = ", ".join(render(arg, depth) for arg in value.args)
    return f"({inner})" if value.op is Op.TUPLE else f"[{inner}]"


_WRITERS: dict[Op, Callable[[Value, int], str]] = {
    Op.CONSTANT: _constant,
    Op.SYMBOL: lambda value, _: str(value.data),
    Op.PARAMETER: lambda value, _: str(value.data[1]),
    Op.ATTRIBUTE: lambda value, depth: f"{render(value.args[0], depth)}.{value.data}",
    Op.ITEM: _item,
    Op.CHOICE: _choice,
    Op.CALL: lambda value, depth: (
        f"{render(value.args[0], depth)}({', '.join(render(a, depth) for a in value.args[1:3])})"
    ),
    Op.NAMED: lambda value, _: str(value.data),
    Op.CALLED: lambda value, depth: render(value.args[0], depth),
    Op.SAME: lambda value, depth: render(value.args[0], depth),
    Op.DETACH: lambda value, depth: render(value.args[0], depth),
    Op.COMPARE: _compare,
    Op.NOT: lambda value, depth: f"not {render(value.args[0], depth)}",
    Op.TUPLE: _display,
    Op.LIST: _display,
    Op.EXTERNAL: lambda value, _: str(value.data),
    Op.OBJECT: lambda value, _: "self",
    Op.FUNCTION: lambda value, _: str(getattr(value.data, "name", "function")),
    Op.METHOD: lambda value, _: str(getattr(value.data, "name", "method")),
    Op.CLASS: lambda value, _: str(getattr(value.data, "name", "class")),
}


@lru_cache(maxsize=100_000)
def symbol(value: Value) -> str:
    """The key under which two unknowns are the same quantity: its reading, and for calls also its place."""
    text = render(value, 12)
    if any(node.op is Op.CALL for node in _spine(value)):
        place = value.span
        return f"{text}@{place.path}:{place.start}" if place else f"{text}#{value.number}"
    return text


def _spine(value: Value) -> list[Value]:
    nodes = [value]
    while nodes[-1].op in {Op.ATTRIBUTE, Op.ITEM, Op.NAMED, Op.CALLED, Op.SAME, Op.DETACH}:
        nodes.append(nodes[-1].args[0])
    return nodes
