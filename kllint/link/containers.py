"""Dictionaries and lists: what their methods give, and what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir.values import NONE, Op, Value, constant, strip
from kllint.link import build

if TYPE_CHECKING:
    from kllint.link.tensors import Arguments

_WHOLE = {"copy", "clone", "to", "cpu", "cuda", "contiguous", "apply", "named_apply"}  # of every entry alike


def method(name: str, base: Value, arguments: Arguments) -> Value | None:
    """The value of `receiver.name(...)` if that is a method of a dictionary, a list, or a batch that acts like one."""
    inner = strip(base)
    if name in {"get", "pop"} and arguments.positional:
        key = arguments.positional[0]
        if key.op is Op.TUPLE and key.args:
            key = key.args[-1]  # a nested key: the last part names the entry
        if inner.op is Op.DICT and key.op is Op.CONSTANT and key.data not in inner.data:
            return arguments.positional[1] if len(arguments.positional) > 1 else NONE
        is_key = (key.op is Op.CONSTANT and isinstance(key.data, str)) or key.op is Op.ATTRIBUTE
        if is_key or inner.op is Op.DICT:
            return build.item(base, key, arguments.span)
    if inner.op is Op.DICT and name == "values":
        return Value(Op.LIST, inner.args, None, arguments.span)
    if inner.op is Op.DICT and name == "items":
        pairs = (Value(Op.TUPLE, (constant(k), v)) for k, v in zip(inner.data, inner.args, strict=True))
        return Value(Op.LIST, tuple(pairs), None, arguments.span)
    if inner.op is Op.DICT and name in _WHOLE:
        return base
    return base if inner.op in {Op.LIST, Op.TUPLE} and name == "copy" else None


def gathered(arguments: Arguments) -> Value:
    """What `await asyncio.gather(a, b, *others)` gives: a list in that order, of nobody knows how many others."""
    rows = (Value(Op.ANY, (one,)) if _is_some(one) else one for one in arguments.positional)
    return Value(Op.LIST, tuple(rows), None, arguments.span)


def _is_some(value: Value) -> bool:
    """Whether a value stands for every element of something."""
    return (value.op is Op.ITEM and value.args[1].op is Op.SYMBOL) or (
        value.op is Op.SAME and value.data == "[]"
    )


def flat(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Values of which none is one of several."""
    return tuple(part for value in values for part in (value.args if value.op is Op.ANY else (value,)))


def parts(value: Value) -> tuple[Value, ...]:
    """What a display holds; any other value itself."""
    inner = strip(value)
    return inner.args if inner.op in {Op.DICT, Op.TUPLE, Op.LIST} else (value,)
