"""Strings, for selectors that are cut to size before they are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value, constant, strip

if TYPE_CHECKING:
    from kllint.link.tensors import Arguments

_TEXT = {
    "removesuffix", "removeprefix", "lower", "upper", "strip", "lstrip", "rstrip", "replace", "endswith",
    "startswith",
}  # fmt: skip
_TEXT_ARGUMENTS = {"lower": 0, "upper": 0, "strip": 0, "lstrip": 0, "rstrip": 0, "replace": 2}


def folded_text(name: str, base: Value, arguments: Arguments) -> Value | None:
    """A method of a known string with known arguments."""
    text = strip(base)
    if name not in _TEXT or text.op is not ops.CONSTANT or not isinstance(text.data, str):
        return None
    known = [arg.data for arg in arguments.positional if arg.op is ops.CONSTANT and isinstance(arg.data, str)]
    if len(known) < len(arguments.positional) or len(known) != _TEXT_ARGUMENTS.get(name, 1):
        return None
    return constant(getattr(text.data, name)(*known), arguments.span)


def without_suffix(condition: Value, then: Value, otherwise: Value) -> Value | None:
    """`x[:-1] if x.endswith("+") else x` as `x.removesuffix("+")`, which nothing else is by that test."""
    suffix = _suffix(condition, "endswith")
    if suffix is None or then.op is not ops.ITEM or then.args[1].data != f":-{len(suffix)}":
        return None
    whole = strip(condition.args[0].args[0])
    if strip(then.args[0]) is not whole or strip(otherwise) is not whole:
        return None
    method = Value(ops.ATTRIBUTE, (whole,), "removesuffix", condition.span)
    return Value(ops.CALL, (method, condition.args[1]), (None,), condition.span)


def before_cut(cut: Value, texts: Value) -> tuple[Value, Value] | None:
    """The string that a suffix was cut off, and what it was where what is left is one of some texts."""
    suffix = _suffix(cut, "removesuffix")
    known = [text.data for text in texts.args or (texts,)]
    if suffix is None or not all(isinstance(text, str) for text in known):
        return None
    whole = [text for text in known if not text.endswith(suffix)]
    longer = [constant(text) for text in (*whole, *(f"{text}{suffix}" for text in known))]
    return cut.args[0].args[0], Value(ops.TUPLE, tuple(longer), None, texts.span)


def _suffix(call: Value, method: str) -> str | None:
    """The suffix that is asked for or cut off by `x.method(suffix)`."""
    if call.op is not ops.CALL or len(call.args) != 2 or call.args[0].op is not ops.ATTRIBUTE:
        return None
    text = call.args[1].data if call.args[1].op is ops.CONSTANT else None
    return text if call.args[0].data == method and isinstance(text, str) else None
