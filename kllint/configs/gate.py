"""Which files and units are worth a look: a scan of bytes that nearly all configuration ends at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kllint.configs.penalties import selectors, switches
from kllint.configs.scan import gives, holds, sets, spelt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kllint.configs.profile import Profile, Profiles
    from kllint.configs.setting import File, Unit

PYTHON = (".py", ".pyi", ".pyw")
SHELL = (".sh", ".bash", ".zsh", ".slurm", ".sbatch")
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
        self._stems, self._strong = spelt({_stem(word) for word in strong}), _pattern(strong)
        self._all = _pattern(self.leaves)
        self._weak = [
            (stem, _pattern([word]), [_Beside(p, word) for p in profiles if word in words[p.name]])
            for word in sorted(self.leaves - strong)
            for stem in spelt([word])
        ]

    def admits(self, file: File) -> bool:
        """Whether a file can hold a finding."""
        raw = file.raw
        if holds(self._stems, raw) and self._strong.search(raw):
            return _sets(file, self._all)
        for stem, pattern, besides in self._weak:
            if stem in raw and any(beside.in_sight(file) for beside in besides) and _sets(file, pattern):
                return True
        return False

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
        self._python = spelt(detect.classes or packages or keys - {word})
        self._text = spelt(packages | {*detect.classes} | commands | (keys - {word}))

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


def _sets(file: File, words: re.Pattern[bytes]) -> bool:
    """Whether a file may set one of the words; most code that has them only reads them."""
    if not file.path.endswith(PYTHON):
        return words.search(file.raw) is not None
    found = {word.replace(b"-", b"_").decode() for word in words.findall(file.raw)}
    return any(sets(file, word) or gives(file, word) for word in found)
