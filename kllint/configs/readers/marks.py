"""From the code-point offsets that parsers count in to the byte offsets that findings are made of."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from kllint.configs.readers.chars import Chars
from kllint.findings import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kllint.configs.setting import File

BOM = b"\xef\xbb\xbf"


class Text:
    """The decoded text of a file, with the way back from a character to its byte."""

    def __init__(self, file: File) -> None:
        self.path = file.path
        bom = len(BOM) if file.raw.startswith(BOM) else 0
        self.text = file.raw[bom:].decode("utf-8")
        self.places: Sequence[int] = (
            range(bom, bom + len(self.text) + 1)
            if self.text.isascii()
            else [*accumulate(map(len, map(str.encode, self.text)), initial=bom)]
        )

    def chars(self, start: int = 0, end: int | None = None) -> Chars:
        """A range of characters with their bytes."""
        end = len(self.text) if end is None else end
        return Chars(self.text[start:end], self.places[start:end])

    def span(self, start: int, end: int) -> Span:
        """The bytes of a range of characters, cut at the end of its first line."""
        line_end = self.text.find("\n", start, end)
        first_line = self.text[start : end if line_end < 0 else line_end].rstrip()
        return Span(self.path, self.places[start], self.places[start + len(first_line)])
