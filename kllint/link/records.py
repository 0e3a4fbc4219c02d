"""Records: named tuples and data classes, made of values that are read back by the names of their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir import program as ir
from kllint.ir.values import NONE, Value, strip
from kllint.link.symbols import RecordType

if TYPE_CHECKING:
    from kllint.link.scope import ClassRef
    from kllint.link.tensors import Arguments

_TUPLES = {"NamedTuple"}


def called(name: str, arguments: Arguments) -> Value | None:
    """What calling the type of a named tuple makes, or `namedtuple` itself; None for all other calls."""
    if isinstance(name, RecordType):
        values = instance(name.fields, arguments)
        return None if values is None else Value(ops.TUPLE, values, name.fields, arguments.span)
    return named_tuple(arguments) if name.rpartition(".")[2] == "namedtuple" else None


def named_tuple(arguments: Arguments) -> Value | None:
    """The type that `namedtuple("name", fields)` makes; None when the fields are not known."""
    listed = arguments.get(1, "field_names")
    if listed is None:
        return None
    inner = strip(listed)
    names = [inner.data] if inner.op is ops.CONSTANT else [one.data for one in inner.args]
    if not all(isinstance(name, str) for name in names):
        return None
    fields = tuple(field for name in names for field in name.replace(",", " ").split())
    return Value(ops.EXTERNAL, (), RecordType("namedtuple", fields), arguments.span)


def instance(fields: tuple[str, ...], arguments: Arguments) -> tuple[Value, ...] | None:
    """The values of a record's fields; None when it is not known which value is which."""
    if len(arguments.positional) > len(fields):
        return None
    given = dict(zip(fields, arguments.positional, strict=False)) | arguments.keyword
    return tuple(given.get(field, NONE) for field in fields)


def made(reference: ClassRef, arguments: Arguments) -> Value:
    """An object of a class of the project, with the values of its fields where it is a record."""
    fields = reference.fields
    values = instance(fields, arguments) or ()
    if values and is_tuple(reference):
        return Value(ops.TUPLE, values, fields, arguments.span)
    return Value(ops.OBJECT, values, reference, arguments.span)


def is_tuple(reference: ClassRef) -> bool:
    """Whether a record's class derives from NamedTuple."""
    bases = reference.definition.bases
    return any(
        (base.name if isinstance(base, ir.Attribute) else getattr(base, "id", "")) in _TUPLES
        for base in bases
    )


def fields_of(value: Value) -> tuple[str, ...]:
    """The names of a record's fields, in the order of its values; empty when it is none."""
    if not value.args:
        return ()
    if value.op is ops.TUPLE:
        return value.data or ()
    return value.data.fields if value.op is ops.OBJECT else ()


def field(value: Value, name: str) -> Value | None:
    """What a record holds under a name, unless nobody put it there."""
    fields = fields_of(value)
    held = value.args[fields.index(name)] if name in fields else NONE
    return None if held is NONE else held
