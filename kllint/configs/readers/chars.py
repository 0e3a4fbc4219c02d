"""Text that remembers where each of its characters stands in the file it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

OPAQUE = "\0"
"""Stands for what the text does not tell: an undefined variable, the output of a command."""


class Chars(NamedTuple):
    """A string and, character by character, its places."""

    text: str = ""
    at: Sequence[int] = ()

    def cut(self, start: int, end: int | None = None) -> Chars:
        """A part of it."""
        return Chars(self.text[start:end], self.at[start:end])

    def plus(self, other: Chars) -> Chars:
        """Both, one after the other."""
        return Chars(self.text + other.text, (*self.at, *other.at)) if self.text else other

    def split(self) -> list[Chars]:
        """The parts between white space; empty parts at either end tell that there was white space."""
        parts, start = [], 0
        for index, char in enumerate(self.text):
            if char.isspace():
                parts.append(self.cut(start, index))
                start = index + 1
        return [*parts, self.cut(start)]


def together(items: Sequence[Chars], at: int) -> Chars:
    """All of them with a blank between, which stands at `at`."""
    if len(items) == 1:
        return items[0]
    places = [place for item in items for place in (*item.at, at)]
    return Chars(" ".join(item.text for item in items), places[:-1])


def opaque(at: int) -> Chars:
    """One character that stands for the unknown."""
    return Chars(OPAQUE, (at,))
