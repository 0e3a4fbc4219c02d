"""The line of a key in a TOML file, which `tomllib` does not tell."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*\[+([^\]]*)\]")
_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_PART = re.compile(r"[\w-]+|\"[^\"]*\"|'[^']*'")


def line_of(text: str, section: tuple[str, ...], key: str) -> int:
    """The line of `key` in a section, from 1; that of the table which holds it if it is not seen."""
    wanted = (*section, key)
    table: tuple[str, ...] = ()
    best, closest = 1, 0
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            path = table
        elif assigned := _KEY.match(line):
            path = (*table, *_parts(assigned[1]))
        else:
            continue
        shared = min(len(path), len(wanted))
        if path[:shared] == wanted[:shared] and shared > closest:
            best, closest = number, shared
    return best


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
