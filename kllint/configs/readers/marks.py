"""From the code-point offsets that parsers count in to the byte offsets that findings are made of."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from kllint.findings import Span

if TYPE_CHECKING:
    from kllint.configs.setting import File


class Text:
    """The decoded text of a file, with the way back from a character to its byte."""

    def __init__(self, file: File) -> None:
        self.path = file.path
        self.bom = 3 if file.raw.startswith(b"\xef\xbb\xbf") else 0
        self.text = file.raw[self.bom :].decode("utf-8")
        self._bytes = (
            None if self.text.isascii() else [0, *accumulate(len(char.encode()) for char in self.text)]
        )

    def byte(self, index: int) -> int:
        """The byte offset of a character."""
        index = min(index, len(self.text))
        return self.bom + (index if self._bytes is None else self._bytes[index])

    def span(self, start: int, end: int) -> Span:
        """The bytes of a range of characters, cut at the end of its first line."""
        line_end = self.text.find("\n", start, end)
        end = end if line_end < 0 else line_end
        return Span(self.path, self.byte(start), self.byte(start + len(self.text[start:end].rstrip())))
