"""From lines and columns of `ast` nodes to bytes of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from kllint.source.text import Source

Span = tuple[int, int]


class Places:
    """Where the nodes of a tree are in the bytes it was parsed from.

    `starts` are the offsets of the lines. `ast` counts lines from 1, and columns in bytes of UTF-8.
    """

    def __init__(self, raw: bytes, starts: Sequence[int]) -> None:
        self.raw = raw
        self.starts = [0, *starts]

    def span(self, node: ast.AST) -> Span:
        """The node's bytes in the file."""
        starts = self.starts
        return (
            starts[node.lineno] + node.col_offset,  # type: ignore[attr-defined]
            starts[node.end_lineno] + node.end_col_offset,  # type: ignore[attr-defined]
        )

    def below(self, lines: int) -> Places:
        """The places of a tree whose lines are counted from so many lines below the first."""
        return Places(self.raw, self.starts[lines + 1 :])

    def closed(self, end: int, limit: int) -> int:
        """The end of an operand, from the end of its node, with the brackets that close before a limit."""
        return end + self.raw[end:limit].rfind(b")") + 1


class Fixed(Places):
    """One span for every node: for trees whose own places are no good."""

    def __init__(self, span: Span) -> None:
        super().__init__(b"", ())
        self._span = span

    def span(self, node: ast.AST) -> Span:
        return self._span


class _Recoded(Places):
    """Places in a file that is not in UTF-8, which is what `ast` counts in."""

    def __init__(self, source: Source, starts: Sequence[int]) -> None:
        super().__init__(b"", starts)  # without its bytes: f-strings are not looked into
        self._source = source

    def span(self, node: ast.AST) -> Span:
        return (
            self._offset(node.lineno, node.col_offset),  # type: ignore[attr-defined]
            self._offset(node.end_lineno, node.end_col_offset),  # type: ignore[attr-defined]
        )

    def _offset(self, line: int, column: int) -> int:
        before = self._source.line(line).encode()[:column].decode()
        return self.starts[line] + len(before.encode(self._source.encoding))


def places_of(source: Source) -> Places:
    """The places of a tree that was parsed from the text of a file."""
    starts = [source.bom, *source.starts[1:]]
    if source.encoding in {"utf-8", "ascii"} or source.raw.isascii():
        return Places(source.raw, starts)
    return _Recoded(source, starts)
