"""What configuration in the tree says of a name: the defaults that select an estimator in code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.configs.answers import ConfigValue, agreement
from kllint.configs.bases import shared_folders
from kllint.configs.readers.dispatch import LONGEST, Units
from kllint.configs.scan import sets, stem
from kllint.configs.setting import File, Key, Origin, Unit, Unresolved, key_of
from kllint.configs.sweeps import runs
from kllint.fence import Fence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ORIGINS = tuple(Origin)


class ConfigValues:
    """Looks names up in files, reading only those that set the name; what was read is kept."""

    def __init__(self, files: Iterable[File], fence: Fence | None = None, units: Units | None = None) -> None:
        self._files = tuple(sorted(file for file in files if len(file.raw) < LONGEST))
        self._fence = fence or Fence()
        self._units = units or Units()
        self._told: dict[tuple[str, str], tuple[ConfigValue, ...]] = {}
        self._named: dict[str, tuple[ConfigValue, ...]] = {}
        self._holding: dict[bytes, tuple[File, ...]] = {}

    def lookup(self, key: str, near: str = "") -> tuple[ConfigValue, ...]:
        """The values of an access path, declared defaults first, then files, launches and calls.

        `args.algo.kl.estimator` finds `algo.kl.estimator` rather than `advantage.estimator`: only what agrees
        with the path the most, from its end, is told. Of declared defaults, those are told that are closest
        to the file of the code. Values that the text does not tell are left out.
        """
        if (key, near) not in self._told:
            self._told[key, near] = self._look(key_of(key), near)
        return self._told[key, near]

    def _look(self, path: Key, near: str) -> tuple[ConfigValue, ...]:
        named = self._of_name(path[-1]) if path else ()
        most = max((agreement(value.key, path) for value in named), default=0)
        agreeing = [value for value in named if agreement(value.key, path) == most]
        folders = {value: shared_folders(value.span.path, near) for value in agreeing if value.declared}
        closest = max(folders.values(), default=0)
        told = (value for value in agreeing if folders.get(value, closest) == closest)
        return tuple(sorted(told, key=lambda value: (ORIGINS.index(value.origin), value.span)))

    def _of_name(self, name: str) -> tuple[ConfigValue, ...]:
        if name not in self._named:
            self._named[name] = tuple(self._search(name))
        return self._named[name]

    def _search(self, name: str) -> Iterator[ConfigValue]:
        for file in self._with(stem(name)):
            if sets(file.path, file.raw, name):
                yield from self._values(file, name)

    def _with(self, part: bytes) -> tuple[File, ...]:
        """The files that hold a part, which other names may share."""
        if part not in self._holding:
            self._holding[part] = tuple(file for file in self._files if part in file.raw)
        return self._holding[part]

    def _values(self, file: File, name: str) -> Iterator[ConfigValue]:
        nothing: tuple[Unit, ...] = ()
        for unit in self._fence.within(file.path, lambda: self._units.of(file), nothing):
            for setting in (setting for run in runs(unit) for setting in run.settings):
                if setting.key[-1:] == (name,) and not isinstance(setting.value, Unresolved):
                    yield ConfigValue(setting.key, setting.value, unit.origin, setting.span)
