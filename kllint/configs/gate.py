"""Which files and units are worth a look: a scan of bytes that nearly all configuration ends at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kllint.configs.scan import PYTHON, SHELL, gives, holds, spelt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kllint.configs.setting import Key, Unit

KL = re.compile(r"(?:^|_)r?kl(?:_|$)")


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
    something else of its framework. Substrings that all the keys share are looked for first, since Python's
    search for one string is a hundred times as fast as that for a pattern.
    """

    def __init__(self, hints: Sequence[Hints]) -> None:
        self.leaves = frozenset(word for each in hints for word in each.words)
        strong = frozenset(word for word in self.leaves if KL.search(word))
        self._stems, self._strong = spelt(frozenset(map(_stem, strong))), _Pattern(strong)
        self._all = _Pattern(self.leaves)
        self._weak = [
            (stem, word, [_Beside(each, word) for each in hints if word in each.words])
            for word in sorted(self.leaves - strong)
            for stem in spelt((word,))
        ]

    def admits(self, path: str, raw: bytes) -> bool:
        """Whether a file can hold a finding; most code that speaks of keys only reads them."""
        if holds(self._stems, raw) and self._strong.in_sight(raw):
            return not path.endswith(PYTHON) or any(gives(path, raw, word) for word in self._all.found(raw))
        for stem, word, besides in self._weak:
            if (
                stem in raw
                and gives(path, raw, word)
                and any(beside.in_sight(path, raw) for beside in besides)
            ):
                return True
        return False

    def wants(self, unit: Unit) -> bool:
        """Whether a unit can hold a finding."""
        return any(setting.key and setting.key[-1] in self.leaves for setting in unit.settings)


class _Pattern:
    """Words that no letter follows, compiled when they are first looked for: few ever are."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = words
        self._compiled: re.Pattern[bytes] | None = None

    def in_sight(self, raw: bytes) -> bool:
        """Whether one of the words is there."""
        return self._pattern().search(raw) is not None

    def found(self, raw: bytes) -> frozenset[str]:
        """Which of the words are there."""
        return frozenset(word.replace(b"-", b"_").decode() for word in self._pattern().findall(raw))

    def _pattern(self) -> re.Pattern[bytes]:
        if self._compiled is None:
            choice = "|".join(re.escape(word).replace("_", "[_-]") for word in sorted(self._words)) or r"(?!)"
            self._compiled = re.compile(rf"(?:{choice})(?!\w)".encode())
        return self._compiled


class _Beside:
    """What a file must mention beside a key that does not speak of KL, to be for the key's framework.

    That is, in Python, one of its classes or, without classes, the package; elsewhere anything that tells.
    """

    def __init__(self, hints: Hints, word: str) -> None:
        keys = hints.keys - {word}
        self._python = spelt(hints.classes or hints.packages or keys)
        self._text = spelt(hints.packages | hints.classes | hints.commands | keys)

    def in_sight(self, path: str, raw: bytes) -> bool:
        """Whether a file may be for the framework."""
        if path.endswith(SHELL):  # the script that it launches may tell
            return True
        words = self._python if path.endswith(PYTHON) else self._text
        return holds(words, raw) or holds(words, path.encode("utf-8", "surrogateescape"))


def _stem(word: str) -> str:
    """`kl_` or `_kl`, whichever a word has."""
    return "kl_" if "kl_" in word else "_kl"
