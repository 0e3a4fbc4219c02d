"""The files of a project, read when they are needed."""

from __future__ import annotations

import os
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from kllint.findings import Problem
from kllint.load.cache import Cache
from kllint.source.discover import FoundFile, Kind, discover, kind_of
from kllint.source.files import read, written
from kllint.source.scan import may_suppress
from kllint.source.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kllint.settings.options import AnalysisOptions


class Project:
    """The files of a project root; what is wrong with any of them is kept in `problems`.

    `contents` maps paths to bytes that stand in for the file's own. A file is read once, so that all that is
    said of it is said of the same bytes.
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
        self.contents = contents or {}
        self.cache = cache
        self.jobs = jobs
        self._sources: dict[str, Source] = {}
        self._digests: dict[str, str] = {}

    @property
    def python(self) -> tuple[str, ...]:
        """The files that hold Python."""
        return tuple(file.path for file in self.files.values() if file.kind.is_code)

    @property
    def commented(self) -> tuple[str, ...]:
        """The files that may hold a comment which silences a rule."""
        return tuple(path for path in self.files if may_suppress(self.read(path)))

    def source(self, path: str) -> Source:
        """The text to analyse of a file; one that cannot be read is a problem and empty."""
        if path not in self._sources:
            source = read(path, self.contents)
            if isinstance(source, Problem):
                self.problems.append(source)
                source = Source(path, b"")
            self._sources[path] = source
        return self._sources[path]

    def read(self, path: str) -> bytes:
        """The bytes to analyse of a file: of a notebook, its code."""
        return self.source(path).raw

    def written(self, path: str) -> bytes:
        """The bytes of a file: of a notebook, all of it, with the commands in its cells."""
        return written(path, self.contents) if kind_of(path) is Kind.NOTEBOOK else self.read(path)

    def digest(self, path: str) -> str:
        """What stands for the bytes of a file."""
        if path not in self._digests:
            self.source(path)  # or else it is a problem
            self._digests[path] = blake2b(self.written(path), digest_size=16).hexdigest()
        return self._digests[path]


def project_of(named: Iterable[str | os.PathLike[str]], options: AnalysisOptions) -> Project:
    """The project that is to be analysed for some files; these keep the paths that they are named by."""
    found = options.found or discover([options.project_root], exclude=options.exclude)
    known = {file.path for file in found.files}
    names = _by_real_path([path for path in (os.fspath(path) for path in named) if path not in known])
    files = list(found.files)
    if names:  # seldom
        files = [file._replace(path=names.pop(file.real, file.path)) for file in files]
    files += [FoundFile(path, kind_of(path) or Kind.PYTHON, real) for real, path in names.items()]  # left out
    cache = Cache(options.cache_folder) if options.cache_folder else None
    project = Project(files, options.contents, cache, options.jobs or _cores())
    project.problems += found.problems
    return project


def _by_real_path(named: Iterable[str]) -> dict[str, str]:
    """Paths by what they are with all links resolved, for which each folder is looked at once."""
    found: dict[str, str] = {}
    resolved = cache(os.path.realpath)
    for path in named:
        folder, name = os.path.split(path)
        real = os.path.join(resolved(folder), name)  # noqa: PTH118
        found[os.path.realpath(path) if name in {"", ".", ".."} or os.path.islink(real) else real] = path  # noqa: PTH114
    return found


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
