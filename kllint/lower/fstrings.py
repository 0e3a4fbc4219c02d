"""The expressions in f-strings, where Python before 3.12 gives them wrong places."""

from __future__ import annotations

import ast
import re

from kllint.lower.places import Places, Span

_PIECE = re.compile(rb"(?P<prefix>[a-zA-Z]*)(?P<quote>\"{3}|'{3}|\"|')|#[^\r\n]*|[^\"'#\w]+|\w", re.DOTALL)
_STRING = re.compile(rb"\"{3}.*?\"{3}|'{3}.*?'{3}|\"[^\"\r\n]*\"|'[^'\r\n]*'", re.DOTALL)
_NAMED = re.compile(rb"\\N\{[^}]*\}")
_OPEN, _CLOSE = b"([{", b")]}"


def expressions(places: Places, span: Span) -> list[tuple[ast.expr, Places]]:
    """The expressions of the f-string at a span, each with a tree of its own and the places for that."""
    found = []
    for start, end in _Fields(places.raw, *span).spans:
        try:
            tree = ast.parse(b"(%b)" % places.raw[start:end], mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return []
        lines = places.raw[start:end].splitlines(keepends=True)
        starts = [start - 1]  # one bracket in front
        position = start
        for line in lines[:-1]:
            position += len(line)
            starts.append(position)
        found.append((tree.body, Places(places.raw, starts)))
    return found


class _Fields:
    """The spans of the replacement fields' expressions, scanned from the bytes of a string display."""

    def __init__(self, raw: bytes, start: int, end: int) -> None:
        self.raw = raw
        self.end = end
        self.at = start
        self.spans: list[Span] = []
        while self.at < end and (piece := _PIECE.match(raw, self.at, end)):
            self.at = piece.end()
            if piece["quote"]:
                self._string(piece["prefix"].lower(), piece["quote"])

    def _string(self, prefix: bytes, quote: bytes) -> None:
        """Passes over one string, to behind its closing quote."""
        while self.at < self.end and not self.raw.startswith(quote, self.at):
            byte = self.raw[self.at : self.at + 1]
            if byte == b"\\":
                self._escape(prefix)
            elif byte == b"{" and b"f" in prefix:
                if self.raw.startswith(b"{{", self.at):
                    self.at += 2
                else:
                    self._field()
            else:
                self.at += 1
        self.at += len(quote)

    def _escape(self, prefix: bytes) -> None:
        named = None if b"r" in prefix else _NAMED.match(self.raw, self.at)
        if named:
            self.at = named.end()
        else:
            self.at += 1 if self.raw.startswith(b"\\{", self.at) else 2

    def _field(self) -> None:
        start = self.at + 1
        self._skip(start, b"!:}")
        text = self.raw[start : self.at].rstrip()
        end = start + len(text.removesuffix(b"="))
        self.spans.append((start, end))
        self._skip(self.at, b"}")  # the conversion and the format, whose own fields are not followed
        self.at += 1

    def _skip(self, at: int, stops: bytes) -> None:
        """Passes over brackets and strings to the first of some characters outside of them."""
        depth = 0
        while at < self.end:
            byte = self.raw[at]
            if byte in b"\"'" and (string := _STRING.match(self.raw, at, self.end)):
                at = string.end()
                continue
            if depth == 0 and byte in stops and not self.raw.startswith(b"!=", at):
                break
            depth += (byte in _OPEN) - (byte in _CLOSE)
            at += 1
        self.at = at
