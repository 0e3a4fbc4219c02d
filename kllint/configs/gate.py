"""Which files and units are worth a look: a scan of bytes that nearly all configuration ends at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kllint.configs.penalties import selectors, switches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kllint.configs.profile import Profile, Profiles
    from kllint.configs.setting import File, Unit

PYTHON = (".py", ".pyi", ".pyw")
KL = re.compile(r"(?:^|_)r?kl(?:_|$)")


class Gate:
    """Lets those through that hold a key of a profile at which a finding can stand.

    The keys come in two kinds: one that speaks of KL is enough; any other one (`beta`) counts in Python only
    beside the name of its framework. Substrings that all the keys share are looked for first, since Python's
    search for one string is a hundred times as fast as that for a pattern.
    """

    def __init__(self, profiles: Profiles) -> None:
        words = {profile.name: frozenset(_words(profile)) for profile in profiles}
        self.leaves = frozenset(word for found in words.values() for word in found)
        strong = {word for word in self.leaves if KL.search(word)}
        self._stems, self._strong = _spelt({_stem(word) for word in strong}), _pattern(strong)
        weak = [(words[profile.name] - strong, profile) for profile in profiles]
        self._weak = [(_spelt(found), _pattern(found), _spelt(_names(p))) for found, p in weak if found]

    def admits(self, file: File) -> bool:
        """Whether a file can hold a finding."""
        if _any(self._stems, file.raw) and self._strong.search(file.raw):
            return True
        python = file.path.endswith(PYTHON)
        return any(
            _any(stems, file.raw)
            and pattern.search(file.raw)
            and (not python or _any(names, file.raw) or _any(names, file.path.encode()))
            for stems, pattern, names in self._weak
        )

    def wants(self, unit: Unit) -> bool:
        """Whether a unit can hold a finding."""
        return any(setting.key and setting.key[-1] in self.leaves for setting in unit.settings)


def _words(profile: Profile) -> Iterator[str]:
    """The last parts of the keys that a finding can stand at."""
    names = {name for penalty in profile.penalties for name in (*selectors(penalty), *switches(penalty))}
    for name in names | {pitfall.at for pitfall in profile.pitfalls}:
        for spelling in profile.keys[name].spellings:
            yield spelling[-1]


def _names(profile: Profile) -> Iterable[str]:
    """What Python for a framework must mention: one of its classes or, without classes, the package."""
    return profile.detect.classes or [module.partition(".")[0] for module in profile.detect.modules]


def _stem(word: str) -> str:
    """`kl_` or `_kl`, whichever a word has."""
    return "kl_" if "kl_" in word else "_kl"


def _spelt(words: Iterable[str]) -> tuple[bytes, ...]:
    """Words as they may be spelt: with underscores or with hyphens."""
    return tuple(sorted({spelt.encode() for word in words for spelt in (word, word.replace("_", "-"))}))


def _pattern(words: Iterable[str]) -> re.Pattern[bytes]:
    choice = "|".join(re.escape(word).replace("_", "[_-]") for word in sorted(words)) or r"(?!)"
    return re.compile(rf"(?:{choice})(?!\w)".encode())


def _any(words: tuple[bytes, ...], raw: bytes) -> bool:
    return any(word in raw for word in words)
