"""Comments and the statements that they stand in or above, in Python and in configuration files."""

from __future__ import annotations

import re
import tokenize
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.source.text import Source

_LAYOUT = frozenset({tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER})
_BARE_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, and the lines of the statement that it speaks of: its own, or the next one."""

    text: str
    line: int
    column: int
    alone: bool  # on a line without code
    lines: range  # empty where no statement follows


def comments(source: Source, *, is_python: bool) -> list[Comment]:
    """All comments of a file, in order."""
    return list(_python(source) if is_python else _by_lines(source, 1))


def statement_lines(source: Source, line: int) -> range | None:
    """The lines of the Python statement that a line belongs to; None if they cannot be told."""
    try:
        statements = (range(first, last + 1) for first, last in _statements(_tokens(source)))
        return next((lines for lines in statements if line in lines), None)
    except (tokenize.TokenError, SyntaxError):
        return None  # newer syntax than that of the Python that runs kllint


def _tokens(source: Source) -> Iterator[tokenize.TokenInfo]:
    lines = (source.line(number) + "\n" for number in range(1, len(source.starts) + 1))
    return tokenize.generate_tokens(lambda: next(lines, ""))


def _statements(tokens: Iterator[tokenize.TokenInfo]) -> Iterator[tuple[int, int]]:
    first = 0
    for token in tokens:
        if token.type == tokenize.NEWLINE:
            yield first, token.start[0]
            first = 0
        elif not first and token.type not in {*_LAYOUT, tokenize.COMMENT}:
            first = token.start[0]


def _python(source: Source) -> Iterator[Comment]:
    first = done = 0  # the line on which the open statement begins; the last line that is dealt with
    waiting: list[tokenize.TokenInfo] = []
    try:
        for token in _tokens(source):
            if token.type == tokenize.COMMENT:
                waiting.append(token)
            elif token.type == tokenize.NEWLINE:
                yield from _settle(waiting, range(first, token.start[0] + 1))
                first, done, waiting = 0, token.start[0], []
            elif not first and token.type not in _LAYOUT:
                first = token.start[0]
    except (tokenize.TokenError, SyntaxError):
        yield from _by_lines(source, done + 1)
    else:
        yield from _settle(waiting, range(0))


def _settle(tokens: list[tokenize.TokenInfo], lines: range) -> Iterator[Comment]:
    for token in tokens:
        line, column = token.start
        yield Comment(token.string, line, column + 1, not token.line[:column].strip(), lines)


def _by_lines(source: Source, start: int) -> Iterator[Comment]:
    """Comments where a statement is a line, or several joined by backslashes (as in shell scripts)."""
    waiting: list[tuple[str, int, int]] = []
    number = start
    while number <= len(source.starts):
        first = number
        while source.line(number).rstrip().endswith("\\") and number < len(source.starts):
            number += 1
        lines = range(first, number + 1)
        number += 1
        comment = _BARE_COMMENT.search(source.line(lines[-1]))
        alone = (
            comment is not None and not source.line(lines[-1])[: comment.start()].strip() and len(lines) == 1
        )
        if comment and alone:
            waiting.append((comment[0], first, comment.start() + 1))
        elif comment or source.line(first).strip():
            yield from (Comment(text, line, column, True, lines) for text, line, column in waiting)
            waiting = []
            if comment:
                yield Comment(comment[0], lines[-1], comment.start() + 1, False, lines)
    yield from (Comment(text, line, column, True, range(0)) for text, line, column in waiting)
