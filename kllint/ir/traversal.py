"""The nodes inside a node of a program."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from kllint.ir import program as ir

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class _Fields(dict[Any, tuple[str, ...]]):
    """The fields of each class that may hold further nodes."""

    def __missing__(self, kind: Any) -> tuple[str, ...]:
        names = (one.name for one in fields(kind) if one.name not in {"start", "end"})
        return self.setdefault(kind, tuple(names))


_FIELDS = _Fields()


def children(node: ir.Node) -> list[ir.Node]:
    """The expressions and statements directly inside another, in the order of the source."""
    found: list[Any] = []
    kind: Any = type(node)
    for name in _FIELDS[kind]:
        value: Any = getattr(node, name)
        if value.__class__ is tuple:
            _flatten(value, found)
        elif value.__class__ in ir.KINDS:
            found.append(value)
    return found


def inside(node: ir.Node) -> Iterator[ir.Node]:
    """A node and everything in it, outermost first, in the order of the source."""
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        stack += reversed(children(one))


def functions(statements: Iterable[ir.Statement]) -> Iterator[ir.Function]:
    """The outermost functions that some statements define, methods among them."""
    for statement in statements:
        match statement:
            case ir.Function():
                yield statement
            case ir.Class() | ir.With():
                yield from functions(statement.body)
            case ir.If() | ir.Loop():
                yield from functions((*statement.body, *statement.orelse))
            case ir.Try():
                blocks = (statement.body, *statement.handlers, statement.orelse, statement.final)
                yield from (one for block in blocks for one in functions(block))


def _flatten(values: tuple[Any, ...], found: list[Any]) -> None:
    for value in values:
        if value.__class__ is tuple:
            _flatten(value, found)
        elif value.__class__ in ir.KINDS:
            found.append(value)
