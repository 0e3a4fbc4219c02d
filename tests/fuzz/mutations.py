"""Ways to spoil a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

_TOKEN: Final = re.compile(rb"\w+|\s+|\"[^\"\n]*\"|'[^'\n]*'|[^\w\s]")
_BYTES: Final = (
    b"\0", b"\f", b"\r", b"\xff", b"\xc3", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"\x1b[31m", b"\x1a", b"\v", b"\\\n", b"\t",
    b"# -*- coding: latin-1 -*-\n", b"# coding: utf-16\n", b"# coding: nonsense\n", "é𝒳".encode(), "\u202e".encode(),
)  # fmt: skip
_WORDS: Final = (
    b"(", b")", b"[", b"]", b"{", b"}", b":", b",", b"=", b":=", b"*", b"**", b".", b"->", b"@", b"lambda ", b"yield ",
    b"await ", b"async ", b"return ", b"match x:\n", b"f'{x!r:>{y}}'", b"type X = int\n", b"except* ", b"global logp\n",
    b"del logp\n", b"self", b"None", b"1e999", b"-0x1", b"10" * 3000, b"...", b"logp", b"ref_logp.detach()", b"kl", b"loss",
    b"&a ", b"*a", b"<<: ", b"!!python/object ", b"${", b"$(", b"`", b"<<EOF\n", b"|\n", b">-\n", b"- ", b"? ", b"---\n",
)  # fmt: skip
_FAR: Final = 3000


def spoilt(random: Random, raw: bytes, pool: Sequence[bytes]) -> bytes:
    """A file with a few changes; what is inserted is from tokens of the file, of the pool, or odd."""
    for _ in range(random.choice((1, 1, 2, 3, 5, 8, 20))):
        raw = random.choices(_CHANGES, _WEIGHTS)[0](random, raw, pool)
    return raw


def _tokens(raw: bytes) -> list[bytes]:
    return _TOKEN.findall(raw) or [b""]


def _deleted(random: Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    tokens = _tokens(raw)
    at = random.randrange(len(tokens))
    return b"".join(tokens[:at] + tokens[at + random.choice((1, 1, 2, 5)) :])


def _doubled(random: Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    tokens = _tokens(raw)
    at = random.randrange(len(tokens))
    end = at + random.choice((1, 2, 5, 20))
    return b"".join(tokens[:end] + tokens[at:end] + tokens[end:])


def _swapped(random: Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    tokens = _tokens(raw)
    one, other = random.randrange(len(tokens)), random.randrange(len(tokens))
    tokens[one], tokens[other] = tokens[other], tokens[one]
    return b"".join(tokens)


def _replaced(random: Random, raw: bytes, pool: Sequence[bytes]) -> bytes:
    tokens = _tokens(raw)
    source = random.choice((tokens, tokens, _tokens(random.choice(pool)), _WORDS))
    tokens[random.randrange(len(tokens))] = random.choice(source)
    return b"".join(tokens)


def _alike(random: Random, raw: bytes, pool: Sequence[bytes]) -> bytes:
    """A word for a word, a sign for a sign: what stays a program."""
    tokens = _tokens(raw)
    at = random.randrange(len(tokens))
    source = tokens if random.random() < 0.6 else _tokens(random.choice(pool))
    kin = [
        token
        for token in source
        if token.isalnum() == tokens[at].isalnum() and token.isspace() == tokens[at].isspace()
    ]
    tokens[at] = random.choice(kin or [tokens[at]])
    return b"".join(tokens)


def _moved(random: Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    """A line deleted, doubled, or somewhere else with the same indentation."""
    lines = raw.splitlines(keepends=True) or [b""]
    at = random.randrange(len(lines))
    margin = len(lines[at]) - len(lines[at].lstrip())
    peers = [n for n, line in enumerate(lines) if len(line) - len(line.lstrip()) == margin]
    line = lines[at]
    if random.random() < 0.6:
        del lines[at]
    if random.random() < 0.6:
        lines.insert(random.choice(peers), line)
    return b"".join(lines)


def _inserted(random: Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    at = random.randrange(len(raw) + 1)
    return raw[:at] + random.choice((*_BYTES, *_WORDS)) + raw[at:]


def _spliced(random: Random, raw: bytes, pool: Sequence[bytes]) -> bytes:
    """Lines of another file somewhere in this one."""
    lines, others = raw.splitlines(keepends=True), random.choice(pool).splitlines(keepends=True)
    at, start = random.randrange(len(lines) + 1), random.randrange(len(others) + 1)
    return b"".join(lines[:at] + others[start : start + random.choice((1, 3, 10))] + lines[at:])


def _renamed(random: Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    """One name made another everywhere, so that things become each other."""
    names = [token for token in _tokens(raw) if token.isalpha()] or [b"x"]
    return re.sub(rb"\b" + random.choice(names) + rb"\b", random.choice(names), raw)


def _stretched(random: Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    """A line or a token again and again."""
    parts = raw.splitlines(keepends=True) if random.random() < 0.7 else _tokens(raw)
    if not parts:
        return raw
    at = random.randrange(len(parts))
    return b"".join([*parts[:at], *([parts[at]] * random.choice((3, 30, 300, _FAR))), *parts[at:]])


def _line_ends(random: Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    return raw.replace(b"\n", random.choice((b"\r", b"\r\n", b"\n\r", b"\f\n", b";", b"")))


def _cut(random: Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    return raw[: random.randrange(len(raw) + 1)]


_CHANGES: Final[tuple[Callable[[Random, bytes, Sequence[bytes]], bytes], ...]] = (
    _alike,
    _moved,
    _deleted,
    _doubled,
    _swapped,
    _replaced,
    _inserted,
    _spliced,
    _renamed,
    _stretched,
    _line_ends,
    _cut,
)
_WEIGHTS: Final = (30, 20, 4, 3, 3, 6, 3, 4, 12, 1, 0.3, 0.5)
