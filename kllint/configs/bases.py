"""The files of a tree by name: to find what a defaults list, `--config` or a launched script refers to."""

from __future__ import annotations

from itertools import takewhile
from os.path import normpath
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kllint.configs.setting import Origin, Setting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kllint.configs.readers.dispatch import Units
    from kllint.configs.setting import Base, File, Key, Unit

SUFFIXES = ("", ".yaml", ".yml")
DEEPEST = 5


class Tree:
    """Files by their last name."""

    def __init__(self, files: Iterable[File], units: Units) -> None:
        self.units = units
        self._files: dict[str, list[File]] = {}
        self._taken: dict[tuple[str, Key, int], tuple[Setting, ...]] = {}  # most units have the same bases
        for file in files:
            self._files.setdefault(file.path.rpartition("/")[2], []).append(file)

    def find(self, name: str, near: str) -> File | None:
        """The file that a path names: beside the one that names it, else the closest that ends so."""
        for suffix in SUFFIXES:
            wanted = normpath(name + suffix)
            candidates = self._files.get(wanted.rpartition("/")[2])
            if not candidates:
                continue
            beside = normpath(PurePosixPath(near).parent / wanted)
            if found := next((file for file in candidates if normpath(file.path) == beside), None):
                return found
            tail = "/" + wanted.lstrip("./")
            ending = [file for file in candidates if ("/" + file.path).endswith(tail)]
            ranked = sorted(ending, key=lambda file: -shared_folders(file.path, near))
            if ranked:
                return ranked[0]
        return None

    def complete(self, unit: Unit) -> bool:
        """Whether every file that a unit takes over is in the tree."""
        return not unit.partial and all(self.find(base.file, unit.path) for base in unit.bases)

    def inherited(self, unit: Unit, depth: int = DEEPEST) -> tuple[Setting, ...]:
        """The settings that a unit takes over from its bases, later bases over earlier ones."""
        found: list[Setting] = []
        for base in unit.bases if depth else ():
            found += self._base(base, unit.path, depth)
        return tuple(found)

    def _base(self, base: Base, near: str, depth: int) -> tuple[Setting, ...]:
        file = self.find(base.file, near)
        if file is None or file.path == near:
            return ()
        key = (file.path, base.mount, depth)
        if key not in self._taken:
            self._taken[key] = tuple(self._mounted(file, base.mount, depth))
        return self._taken[key]

    def _mounted(self, file: File, mount: Key, depth: int) -> Iterator[Setting]:
        for unit in self.units.of(file):
            if unit.origin is Origin.FILE:
                for setting in (*self.inherited(unit, depth - 1), *unit.settings):
                    yield Setting((*mount, *setting.key), setting.value, setting.span)


def shared_folders(one: str, other: str) -> int:
    """How many folders two paths have in common."""
    pairs = zip(PurePosixPath(one).parts, PurePosixPath(other).parts, strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
