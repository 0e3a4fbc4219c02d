"""Colours and widths of terminal text."""

from __future__ import annotations

import unicodedata
from enum import Enum, unique
from typing import NamedTuple

_NO_CELL = frozenset({"Mn", "Me", "Cf"})


@unique
class Style(Enum):
    """How a piece of text looks, as the parameters of an SGR escape sequence."""

    ERROR = "1;31"
    WARNING = "1;33"
    INFO = "1;36"
    STRONG = "1"
    FRAME = "34"
    FAINT = "2"


class Paint(NamedTuple):
    """Adds colour to text where colour is wanted."""

    colour: bool

    def __call__(self, text: str, style: Style) -> str:
        """The text in a style, or as it is."""
        return f"\x1b[{style.value}m{text}\x1b[0m" if self.colour and text else text


def cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in _NO_CELL:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def clip(text: str, width: int) -> str:
    """The longest beginning of the text that fits."""
    if cells(text) <= width:
        return text
    taken = 0
    for index, character in enumerate(text):
        taken += _cells(character)
        if taken > width:
            return text[:index]
    return text


def wrap(text: str, width: int | None, indent: str = "") -> list[str]:
    """The text in lines no wider than `width`, all but the first indented; words too long are cut."""
    if width is None:
        return [text]
    lines: list[str] = []
    words = text.lstrip(" ")
    line = text[: len(text) - len(words)]
    for word in words.split(" "):
        joined = f"{line} {word}" if line.strip() else line + word
        if cells(joined) <= width:
            line = joined
            continue
        if line.strip():
            lines.append(line)
            line = indent + word
        else:
            line = joined
        while cells(line) > width and (part := clip(line, max(width, len(indent) + 2))):
            lines.append(part)
            line = indent + line[len(part) :]
    return [*lines, line] if line.strip() or not lines else lines
