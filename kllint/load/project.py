"""The files of a project, read and lowered when they are needed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeAlias

from kllint.findings import Problem
from kllint.load.cache import Cache, key_of
from kllint.load.codec import Garbled, decode, encode
from kllint.load.lowering import encoded_program_of, program_of
from kllint.source.discover import FoundFile, Kind, discover, kind_of
from kllint.source.files import read
from kllint.source.text import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from kllint.ir.program import Module
    from kllint.settings.options import AnalysisOptions

Outcome: TypeAlias = "Module | Problem"

_LOST = "the process that read it died or hung"
# A program costs half as much to send from one process to another as to make, so that two processes are
# slower than one (trl: 3.0 s, not 1.6 s), and a little work is done sooner than a process has started.
_ENOUGH_JOBS = 4
ENOUGH_BYTES = 1_000_000
_BATCHES_EACH = 8  # batches for each process: few enough to be cheap, and enough to end together


class Project:
    """The files of a project root; what is wrong with any of them is kept in `problems`.

    `contents` maps paths to bytes that stand in for the file's own. With `jobs` from four on, programs
    are made by other processes.
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
        self._programs: dict[str, Module | None] = {}

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

    def load(self, path: str) -> Module | None:
        """The program of a file; None when it holds none that can be analysed."""
        if path not in self._programs:
            self.prepare([path])
        return self._programs[path]

    def fingerprint(self) -> str | None:
        """A key for all files and what is in them; None if not all can be read."""
        before = len(self.problems)
        contents = [key_of(self.read(path)) for path in self.files]
        return key_of(*self.files, *contents) if len(self.problems) == before else None

    def prepare(self, paths: Sequence[str], progress: Callable[[int, int], None] | None = None) -> None:
        """Load many files, in several processes where that pays."""
        made: dict[str, Outcome] = {}
        missing: dict[str, Source] = {}
        for path in paths:
            if path not in self._programs:
                source = self.source(path)
                program = self._cached(source)
                if program is None:
                    missing[path] = source
                else:
                    made[path] = program
        for path, outcome in self._made(missing):
            made[path] = outcome
            if progress:
                progress(len(made), len(paths))
        for path, outcome in sorted(made.items()):  # problems in one order, whichever process is first
            if isinstance(outcome, Problem):
                self.problems.append(outcome)
            self._programs[path] = None if isinstance(outcome, Problem) else outcome

    def _cached(self, source: Source) -> Module | None:
        text = self.cache.get(_key(source)) if self.cache else None
        try:
            return decode(source.path, text) if text else None
        except Garbled:
            return None

    def _made(self, sources: Mapping[str, Source]) -> Iterator[tuple[str, Outcome]]:
        """The programs of some files, made here or by other processes, and kept in the cache."""
        size = sum(len(source.raw) for source in sources.values())
        if self.jobs < _ENOUGH_JOBS or size < ENOUGH_BYTES:
            for path, source in sources.items():
                program = program_of(source)
                if self.cache is not None and not isinstance(program, Problem):
                    self.cache.put(_key(source), encode(program))
                yield path, program
            return
        for path, text in self._made_elsewhere(list(sources.values())):
            if isinstance(text, Problem):
                yield path, text
            else:
                if self.cache is not None:
                    self.cache.put(_key(sources[path]), text)
                yield path, decode(path, text)

    def _made_elsewhere(self, sources: Sequence[Source]) -> Iterator[tuple[str, bytes | Problem]]:
        from kllint.load.workers import Lost, Workers  # noqa: PLC0415  # costs what few runs need to pay

        workers = Workers(encoded_program_of, self.jobs)
        batch = len(sources) // (self.jobs * _BATCHES_EACH) + 1
        for source, text in workers.results(sources, batch):
            yield source.path, Problem(source.path, _LOST, lasting=False) if isinstance(text, Lost) else text


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


def _key(source: Source) -> str:
    return key_of("program", source.raw)
