"""Which files and units are worth a look: a scan of bytes that nearly all configuration ends at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kllint.configs.scan import PYTHON, SHELL, gives, spelt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kllint.configs.setting import Key, Unit

KL = re.compile(r"(?:^|_)r?kl(?:_|$)")
IN_SIGHT = re.compile(rb"kl")  # of two letters, `re` is faster to say that they are not there


class Hints(NamedTuple):
    """What tells that a file is for one framework, and the last parts of the keys that count there."""

    words: frozenset[str]
    packages: frozenset[str]
    classes: frozenset[str]
    commands: frozenset[str]
    keys: frozenset[str]

    @classmethod
    def of(
        cls,
        words: Iterable[str],
        modules: Iterable[str],
        classes: Iterable[str],
        commands: Iterable[str],
        keys: Iterable[Key],
        signature: Iterable[Key],
    ) -> Hints:
        """The hints that lie in what a profile says: a key that tells does so by its beginning or its end."""
        return cls(
            frozenset(words),
            frozenset(module.partition(".")[0] for module in modules),
            frozenset(classes),
            frozenset(commands),
            frozenset((*(key[-1] for key in signature), *(key[0] for key in keys if len(key) > 1))),
        )


class Gate:
    """Lets those through that hold a key of a profile at which a finding can stand.

    The keys come in two kinds: one that speaks of KL is enough; any other one (`beta`) counts only beside
    something else of its framework.
    """

    def __init__(self, hints: Sequence[Hints]) -> None:
        self.leaves = frozenset(word for each in hints for word in each.words)
        strong = frozenset(word for word in self.leaves if KL.search(word))
        self._strong = _Strong(strong)
        weak = sorted(self.leaves - strong)
        self._weak = [_Weak(word, word.encode(), _Beside(hints, word)) for word in weak]
        self._in_python: dict[tuple[bytes, ...], list[_Weak]] = {}
        for one in self._weak:
            self._in_python.setdefault(one.beside.python, []).append(one)

    def admits(self, path: str, raw: bytes) -> bool:
        """Whether a file can hold a finding; most code that speaks of keys only reads them."""
        strong, is_python = self._strong.found(raw), path.endswith(PYTHON)
        if strong and (not is_python or any(gives(path, raw, word) for word in strong)):
            return True
        text, around = raw.replace(b"-", b"_"), path.encode("utf-8", "surrogateescape") + b"\n" + raw
        return any(
            gives(path, raw, word) and (strong or beside.in_sight(path, around))
            for word, spelt, beside in (self._near(around) if is_python and not strong else self._weak)
            if spelt in text
        )

    def _near(self, around: bytes) -> Iterator[_Weak]:
        """The keys without those of which it is sooner told that their framework is not in sight of some code."""
        for sights, keys in self._in_python.items():
            if len(keys) < len(sights) or any(map(around.__contains__, sights)):
                yield from keys

    def wants(self, unit: Unit) -> bool:
        """Whether a unit can hold a finding."""
        return any(setting.key and setting.key[-1] in self.leaves for setting in unit.settings)


def _shortest(words: Sequence[bytes]) -> tuple[bytes, ...]:
    """The words that hold no other one: where such a one is in sight, so is the other."""
    return tuple(word for word in words if not any(other in word and other != word for other in words))


class _Strong:
    """Words that speak of KL; the pattern is compiled when it is first needed, which it seldom is."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted(words, key=lambda word: (-word.index("kl"), word))
        self._compiled: re.Pattern[bytes] | None = None

    def found(self, raw: bytes) -> frozenset[str]:
        """Those that are in a text."""
        if not IN_SIGHT.search(raw):
            return frozenset()
        if self._compiled is None:
            self._compiled = re.compile(rf"kl(?:{'|'.join(map(_around, self._words)) or '(?!)'})".encode())
        groups = {match.lastindex or 0 for match in self._compiled.finditer(raw)}
        return frozenset(self._words[group - 1] for group in groups)


def _around(word: str) -> str:
    """What a word has before and after its first "kl", which `re` finds at once."""
    before, _, after = (re.escape(part).replace("_", "[_-]") for part in word.partition("kl"))
    return rf"(?<={before}kl){after}(?!\w)()"


class _Beside:
    """What a file must mention beside a key that does not speak of KL, to be for a framework that has the key.

    That is, in Python, one of its classes or, without classes, the package; elsewhere anything that tells.
    """

    def __init__(self, hints: Sequence[Hints], word: str) -> None:
        python = text = frozenset[str]()
        for each in (each for each in hints if word in each.words):
            keys = each.keys - {word}
            python |= each.classes or each.packages or keys
            text |= each.packages | each.classes | each.commands | keys
        self.python, self._text = _shortest(spelt(python)), _shortest(spelt(text))

    def in_sight(self, path: str, around: bytes) -> bool:
        """Whether a file may be for one of the frameworks, by its path and its text."""
        if path.endswith(SHELL):  # the script that it launches may tell
            return True
        return any(map(around.__contains__, self.python if path.endswith(PYTHON) else self._text))


class _Weak(NamedTuple):
    """A key that does not speak of KL, and what it counts beside."""

    word: str
    spelt: bytes
    beside: _Beside
