"""The nodes inside a node of a program."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any

from kllint.ir.program import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.ir.program import Node


def children(node: Node) -> list[Node]:
    """The expressions and statements directly inside another, in the order of the source."""
    found: list[Any] = []
    kind: Any = type(node)
    for name in _fields(kind):
        value: Any = getattr(node, name)
        if value.__class__ is tuple:
            _flatten(value, found)
        elif value.__class__ in KINDS:
            found.append(value)
    return found


def inside(node: Node) -> Iterator[Node]:
    """A node and everything in it, outermost first, in the order of the source."""
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        stack += reversed(children(one))


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind) if one.name not in {"start", "end"})


def _flatten(values: tuple[Any, ...], found: list[Any]) -> None:
    for value in values:
        if value.__class__ is tuple:
            _flatten(value, found)
        elif value.__class__ in KINDS:
            found.append(value)
