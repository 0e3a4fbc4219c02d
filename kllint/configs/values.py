"""What configuration in the tree says of a name: the defaults that select an estimator in code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kllint.configs.gate import PYTHON
from kllint.configs.setting import File, Key, Origin, Unresolved, Value, key_of
from kllint.configs.units import Units
from kllint.fence import Fence
from kllint.findings import Note, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ORIGINS = tuple(Origin)


@dataclass(frozen=True, slots=True)
class ConfigValue:
    """A value that a key has somewhere, with the whole path of the key there."""

    key: Key
    value: Value
    origin: Origin
    span: Span

    @property
    def note(self) -> Note:
        """The place, for "selected by default in FILE:LINE"."""
        return Note(self.span, f"{'.'.join(self.key)} = {self.value}")


class ConfigValues:
    """Looks names up in files, reading only those whose bytes hold the name; what was read is kept."""

    def __init__(self, files: Iterable[File], fence: Fence | None = None, units: Units | None = None) -> None:
        self._files = tuple(sorted(files))
        self._fence = fence or Fence()
        self._units = units or Units()
        self._read: dict[str, tuple[ConfigValue, ...]] = {}
        self._found: dict[str, tuple[ConfigValue, ...]] = {}

    def lookup(self, key: str) -> tuple[ConfigValue, ...]:
        """The values of a name or key path, declared defaults first, then files, launches and calls.

        `actor.kl_loss_type` finds a field `kl_loss_type` as well as `trainer.actor.kl_loss_type`: the longest
        agreement comes first within each origin. Values that the text does not tell are left out.
        """
        if key not in self._found:
            self._found[key] = tuple(
                sorted(self._search(key_of(key)), key=lambda value: _rank(value, key_of(key)))
            )
        return self._found[key]

    def _search(self, key: Key) -> Iterator[ConfigValue]:
        if not key:
            return
        words = {key[-1].encode(), key[-1].replace("_", "-").encode()}
        plain, python = _places(key[-1])
        for file in self._files:
            places = python if file.path.endswith(PYTHON) else plain
            if any(word in file.raw for word in words) and any(place.search(file.raw) for place in places):
                yield from (value for value in self._values(file) if aligned(value.key, key))

    def _values(self, file: File) -> tuple[ConfigValue, ...]:
        if file.path not in self._read:
            self._read[file.path] = self._fence.within(file.path, lambda: tuple(self._values_of(file)), ())
        return self._read[file.path]

    def _values_of(self, file: File) -> Iterator[ConfigValue]:
        for unit in self._units.of(file):
            for setting in unit.settings:
                if not isinstance(setting.value, Unresolved):
                    yield ConfigValue(setting.key, setting.value, unit.origin, setting.span)


def _places(word: str) -> tuple[tuple[re.Pattern[bytes], ...], tuple[re.Pattern[bytes], ...]]:
    """Where a word may be a key: as a whole word, and in Python as a name that is set, a string, an option.

    Each begins with fixed letters, which `re` finds some ten times faster: hence the lookbehinds after them.
    """
    it = re.escape(word).replace("_", "[_-]")
    whole = rf"(?:(?<!\w{it})|(?<=\\[a-z]{it})|(?<=-no_{it}))"
    said = rf"{it}(?!\w)(?:{whole}(?=[\s\\]*[:=]|[\"'/])|(?<=-{it})|(?<=-no_{it}))"
    nested = rf"-[\w.-]{{0,200}}\.{it}(?!\w)"
    plain, *python = (re.compile(text.encode()) for text in (rf"{it}(?!\w){whole}", said, nested))
    return (plain,), tuple(python)


def aligned(one: Key, other: Key) -> bool:
    """Whether one path ends with the other."""
    shared = min(len(one), len(other))
    return shared > 0 and one[-shared:] == other[-shared:]


def _rank(value: ConfigValue, key: Key) -> tuple[int, int, Span]:
    return ORIGINS.index(value.origin), -min(len(value.key), len(key)), value.span
