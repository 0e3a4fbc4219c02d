"""The line of a key in a TOML file, which `tomllib` does not tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER = re.compile(r"\s*(\[{1,2})([^\]]*)\]")
_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_PART = re.compile(r"[\w-]+|\"[^\"]*\"|'[^']*'")

Path: TypeAlias = tuple[str | int, ...]


def line_of(text: str, wanted: Path) -> int:
    """The line of a key, from 1; that of the table which holds it if it is not seen.

    Numbers in a path count the tables of an array, from 0: `("penalties", 1, "use")`.
    """
    best, closest = 1, 0
    for number, path in _paths(text):
        shared = min(len(path), len(wanted))
        if path[:shared] == wanted[:shared] and shared > closest:
            best, closest = number, shared
    return best


def _paths(text: str) -> Iterator[tuple[int, Path]]:
    """The path of each table and of each key, with its line."""
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            table = _counted(_parts(header[2]), counts)
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            yield number, table
        elif assigned := _KEY.match(line):
            yield number, (*table, *_parts(assigned[1]))


def _counted(parts: tuple[str, ...], counts: dict[Path, int]) -> Path:
    """The path of a table inside the latest tables of the arrays that it goes through."""
    path: Path = ()
    for index, part in enumerate(parts):
        path = (*path, part)
        if path in counts and index < len(parts) - 1:
            path = (*path, counts[path])
    return path


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
