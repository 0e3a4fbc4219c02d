"""The files that a command is about, each with the settings of the closest settings file."""

from __future__ import annotations

import os
import sys
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from kllint.errors import UserError
from kllint.settings.files import find_here
from kllint.settings.model import Settings
from kllint.settings.options import AnalysisOptions
from kllint.settings.project import project_root
from kllint.source.discover import Discovery, FoundFile, Kind, discover, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kllint.findings import Problem
    from kllint.source.ignore import Patterns

STANDARD_INPUT = "-"
CACHE = ".kllint_cache"  # in the project's folder, unless the settings name another


class Given(NamedTuple):
    """What the command line says: paths, and settings that come before those of files."""

    paths: tuple[str, ...]
    config: tuple[str, ...] = ()
    isolated: bool = False
    table: Mapping[str, Any] = MappingProxyType({})  # as `[tool.kllint]` would say it
    project_root: str | None = None
    stdin_filename: str | None = None
    no_cache: bool = False


class Resolver:
    """Finds the settings of files; each settings file is read once."""

    def __init__(self, given: Given) -> None:
        self._isolated = given.isolated
        files = [value for value in given.config if not _is_inline(value)]
        if len(files) > 1:
            raise UserError("--config names more than one file", "let one of them `extend` the other")
        self._file = Path(files[0]) if files else None
        table: dict[str, Any] = {}
        for value in given.config:
            table.update(_inline(value) if _is_inline(value) else {})
        self._table = {**table, **given.table}
        self._by_folder: dict[str, Settings] = {}
        self._real: dict[str, str] = {}
        self._by_file: dict[Path | None, Settings] = {}

    def of_folder(self, folder: str) -> Settings:
        """The settings for what is directly in a folder, given by its real path."""
        if folder not in self._by_folder:
            self._by_folder[folder] = self._find(folder)
        return self._by_folder[folder]

    def of_file(self, path: str) -> Settings:
        """The settings for a file."""
        folder = os.path.dirname(path) or "."  # noqa: PTH120
        if folder not in self._real:
            self._real[folder] = os.path.realpath(folder)
        return self.of_folder(self._real[folder])

    def _find(self, folder: str) -> Settings:
        if self._isolated or self._file:
            return self._load(self._file)
        here = find_here(Path(folder))
        parent = os.path.dirname(folder)  # noqa: PTH120
        if here or parent == folder:
            return self._load(here)
        return self.of_folder(parent)

    def _load(self, file: Path | None) -> Settings:
        if file not in self._by_file:
            self._by_file[file] = _loaded(file, self._table)
        return self._by_file[file]


class Targets:
    """What there is to analyse for a command line."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.resolver = Resolver(given)
        self.contents: dict[str, bytes] = {}
        self._roots: dict[Path, Path] = {}  # of named folders, and of the folders of named files
        self._root_of: dict[str, Path] = {}  # of each file
        self._walks: dict[tuple[str, tuple[Patterns, ...]], Discovery] = {}  # by where they began

    @cached_property
    def found(self) -> Discovery:
        """The files, in order, and what could not be looked into."""
        files: dict[str, FoundFile] = {}
        problems: list[Problem] = []
        for path in self.given.paths:
            root = self.root(path)
            found = self._found(path)
            for file in found.files:
                files.setdefault(file.path, file)
                self._root_of.setdefault(file.path, root)
            problems += found.problems
        ordered = sorted(files.values(), key=lambda file: file.path.split("/"))
        return Discovery(tuple(ordered), tuple(dict.fromkeys(problems)))

    @property
    def settings_of_first(self) -> Settings:
        """The settings for the path that is named first: for what holds once for a run."""
        path = self.given.paths[0]
        return self._settings_of_named(self.given.stdin_filename or "." if path == STANDARD_INPUT else path)

    @property
    def cache_folder(self) -> Path:
        """The folder of the cache for the path that is named first."""
        return _cache_folder(self.root(self.given.paths[0]), self.settings_of_first)

    def analyses(self) -> Iterator[tuple[list[str], AnalysisOptions]]:
        """The files in groups that have the same project and settings, with the options for each."""
        groups: dict[tuple[Path, int], tuple[list[str], AnalysisOptions]] = {}
        for file in self.found.files:
            root, settings = self._root_of[file.path], self.resolver.of_file(file.path)
            key = (root, id(settings))
            if key not in groups:
                groups[key] = ([], self._options(root, settings))
            groups[key][0].append(file.path)
        yield from groups.values()

    def root(self, path: str) -> Path:
        """The project that a named file or folder belongs to."""
        if self.given.project_root is not None:
            root = Path(self.given.project_root)
            if not root.is_dir():
                raise UserError(f"--project-root {root}: no such folder", "name the folder of the project")
            return root.resolve()
        place = Path(self.given.stdin_filename or "." if path == STANDARD_INPUT else path)
        folder = place if place.is_dir() else place.parent
        if folder not in self._roots:
            self._roots[folder] = project_root(place)
        return self._roots[folder]

    def _found(self, path: str) -> Discovery:
        if path == STANDARD_INPUT:
            name = self.given.stdin_filename or "stdin.py"
            self.contents[name] = sys.stdin.buffer.read()
            return Discovery((FoundFile(name, kind_of(name) or Kind.PYTHON, os.path.realpath(name)),))
        settings = self._settings_of_named(path)
        found = discover([path], exclude=settings.exclude, force_exclude=settings.force_exclude)
        self._walks[os.path.realpath(path), settings.exclude] = found
        return Discovery(
            tuple(file for file in found.files if self._stays(file, path, settings)), found.problems
        )

    def _options(self, root: Path, settings: Settings) -> AnalysisOptions:
        return AnalysisOptions(
            project_root=root,
            roles=settings.roles,
            regime=settings.regime,
            target=settings.target,
            disabled_frameworks=frozenset(settings.disabled_frameworks),
            framework_profiles=settings.framework_profiles,
            framework_versions=settings.framework_versions,
            exclude=settings.exclude,
            contents=self.contents,
            found=self._walks.get((os.fspath(root), settings.exclude)),
            jobs=settings.jobs,
            cache_folder=None if self.given.no_cache else _cache_folder(root, settings),
        )

    def _settings_of_named(self, path: str) -> Settings:
        named = Path(path)
        return self.resolver.of_folder(os.path.realpath(named if named.is_dir() else named.parent))

    def _stays(self, file: FoundFile, named: str, settings: Settings) -> bool:
        """Whether a file is not excluded by settings that are closer to it than those of the named folder."""
        own = self.resolver.of_file(file.path)
        if own is settings or file.path == named:
            return True
        return not any(layer.covers(file.real) for layer in own.exclude)


def _cache_folder(root: Path, settings: Settings) -> Path:
    return settings.cache_dir or root / CACHE


def _loaded(file: Path | None, table: Mapping[str, Any]) -> Settings:
    """The settings of a file, and over them those of the command line."""
    if file is None and not table:
        return Settings()
    from kllint.settings.load import Layer, load  # noqa: PLC0415  # imports all the keys: only if one is set

    return load(file, Layer(table, Path.cwd()))


def _is_inline(value: str) -> bool:
    return "=" in value and not Path(value).exists()


def _inline(value: str) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415

    try:
        return tomllib.loads(value)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"--config {value!r}: no file, nor TOML: {error}", "write `key = value`") from None
