"""What values are called: by variables, keys, attributes, parameters and the functions that computed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value, strip
from kllint.link.words import names_log_prob

if TYPE_CHECKING:
    from collections.abc import Iterator

SHAPED = frozenset({ops.NAMED, ops.CALLED, ops.SAME, ops.DETACH, ops.REDUCE})
"""What a value is still the same quantity in: names, calls, shapes, detachment and sums."""


def names_of(value: Value) -> Iterator[str]:
    """The names of a value from the outside in."""
    while True:
        if value.op is ops.NAMED:
            yield str(value.data)
        last = last_name(value)
        if last:
            yield last
        if value.op in SHAPED or value.op is ops.ANY:
            value = value.args[0]
        elif value.op is ops.WHERE:
            value = value.args[1]
        else:
            return


def goes_by_call(value: Value) -> bool:
    """Whether a value goes by the name of the function that computed it, having none of its own."""
    while value.op is ops.ITEM and last_name(value) == last_name(strip(value.args[0])):
        value = strip(value.args[0])
    return value.op is ops.CALL


def last_name(value: Value) -> str:
    """The name that an unknown goes by: of a parameter, an attribute, a key, a function."""
    match value.op:
        case ops.SYMBOL | ops.ATTRIBUTE:
            return str(value.data)
        case ops.PARAMETER:
            return str(value.data[1])
        case ops.ITEM:
            key = value.args[1]
            text = _text(strip(key))
            if text:
                return text
            named = last_name(strip(key)) if key.op is not ops.SYMBOL else ""
            return named if names_log_prob(named) else last_name(strip(value.args[0]))
        case ops.CALL:
            return last_name(value.args[0])
        case ops.EXTERNAL:
            return str(value.data).rpartition(".")[2]
        case ops.FUNCTION | ops.METHOD:
            return str(value.data.definition.name)
    return ""


def _text(key: Value) -> str:
    """What a key spells as far as that is known: text, the text in an f-string, the first of a choice."""
    match key.op:
        case ops.CONSTANT if isinstance(key.data, str):
            return key.data
        case ops.FORMAT:
            return "_".join(filter(None, map(_text, key.args)))
        case ops.CHOICE:
            return _text(key.args[1]) or _text(key.args[2])
    return ""
