"""The words of a shell script: quotes, comments, continuation lines, expansions and heredocs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto, unique
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kllint.configs.readers.chars import Chars

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 20
BLANK = " \t\r"
WORD_END = BLANK + "\n|&;()<>"
SPECIAL_CHARS = "\\$`'\""
ESCAPED_IN_QUOTES = '$`"\\'
PLAIN_RUN = {stops: re.compile(f"[^{re.escape(stops + SPECIAL_CHARS)}]*") for stops in (WORD_END, '"', "}")}
BLANKS = re.compile(f"[{BLANK}]+")
CONTINUATION = re.compile(r"\\\r?\n")
BRACED = re.compile(r"\$\{([A-Za-z_]\w*|[0-9]+)(\[[@*]\])?(:?[-=]|\})")
PLAIN = re.compile(r"\$([A-Za-z_]\w*)")
SPECIAL = re.compile(r"\$[0-9@*#?$!-]")
REDIRECT = re.compile(r"[0-9&]*(?:>>|>|<)&?")
REDIRECTS = "0123456789&<>"  # that a redirection begins with
HEREDOC = re.compile(r"[0-9]*<<(-?)[ \t]*['\"\\]?([\w.]+)['\"]?")


class Literal(NamedTuple):
    """Text as it stands."""

    chars: Chars


@dataclass(frozen=True, slots=True)
class Variable:
    """`$X`, `${X}`, `${X:-default}`, `${X:=default}` or `${X[@]}`; `at` is its place in the file."""

    name: str
    at: int
    quoted: bool
    array: bool = False
    fallback: Word | None = None
    keeps: bool = False  # whether it takes the fallback for good, as `:=` does


class Opaque(NamedTuple):
    """The output of a command, arithmetic, or an expansion that is not worked out."""

    at: int


Part: TypeAlias = Literal | Variable | Opaque
Word: TypeAlias = tuple[Part, ...]


@unique
class Mark(Enum):
    """What stands between words."""

    END = auto()  # the end of a command
    OPEN = auto()  # a subshell, a function or the items of an array
    CLOSE = auto()
    REDIRECT = auto()  # the next word names a file


@dataclass(frozen=True, slots=True)
class Heredoc:
    """The lines between `<<EOF` and `EOF`; it comes after the end of its command."""

    chars: Chars


Token: TypeAlias = Word | Mark | Heredoc


class Lexer:
    """Cuts a script into words and marks. Whatever is wrong with it, some words come out."""

    def __init__(self, chars: Chars) -> None:
        self.chars = chars
        self.text = chars.text
        self.pos = 0
        self.pending: list[tuple[str, bool]] = []
        self.depth = 0  # of defaults within defaults

    def tokens(self) -> Iterator[Token]:
        """The tokens in the order of the text."""
        while self.pos < len(self.text):
            char = self.text[self.pos]
            if char in BLANK:
                self.pos = BLANKS.match(self.text, self.pos).end()  # type: ignore[union-attr]  # it is one
            elif char == "\\" and (continued := CONTINUATION.match(self.text, self.pos)):
                self.pos = continued.end()
            elif char == "#":
                self._to_line_end()
            elif char == "\n":
                self.pos += 1
                yield Mark.END
                yield from self._heredocs()
            elif char in REDIRECTS and (heredoc := HEREDOC.match(self.text, self.pos)):
                self.pos = heredoc.end()
                self.pending.append((heredoc[2], heredoc[1] == "-"))
            elif char in REDIRECTS and (redirect := REDIRECT.match(self.text, self.pos)):
                self.pos = redirect.end()
                yield Mark.REDIRECT
            elif char in "|&;()":
                self.pos += 1
                yield {"(": Mark.OPEN, ")": Mark.CLOSE}.get(char, Mark.END)
            else:
                yield tuple(self._parts(WORD_END, quoted=False))
        yield Mark.END

    def _to_line_end(self) -> None:
        end = self.text.find("\n", self.pos)
        self.pos = len(self.text) if end < 0 else end

    def _heredocs(self) -> Iterator[Heredoc]:
        for delimiter, tabs in self.pending:
            start = self.pos
            while self.pos < len(self.text):
                line_start = self.pos
                self._to_line_end()
                line = self.text[line_start : self.pos]
                self.pos += 1
                if (line.lstrip("\t") if tabs else line).rstrip("\r") == delimiter:
                    yield Heredoc(self.chars.cut(start, line_start))
                    break
        self.pending.clear()

    def _parts(self, stops: str, *, quoted: bool) -> Iterator[Part]:
        """The parts of a word up to one of `stops`; in double quotes only the dollar and its kin count."""
        while self.pos < len(self.text) and self.text[self.pos] not in stops:
            char, at = self.text[self.pos], self.chars.at[self.pos]
            if char == "\\":
                yield from self._escape(quoted=quoted)
            elif char == "$":
                yield self._dollar(quoted=quoted)
            elif char == "`":
                self._past("`")
                yield Opaque(at)
            elif char == "'" and not quoted:
                yield self._single()
            elif char == '"' and not quoted:
                self.pos += 1
                yield Literal(Chars())  # so that "" is a word, too
                yield from self._parts('"', quoted=True)
                self.pos += 1
            else:
                yield self._run(stops)

    def _run(self, stops: str) -> Literal:
        start = self.pos
        self.pos = PLAIN_RUN[stops].match(self.text, start + 1).end()  # type: ignore[union-attr]  # or nothing
        return Literal(self.chars.cut(start, self.pos))

    def _escape(self, *, quoted: bool) -> Iterator[Part]:
        if continued := CONTINUATION.match(self.text, self.pos):
            self.pos = continued.end()
            return
        keep = quoted and self.text[self.pos + 1 : self.pos + 2] not in ESCAPED_IN_QUOTES
        yield Literal(self.chars.cut(self.pos if keep else self.pos + 1, self.pos + 2))
        self.pos += 2

    def _single(self) -> Literal:
        start = self.pos + 1
        self._past("'")
        return Literal(self.chars.cut(start, max(start, self.pos - 1)))

    def _past(self, delimiter: str) -> None:
        """Go beyond the next delimiter after the character at hand."""
        end = self.text.find(delimiter, self.pos + 1)
        self.pos = len(self.text) if end < 0 else end + 1

    def _dollar(self, *, quoted: bool) -> Part:
        at = self.chars.at[self.pos]
        if self.depth < MAX_DEPTH and (braced := BRACED.match(self.text, self.pos)):
            self.pos = braced.end()
            fallback = self._fallback(quoted=quoted) if braced[3] != "}" else None
            return Variable(braced[1], at, quoted, bool(braced[2]), fallback, braced[3].endswith("="))
        if plain := PLAIN.match(self.text, self.pos):
            self.pos = plain.end()
            return Variable(plain[1], at, quoted)
        if self.text.startswith(("$(", "${"), self.pos):
            self._past_nested(self.text[self.pos + 1])
            return Opaque(at)
        if special := SPECIAL.match(self.text, self.pos):
            self.pos = special.end()
            return Opaque(at)
        if self.text.startswith("$'", self.pos) and not quoted:
            self.pos += 1
            return self._single()
        self.pos += 1
        return Literal(self.chars.cut(self.pos - 1, self.pos))

    def _fallback(self, *, quoted: bool) -> Word:
        self.depth += 1
        parts = tuple(self._parts("}", quoted=quoted))
        self.depth -= 1
        self.pos += 1
        return parts

    def _past_nested(self, bracket: str) -> None:
        closing, depth = {"(": ")", "{": "}"}[bracket], 0
        for index in range(self.pos + 1, len(self.text)):
            depth += (self.text[index] == bracket) - (self.text[index] == closing)
            if not depth:
                self.pos = index + 1
                return
        self.pos = len(self.text)
