"""The files of a project, read when they are needed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kllint.findings import Problem
from kllint.load.cache import Cache, key_of
from kllint.source.discover import FoundFile, Kind, discover, kind_of
from kllint.source.files import read
from kllint.source.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kllint.settings.options import AnalysisOptions


class Project:
    """The files of a project root; what is wrong with any of them is kept in `problems`.

    `contents` maps paths to bytes that stand in for the file's own.
    """

    def __init__(
        self,
        files: Iterable[FoundFile],
        contents: Mapping[str, bytes] | None = None,
        cache: Cache | None = None,
        jobs: int = 1,
    ) -> None:
        self.files = {file.path: file for file in files}
        self.problems: list[Problem] = []
        self._contents = contents or {}
        self.cache = cache
        self.jobs = jobs
        self._sources: dict[str, Source] = {}

    @property
    def python(self) -> tuple[str, ...]:
        """The files that hold Python."""
        return tuple(file.path for file in self.files.values() if file.kind.is_code)

    def source(self, path: str) -> Source:
        """The text to analyse of a file; one that cannot be read is a problem and empty."""
        if path in self._sources:
            return self._sources[path]
        source = read(path, self._contents)
        if isinstance(source, Problem):
            self.problems.append(source)
            source = self._sources[path] = Source(path, b"")
        return source

    def read(self, path: str) -> bytes:
        """The bytes to analyse of a file: of a notebook, its code."""
        return self.source(path).raw

    def fingerprint(self) -> str | None:
        """A key for all files and what is in them; None if not all can be read."""
        before = len(self.problems)
        contents = [key_of(self.read(path)) for path in self.files]
        return key_of(*self.files, *contents) if len(self.problems) == before else None


def project_of(named: Iterable[Path], options: AnalysisOptions) -> Project:
    """The project that is to be analysed for some files; these keep the paths that they are named by."""
    found = discover([options.project_root], exclude=options.exclude)
    names = {os.path.realpath(path): str(path) for path in named}
    files = [FoundFile(names.pop(os.path.realpath(file.path), file.path), file.kind) for file in found.files]
    files += [FoundFile(path, kind_of(path) or Kind.PYTHON) for path in names.values()]  # left out, but named
    cache = Cache(options.cache_folder) if options.cache_folder else None
    project = Project(files, options.contents, cache, options.jobs or _cores())
    project.problems += found.problems
    return project


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
