"""Methods of known strings, for selectors that are cut to size before they are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir.values import Op, Value, constant, strip

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
    if name not in _TEXT or text.op is not Op.CONSTANT or not isinstance(text.data, str):
        return None
    known = [arg.data for arg in arguments.positional if arg.op is Op.CONSTANT and isinstance(arg.data, str)]
    if len(known) < len(arguments.positional) or len(known) != _TEXT_ARGUMENTS.get(name, 1):
        return None
    return constant(getattr(text.data, name)(*known), arguments.span)
