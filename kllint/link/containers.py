"""Dictionaries and lists: what their methods give, and what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import NONE, Value, constant, strip
from kllint.link import build

if TYPE_CHECKING:
    from kllint.link.tensors import Arguments

_WHOLE = {"copy", "clone", "to", "cpu", "cuda", "contiguous", "apply", "named_apply"}  # of every entry alike


def method(name: str, base: Value, arguments: Arguments) -> Value | None:
    """The value of `receiver.name(...)` if that is a method of a dictionary, a list, or a batch that acts like one."""
    inner = strip(base)
    if name in {"get", "pop"} and arguments.positional:
        key = arguments.positional[0]
        if key.op is ops.TUPLE and key.args:
            key = key.args[-1]  # a nested key: the last part names the entry
        if inner.op is ops.DICT and key.op is ops.CONSTANT and key.data not in inner.data:
            return arguments.positional[1] if len(arguments.positional) > 1 else NONE
        is_key = (key.op is ops.CONSTANT and isinstance(key.data, str)) or key.op is ops.ATTRIBUTE
        if is_key or inner.op is ops.DICT:
            return build.item(base, key, arguments.span)
    if inner.op is ops.DICT and name == "values":
        return Value(ops.LIST, inner.args, None, arguments.span)
    if inner.op is ops.DICT and name == "items":
        pairs = (Value(ops.TUPLE, (constant(k), v)) for k, v in zip(inner.data, inner.args, strict=True))
        return Value(ops.LIST, tuple(pairs), None, arguments.span)
    if inner.op is ops.DICT and name in _WHOLE:
        return base
    return base if inner.op in {ops.LIST, ops.TUPLE} and name == "copy" else None


def gathered(arguments: Arguments) -> Value:
    """What `await asyncio.gather(a, b, *others)` gives: a list in that order, of nobody knows how many others."""
    rows = (Value(ops.ANY, (one,)) if _is_some(one) else one for one in arguments.positional)
    return Value(ops.LIST, tuple(rows), None, arguments.span)


def _is_some(value: Value) -> bool:
    """Whether a value stands for every element of something."""
    return (value.op is ops.ITEM and value.args[1].op is ops.SYMBOL) or (
        value.op is ops.SAME and value.data == "[]"
    )


def flat(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Values of which none is one of several."""
    return tuple(part for value in values for part in (value.args if value.op is ops.ANY else (value,)))


def parts(value: Value) -> tuple[Value, ...]:
    """What a display holds; any other value itself."""
    inner = strip(value)
    return inner.args if inner.op in {ops.DICT, ops.TUPLE, ops.LIST} else (value,)
