"""Which files and units are worth a look: a scan of bytes that nearly all configuration ends at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kllint.configs.penalties import selectors, switches
from kllint.configs.readers.dispatch import PYTHON, SHELL
from kllint.configs.scan import gives, holds, spelt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kllint.configs.profile import Profile, Profiles
    from kllint.configs.setting import File, Unit

KL = re.compile(r"(?:^|_)r?kl(?:_|$)")


class Gate:
    """Lets those through that hold a key of a profile at which a finding can stand.

    The keys come in two kinds: one that speaks of KL is enough; any other one (`beta`) counts only beside
    something else of its framework. Substrings that all the keys share are looked for first, since Python's
    search for one string is a hundred times as fast as that for a pattern.
    """

    def __init__(self, profiles: Profiles) -> None:
        words = {profile.name: frozenset(_words(profile)) for profile in profiles}
        self.leaves = frozenset(word for found in words.values() for word in found)
        strong = {word for word in self.leaves if KL.search(word)}
        self._stems, self._strong = spelt(frozenset(map(_stem, strong))), _pattern(strong)
        self._all = _pattern(self.leaves)
        self._weak = [
            (spelt((word,)), word, [_Beside(p, word) for p in profiles if word in words[p.name]])
            for word in sorted(self.leaves - strong)
        ]

    def admits(self, file: File) -> bool:
        """Whether a file can hold a finding."""
        raw = file.raw
        if holds(self._stems, raw) and self._strong.search(raw):
            return not file.path.endswith(PYTHON) or self._given(file)
        for spelling, word, besides in self._weak:
            if (
                holds(spelling, raw)
                and any(beside.in_sight(file) for beside in besides)
                and gives(file, word)
            ):
                return True
        return False

    def _given(self, file: File) -> bool:
        """Whether code sets any of the keys; most that speaks of them only reads them."""
        found = {word.replace(b"-", b"_").decode() for word in self._all.findall(file.raw)}
        return any(gives(file, word) for word in found)

    def wants(self, unit: Unit) -> bool:
        """Whether a unit can hold a finding."""
        return any(setting.key and setting.key[-1] in self.leaves for setting in unit.settings)


class _Beside:
    """What a file must mention beside a key that does not speak of KL, to be for the key's framework.

    That is, in Python, one of its classes or, without classes, the package; elsewhere anything that tells.
    """

    def __init__(self, profile: Profile, word: str) -> None:
        detect = profile.detect
        packages = {module.partition(".")[0] for module in detect.modules}
        commands = {word for command in detect.commands for word in command}
        keys = {key[-1] for key in detect.signature} | {key[0] for key in detect.keys if len(key) > 1}
        self._python = spelt(frozenset(detect.classes or packages or keys - {word}))
        self._text = spelt(frozenset(packages | {*detect.classes} | commands | (keys - {word})))

    def in_sight(self, file: File) -> bool:
        """Whether a file may be for the framework."""
        if file.path.endswith(SHELL):  # the script that it launches may tell
            return True
        words = self._python if file.path.endswith(PYTHON) else self._text
        return holds(words, file.raw) or holds(words, file.path.encode())


def _words(profile: Profile) -> Iterator[str]:
    """The last parts of the keys that a finding can stand at."""
    names = {pitfall.at for pitfall in profile.pitfalls}
    for penalty in profile.penalties:
        names |= {*selectors(penalty), *switches(penalty), *(name for name, _ in penalty.mode)}
    for name in names:
        for spelling in profile.keys[name].spellings:
            yield spelling[-1]


def _stem(word: str) -> str:
    """`kl_` or `_kl`, whichever a word has."""
    return "kl_" if "kl_" in word else "_kl"


def _pattern(words: Iterable[str]) -> re.Pattern[bytes]:
    choice = "|".join(re.escape(word).replace("_", "[_-]") for word in sorted(words)) or r"(?!)"
    return re.compile(rf"(?:{choice})(?!\w)".encode())
