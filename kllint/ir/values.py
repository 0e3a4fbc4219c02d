"""The graph of values that a program computes.

Every expression evaluates to a `Value`: an operation over other values. What cannot be known stays a
symbol (a parameter, an attribute of one, an item of a batch, the result of a foreign call), so that the
value a function returns is its summary: a call replaces the parameters by the arguments.

Values are compared by identity; two symbols are one quantity when their `symbol` keys are equal.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kllint.ir import ops

if TYPE_CHECKING:
    from collections.abc import Callable

    from kllint.findings import Span
    from kllint.ir.ops import Op


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
        self.open = op is ops.PARAMETER
        for arg in args:
            if arg.open:
                self.open = True
                break

    def __repr__(self) -> str:
        return render(self)


NONE = Value(ops.CONSTANT, data=None)
TRUE = Value(ops.CONSTANT, data=True)
FALSE = Value(ops.CONSTANT, data=False)
RAISED = Value(ops.RAISED)


def constant(data: object, span: Span | None = None) -> Value:
    """The value of a constant."""
    return Value(ops.CONSTANT, (), data, span)


def is_constant(value: Value, *data: object) -> bool:
    """Whether a value is a constant, and one of `data` if given; 0 is not False here."""
    return value.op is ops.CONSTANT and (
        not data or any(value.data == one and type(value.data) is type(one) for one in data)
    )


_TRANSPARENT = {ops.NAMED, ops.CALLED, ops.SAME}


def strip(value: Value) -> Value:
    """The value without names, calls and changes of shape around it."""
    while value.op in _TRANSPARENT:
        value = value.args[0]
    return value


def when_given(value: Value) -> Value:
    """What a value is where the optional thing that it depends on is there: `Config().beta if args is None else args.beta`."""
    while value.op is ops.CHOICE and value.args[0].op is ops.COMPARE:
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


_INFIX = {ops.ADD: "+", ops.SUB: "-", ops.MUL: "*", ops.DIV: "/", ops.POW: "**", ops.AND: "and", ops.OR: "or"}
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
    return inner.op is not value.op or (value.op in {ops.SUB, ops.DIV} and arg is value.args[-1])


def _shown(value: Value) -> Value:
    """The value without what is not rendered: calls and changes of shape."""
    while value.op in {ops.CALLED, ops.SAME}:
        value = value.args[0]
    return value


def _item(value: Value, depth: int) -> str:
    base, index = value.args
    inner = (
        f'"{index.data}"'
        if isinstance(index.data, str) and index.op is ops.CONSTANT
        else render(index, depth)
    )
    return f"{render(base, depth)}[{inner}]"


def _constant(value: Value, _depth: int) -> str:
    return f'"{value.data}"' if isinstance(value.data, str) else repr(value.data)


def _compare(value: Value, depth: int) -> str:
    left, right = (render(arg, depth) for arg in value.args)
    return f"{left} {value.data} {right}"


def _display(value: Value, depth: int) -> str:
    inner = ", ".join(render(arg, depth) for arg in value.args)
    return f"({inner})" if value.op is ops.TUPLE else f"[{inner}]"


_WRITERS: dict[Op, Callable[[Value, int], str]] = {
    ops.CONSTANT: _constant,
    ops.SYMBOL: lambda value, _: str(value.data),
    ops.PARAMETER: lambda value, _: str(value.data[1]),
    ops.ATTRIBUTE: lambda value, depth: f"{render(value.args[0], depth)}.{value.data}",
    ops.ITEM: _item,
    ops.CHOICE: _choice,
    ops.CALL: lambda value, depth: (
        f"{render(value.args[0], depth)}({', '.join(render(a, depth) for a in value.args[1:3])})"
    ),
    ops.NAMED: lambda value, _: str(value.data),
    ops.CALLED: lambda value, depth: render(value.args[0], depth),
    ops.SAME: lambda value, depth: render(value.args[0], depth),
    ops.DETACH: lambda value, depth: render(value.args[0], depth),
    ops.COMPARE: _compare,
    ops.NOT: lambda value, depth: f"not {render(value.args[0], depth)}",
    ops.TUPLE: _display,
    ops.LIST: _display,
    ops.EXTERNAL: lambda value, _: str(value.data),
    ops.OBJECT: lambda value, _: "self",
    ops.FUNCTION: lambda value, _: str(getattr(value.data, "name", "function")),
    ops.METHOD: lambda value, _: str(getattr(value.data, "name", "method")),
    ops.CLASS: lambda value, _: str(getattr(value.data, "name", "class")),
}


@lru_cache(maxsize=100_000)
def symbol(value: Value) -> str:
    """The key under which two unknowns are the same quantity: its reading, and for calls also its place."""
    text = render(value, 12)
    if any(node.op is ops.CALL for node in _spine(value)):
        place = value.span
        return f"{text}@{place.path}:{place.start}" if place else f"{text}#{value.number}"
    return text


def _spine(value: Value) -> list[Value]:
    nodes = [value]
    while nodes[-1].op in {ops.ATTRIBUTE, ops.ITEM, ops.NAMED, ops.CALLED, ops.SAME, ops.DETACH}:
        nodes.append(nodes[-1].args[0])
    return nodes
