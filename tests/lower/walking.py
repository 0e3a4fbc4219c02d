"""Going through the nodes of a program."""

from __future__ import annotations

import unicodedata
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from kllint.ir import program as ir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.source.text import Source


def nodes(value: Any) -> Iterator[Any]:
    """The nodes in a program, the outer before the inner."""
    if isinstance(value, tuple):
        for part in value:
            yield from nodes(part)
    elif is_dataclass(value):
        yield value
        for field in fields(value):
            yield from nodes(getattr(value, field.name))


def misplaced(source: Source, program: ir.Module) -> list[tuple[str, str]]:
    """The variables whose bytes do not spell them, and what is there instead."""
    names = ((node, source.slice(node.start, node.end)) for node in nodes(program) if type(node) is ir.Name)
    return [(name.id, text) for name, text in names if unicodedata.normalize("NFKC", text) != name.id]
