"""One file's bytes, and the positions that people and formats count in.

Everything inside kllint is a byte offset into the file as it is on disk. Lines and columns are made
here, when something is reported, and nowhere else.
"""

from __future__ import annotations

from bisect import bisect_right
from codecs import BOM_UTF8
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple


class Position(NamedTuple):
    """A place in a text: both numbers count from 1, columns count code points."""

    line: int
    column: int


class Undecodable(Exception):  # noqa: N818  # it reads as the reason it carries
    """The bytes are not text in the encoding that the file declares."""

    def __init__(self, reason: str, offset: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


class Source:
    """A file's path and bytes, decoded as Python would decode them."""

    def __init__(self, path: str, raw: bytes) -> None:
        self.path = path
        self.raw = raw

    @cached_property
    def bom(self) -> int:
        """How many bytes of byte-order mark the file begins with."""
        return len(BOM_UTF8) if self.raw.startswith(BOM_UTF8) else 0

    @cached_property
    def encoding(self) -> str:
        """The encoding by BOM or PEP 263 cookie; UTF-8 where the cookie names none that exists."""
        try:
            return _declared_encoding(self.raw)
        except SyntaxError:
            return "utf-8"

    @cached_property
    def text(self) -> str:
        """The decoded text without BOM and with its own line ends; raises `Undecodable`."""
        try:
            encoding = _declared_encoding(self.raw)
        except SyntaxError as error:
            raise Undecodable(str(error.msg)) from None
        if _is_wide(encoding):
            raise Undecodable(f"not valid {encoding}: Python source has no such encoding")
        try:
            return self.raw[self.bom :].decode(encoding)
        except UnicodeDecodeError as error:
            offset = self.bom + error.start
            shown = f"byte 0x{self.raw[offset]:02x}" if offset < len(self.raw) else "its end"
            raise Undecodable(f"not valid {encoding}: {shown} cannot be decoded", offset) from None
        except (LookupError, UnicodeError) as error:
            raise Undecodable(f"not valid {encoding}: {error}") from None

    @cached_property
    def starts(self) -> list[int]:
        """The offset at which each line starts; a line ends with LF, CRLF or CR, as Python sees it."""
        lengths = map(len, self.raw.splitlines(keepends=True))
        starts = [0, *accumulate(lengths)]
        ended = self.raw.endswith((b"\n", b"\r"))
        return starts if ended or len(starts) == 1 else starts[:-1]

    def position(self, offset: int) -> Position:
        """The line and the code-point column of a byte."""
        line, before = self._before(offset)
        return Position(line, len(before) + 1)

    def utf16_column(self, offset: int) -> int:
        """The column of a byte in UTF-16 code units, from 1."""
        _, before = self._before(offset)
        return len(before.encode("utf-16-le", "surrogatepass")) // 2 + 1

    def offset(self, line: int, column: int = 1) -> int:
        """The byte at a line and code-point column, both clamped to what exists."""
        line = min(max(line, 1), len(self.starts))
        start = self._text_start(line)
        prefix = self.line(line)[: max(column, 1) - 1]
        return start + len(prefix.encode(self.encoding, "replace"))

    def line(self, line: int) -> str:
        """The text of a line without its line end; what cannot be decoded is replaced."""
        if not 1 <= line <= len(self.starts):
            return ""
        end = self.starts[line] if line < len(self.starts) else len(self.raw)
        return self._decode(self._text_start(line), end).rstrip("\r\n")

    def slice(self, start: int, end: int) -> str:
        """The text between two bytes."""
        return self._decode(start, end)

    def _before(self, offset: int) -> tuple[int, str]:
        offset = min(max(offset, 0), len(self.raw))
        line = bisect_right(self.starts, offset)
        return line, self._decode(self._text_start(line), offset)

    def _text_start(self, line: int) -> int:
        return self.starts[line - 1] or self.bom

    def _decode(self, start: int, end: int) -> str:
        try:
            return self.raw[start:end].decode(self.encoding, "replace")
        except (LookupError, UnicodeError):
            return self.raw[start:end].decode("latin-1")


def _is_wide(encoding: str) -> bool:
    """Whether the encoding is no superset of ASCII, which source must be to hold a cookie."""
    try:
        return "a".encode(encoding) != b"a"
    except (LookupError, UnicodeError):
        return True


def _declared_encoding(raw: bytes) -> str:
    """The encoding of Python source; raises SyntaxError for a cookie that names none."""
    head = raw[:1000]
    if b"coding" not in head:
        return "utf-8"
    from tokenize import detect_encoding  # noqa: PLC0415  # costs 7 ms that most files need not pay

    # Lines are split here since CR alone ends a line, too, which `detect_encoding` does not know.
    lines = iter(head.splitlines(keepends=True)[:2])
    encoding, _ = detect_encoding(lambda: next(lines, b""))
    return encoding.removesuffix("-sig")
