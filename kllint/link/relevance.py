"""Which functions may have to do with a KL: told by the words of their text, before anything of it is lowered.

A function is worth a summary of its own where its text hints at a KL, or names a function whose sinks depend
on what it is handed. One that is called is worth it, too, where it may change what becomes of a KL.
"""

from __future__ import annotations

import re
import string
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from kllint.link.shape import telling
from kllint.link.words import words
from kllint.source.scan import HINTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kllint.ir.values import Value
    from kllint.link.scope import Closure

_BY_CALL = rb"(?:\w{0,80}|[^=(\n]{0,80}=(?!=)[^(\n]{0,200})\("
"""Behind a word: it names a function, or something that is had from one. Bounded: lines may be millions long."""
# Each begins with fixed letters, as those of `kllint.source.scan` do.
_AROUND = tuple(
    map(
        re.compile,
        (
            rb"oss(?<=[lL]oss)" + _BY_CALL,
            rb"OSS(?<=[lL]OSS)" + _BY_CALL,
            rb"ogit(?<=[lL]ogit)",
            rb"backward",
            rb"detach",
            rb"no_grad",
            rb"inference_mode",
        ),
    )
)
"""What a function may do to a KL without a word of it."""
_ENDS = tuple(
    map(
        re.compile,
        (
            rb"oss(?<=[lL]oss)",
            rb"OSS(?<=[lL]OSS)",
            rb"ew(?<=[rR]ew)",
            rb"EW(?<=[rR]EW)",
            rb"dv(?<=[aA]dv)",
            rb"DV(?<=[aA]DV)",
            rb"eturns(?<=[rR]eturns)",
            rb"bjective",
            rb"training_step",
            rb"backward",
            rb"\.grad\(",
            rb"kl(?<![a-zA-Z]kl)(?![a-ce-z])",
            rb"KL(?<![A-Z]KL)",
            rb"ivergence",
        ),
    )
)
"""The words of sinks that are judged."""
_BACK = tuple(map(re.compile, (rb"return", rb"yield", rb"lambda")))
_WORDS = (string.ascii_letters + string.digits + "_").encode()
_APART = bytes(code if code in _WORDS else ord(" ") for code in range(256))
"""Translates a text to one of words alone: to split it takes half as long as to find the words by a pattern."""
_TOP_LEVEL = re.compile(rb"\n(?:(?:async )?(?:def|class) (\w+)|[A-Za-z_@])")
_COMMENT = re.compile(rb"#[^\n\"']*$", re.MULTILINE)
"""A comment; a line with a quote behind `#` is not surely one."""
_DOCSTRING = b'"""'
_CONSTRUCTORS = frozenset({"__init__", "__post_init__"})
_BY_CLASS = frozenset({"__init__", "__post_init__", "__call__", "forward", "setup"})


class Relevance:
    """What the text of functions says of them; `read` gives the bytes of a file."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._hints: dict[int, bool] = {}
        self._defined: dict[str, dict[bytes, tuple[int, int]]] = {}
        self._speaks: dict[tuple[str, tuple[int, int]], bool] = {}
        self._ends: dict[int, bool] = {}
        self._changes: dict[int, bool] = {}
        self._silent: dict[int, bool] = {}
        self._names: set[bytes] = set()
        self._words: dict[int, frozenset[bytes]] = {}
        self._mentions: dict[tuple[str, frozenset[bytes]], bool] = {}

    def hints(self, closure: Closure) -> bool:
        """Whether a function's text hints at a KL."""
        if closure.number not in self._hints:
            self._hints[closure.number] = self._says(closure, HINTS)
        return self._hints[closure.number]

    def changes(self, closure: Closure, arguments: Iterable[Value]) -> bool:
        """Whether calling a function may matter to a KL: by its words, by whom it calls, or by what it is handed."""
        if closure.number not in self._changes:
            self._changes[closure.number] = (
                self.hints(closure)
                or self._says(closure, _AROUND)
                or not self._names.isdisjoint(self.words(closure))
            )
        return (self._changes[closure.number] or any(map(telling, arguments))) and not self.silent(closure)

    def silent(self, closure: Closure) -> bool:
        """Whether a function hands nothing back, sets up no object, and has no word of where a KL ends."""
        if closure.number not in self._silent:
            told = closure.definition.name in _BY_CLASS or self._says(closure, (*_BACK, *_ENDS))
            self._silent[closure.number] = not told
        return self._silent[closure.number]

    def mentions(self, closure: Closure, names: frozenset[bytes]) -> bool:
        """Whether one of some names is among the words of a function's text."""
        path = closure.scope.path
        if (path, names) not in self._mentions:
            raw = self._read(path)
            self._mentions[path, names] = any(name in raw for name in names)
        return self._mentions[path, names] and not names.isdisjoint(self.words(closure))

    def words(self, closure: Closure) -> frozenset[bytes]:
        """The words of a function's text."""
        if closure.number not in self._words:
            raw = self._read(closure.scope.path)
            texts = (raw[start:end] for start, end in spans(closure))
            words = chain.from_iterable(text.translate(_APART).split() for text in texts)
            self._words[closure.number] = frozenset(words)
        return self._words[closure.number]

    def speaks(self, path: str, name: str) -> bool | None:
        """Whether a function or class at a file's top level has words of a KL, or of what is done to one.

        None where the file has none of that name, as far as its lines tell.
        """
        if path not in self._defined:
            self._defined[path] = definitions(self._read(path))
        span = self._defined[path].get(name.encode())
        if span is None:
            return None
        if (path, span) not in self._speaks:
            self._speaks[path, span] = _in_code(self._read(path), [span], (*HINTS, *_AROUND))
        return self._speaks[path, span]

    def names_of(self, closures: Iterable[Closure]) -> None:
        """Keep the names of the functions that hint at a KL: by these, others are known that call them.

        A function's name of one word (`update`, `main`) names too much, as does one of which most have no hint.
        """
        told: dict[bytes, list[bool]] = {}
        for closure in closures:
            told.setdefault(called(closure), []).append(self.hints(closure))
        for name, hints in told.items():
            is_class, several = name[:1].isupper(), len(words(name.decode())) > 1
            if any(hints) if is_class else several and 2 * sum(hints) >= len(hints):
                self._names.add(name)

    def ends(self, closure: Closure) -> bool:
        """Whether a KL may end in a function: in a loss, a reward, or under its own name.

        None ends in a constructor; what it sets up is looked up by who uses it.
        """
        if closure.number not in self._ends:
            named = any(one.search(closure.name.encode()) for one in _ENDS)  # GRPOLoss.forward
            told = self.hints(closure) and (named or self._says(closure, _ENDS))
            self._ends[closure.number] = told and closure.definition.name not in _CONSTRUCTORS
        return self._ends[closure.number]

    def _says(self, closure: Closure, patterns: Sequence[re.Pattern[bytes]]) -> bool:
        """Whether one of the patterns is in a function's text."""
        return _in_code(self._read(closure.scope.path), list(spans(closure)), patterns)


def _in_code(raw: bytes, spans: Sequence[tuple[int, int]], patterns: Sequence[re.Pattern[bytes]]) -> bool:
    """Whether one of the patterns is in a part of a text, but for its docstrings and comments."""
    if not any(pattern.search(raw, *span) for span in spans for pattern in patterns):
        return False  # as nearly all, and far sooner
    return any(
        pattern.search(code)
        for code in map(_code, (raw[start:end] for start, end in spans))
        for pattern in patterns
    )


def _code(text: bytes) -> bytes:
    """A text without docstrings and comments."""
    parts = text.split(_DOCSTRING)
    return _COMMENT.sub(b"", b"".join(parts[::2]) if len(parts) % 2 else text)


def definitions(raw: bytes) -> dict[bytes, tuple[int, int]]:
    """Where the functions and classes at the top level of a file are, as far as its lines tell."""
    text = b"\n" + raw  # so that the end of each line is where the next one starts in `raw`
    heads = list(_TOP_LEVEL.finditer(text))
    pairs = zip_longest(heads, heads[1:])
    return {head[1]: (head.start(), after.start() if after else len(raw)) for head, after in pairs if head[1]}


def spans(closure: Closure) -> Iterator[tuple[int, int]]:
    """Where the text of a function is; that of a module's body is in pieces, between the functions."""
    definition = closure.definition
    whole = (definition,) if definition.end else definition.body
    return ((node.start, node.end) for node in whole)


def called(closure: Closure) -> bytes:
    """The name by which a function is called: that of its class, where calling or making an object calls it."""
    owner, _, name = closure.name.rpartition(".")
    return (owner.rpartition(".")[2] if owner and name in _BY_CLASS else name).encode()
