"""Programs as text and back: JSON, which unlike pickle or marshal can hold nothing but data.

A node is a list that begins with the number of its kind; a tuple is one that begins with -1, bytes are
one that begins with -2. Everything else is as JSON has it.
"""

from __future__ import annotations

import json
from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from kllint.ir import program as ir

if TYPE_CHECKING:
    from collections.abc import Callable

_KINDS: tuple[type[Any], ...] = (
    ir.Name,
    ir.Literal,
    ir.Attribute,
    ir.Subscript,
    ir.Argument,
    ir.Call,
    ir.Binary,
    ir.Unary,
    ir.Compare,
    ir.Boolean,
    ir.Conditional,
    ir.Sequence,
    ir.Mapping,
    ir.Starred,
    ir.Function,
    ir.Parameter,
    ir.Comprehension,
    ir.Slice,
    ir.Walrus,
    ir.Format,
    ir.Unknown,
    ir.Assign,
    ir.Augment,
    ir.Evaluate,
    ir.Return,
    ir.Raise,
    ir.If,
    ir.Loop,
    ir.With,
    ir.Try,
    ir.Jump,
    ir.Class,
    ir.Import,
)
_TUPLE, _BYTES = -1, -2


class Garbled(Exception):  # noqa: N818  # it reads as what the text is
    """The text is not what `encode` has written."""


def encode(module: ir.Module) -> bytes:
    """The statements of a module as text; where it is from is not in it."""
    return json.dumps(_written(module.body), separators=(",", ":")).encode()


def decode(path: str, text: bytes) -> ir.Module:
    """The module of a path whose statements `encode` has written; raises Garbled for anything else."""
    try:
        return ir.Module(path, _read(json.loads(text)))
    except (ValueError, TypeError, IndexError, KeyError, RecursionError) as error:
        raise Garbled(str(error)) from None


def _written(value: Any) -> Any:
    writer = _WRITERS.get(type(value))
    return writer(value) if writer else value


def _writer(number: int, kind: type[Any]) -> Callable[[Any], list[Any]]:
    get = attrgetter(*(field.name for field in fields(kind)))
    if number in _CHILDLESS:
        return lambda node: [number, *get(node)]
    return lambda node: [number, *map(_written, get(node))]


_CHILDLESS = {_KINDS.index(kind) for kind in (ir.Name, ir.Slice, ir.Jump, ir.Import)}
_WRITERS: dict[type[Any], Callable[[Any], list[Any]]] = {
    **{kind: _writer(number, kind) for number, kind in enumerate(_KINDS)},
    tuple: lambda values: [_TUPLE, *map(_written, values)],
    bytes: lambda value: [_BYTES, value.decode("latin-1")],
}


def _read(value: list[Any]) -> Any:
    number, *parts = value
    if number not in _CHILDLESS:
        parts = [_read(part) if part.__class__ is list else part for part in parts]
    if number >= 0:
        return _KINDS[number](*parts)
    return tuple(parts) if number == _TUPLE else parts[0].encode("latin-1")
