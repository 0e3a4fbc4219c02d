"""A text without the parameters and bodies of its functions, most of which nobody looks into.

Where they are is told by lines, and what those do not tell for sure stays in. Whether a part that was left out
really is of a function is for the parser of what is left to say.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

_FUNCTION = re.compile(r"\n([ \t]*)(?:async[ \t]+)?def[ \t]+\w+")
_INDENT = re.compile(r"^([ \t]*)[^\s#]", re.MULTILINE)
_LONGEST_HEAD = 200  # lines
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))
_QUOTES = ('"""', "'''")


class Extent(NamedTuple):
    """A function without its decorators: where it is in the text, and its first line, counted from 1."""

    start: int
    end: int
    line: int


class Outline(NamedTuple):
    """A text in which a name stands for each body, at its end, where the body ends; the functions by that line."""

    text: str
    functions: dict[int, Extent]


def outline(text: str) -> Outline:
    """The text without the parameters and bodies of the outermost functions."""
    pieces: list[str] = []
    functions: dict[int, Extent] = {}
    position, copied, line = 0, 0, 1
    while function := _FUNCTION.search(text, position):
        extent = _body(text, function)
        if extent is None:
            position = function.end()
            continue
        start, last, end = extent
        line += text.count("\n", copied, function.start() + 1)
        below = text.count("\n", function.end(), last)
        functions[line + below] = Extent(function.start() + 1, end, line)
        pieces += (text[copied : function.end()], "():", "\n" * below, _name(text, start, last, end))
        position = copied = end
        line += below
    return Outline("".join((*pieces, text[copied:])), functions)


def _body(text: str, function: re.Match[str]) -> tuple[int, int, int] | None:
    """Where the body of a function starts, its last line starts, and it ends; None if the lines do not tell."""
    indent = len(function[1])
    start = _below_head(text, function.end())
    if start is None or not _is_head(text[function.end() : start], indent):
        return None
    end = _outside(text, start, indent)
    if end is None:
        return None
    end = start + len(text[start:end].rstrip())
    last = text.rfind("\n", start, end) + 1
    while last > start and text[last:end].lstrip()[0] == "#":
        end = start + len(text[start:last].rstrip())
        last = text.rfind("\n", start, end) + 1
    return (start, last, end) if last > start and _is_closed(text, start, end) else None


def _is_head(text: str, indent: int) -> bool:
    """Whether no line of a head but the first can be a statement beside the function."""
    return all(line[0][-1] in ")]}" for line in _indented(indent).finditer(text))


def _below_head(text: str, position: int) -> int | None:
    """Where the line below a function's head starts: the head ends with a colon outside brackets."""
    opened = 0
    for _ in range(_LONGEST_HEAD):
        end = text.find("\n", position)
        head = text[position:end].partition("#")[0].rstrip()
        opened += sum(map(head.count, "([{")) - sum(map(head.count, ")]}"))
        if end < 0 or opened <= 0:
            return end + 1 if end >= 0 and head.endswith(":") else None
        position = end + 1
    return None


def _outside(text: str, start: int, indent: int) -> int | None:
    """Where the first line starts that is not indented more than the function, nor in a string of several lines."""
    lines = _indented(indent)
    outside = lines.search(text, start - 1)
    end = outside.start() if outside else len(text)
    while any(text.count(quotes, start, end) % 2 for quotes in _QUOTES):
        if outside is None or outside["define"]:
            return None
        outside = lines.search(text, end + 1)
        end = outside.start() if outside else len(text)
    return end


def _is_closed(text: str, start: int, end: int) -> bool:
    """Whether each bracket of a body is closed in it, if none is in a string: a text cut off in the middle shows."""
    return all(text.count(left, start, end) == text.count(right, start, end) for left, right in _BRACKETS)


@cache
def _indented(most: int) -> re.Pattern[str]:
    """A line of text that is indented by so much at the most."""
    return re.compile(rf"\n[ \t]{{0,{most}}}+(?:(?P<define>def|class|async|@)\b|[^\s#])")


def _name(text: str, start: int, last: int, end: int) -> str:
    """A name that is indented as the body is and ends where its last line ends, in bytes."""
    first = _INDENT.search(text, start, end)
    indent = first[1] if first else ""
    return indent + "_" * max(1, len(text[last:end].encode()) - len(indent))
