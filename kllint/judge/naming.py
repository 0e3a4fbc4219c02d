"""What values are called: by variables, keys, attributes, parameters and the functions that computed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir.values import Op, Value, strip
from kllint.link.words import names_log_prob

if TYPE_CHECKING:
    from collections.abc import Iterator

SHAPED = frozenset({Op.NAMED, Op.CALLED, Op.SAME, Op.DETACH, Op.REDUCE})
"""What a value is still the same quantity in: names, calls, shapes, detachment and sums."""


def names_of(value: Value) -> Iterator[str]:
    """The names of a value from the outside in."""
    while True:
        if value.op is Op.NAMED:
            yield str(value.data)
        last = last_name(value)
        if last:
            yield last
        if value.op in SHAPED or value.op is Op.ANY:
            value = value.args[0]
        elif value.op is Op.WHERE:
            value = value.args[1]
        else:
            return


def goes_by_call(value: Value) -> bool:
    """Whether a value goes by the name of the function that computed it, having none of its own."""
    while value.op is Op.ITEM and last_name(value) == last_name(strip(value.args[0])):
        value = strip(value.args[0])
    return value.op is Op.CALL


def last_name(value: Value) -> str:
    """The name that an unknown goes by: of a parameter, an attribute, a key, a function."""
    match value.op:
        case Op.SYMBOL | Op.ATTRIBUTE:
            return str(value.data)
        case Op.PARAMETER:
            return str(value.data[1])
        case Op.ITEM:
            key = value.args[1]
            text = _text(strip(key))
            if text:
                return text
            named = last_name(strip(key)) if key.op is not Op.SYMBOL else ""
            return named if names_log_prob(named) else last_name(strip(value.args[0]))
        case Op.CALL:
            return last_name(value.args[0])
        case Op.EXTERNAL:
            return str(value.data).rpartition(".")[2]
        case Op.FUNCTION | Op.METHOD:
            return str(value.data.definition.name)
    return ""


def _text(key: Value) -> str:
    """What a key spells as far as that is known: text, the text in an f-string, the first of a choice."""
    match key.op:
        case Op.CONSTANT if isinstance(key.data, str):
            return key.data
        case Op.FORMAT:
            return "_".join(filter(None, map(_text, key.args)))
        case Op.CHOICE:
            return _text(key.args[1]) or _text(key.args[2])
    return ""
