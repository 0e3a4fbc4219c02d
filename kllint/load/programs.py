"""The programs of a project's files, made when they are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from kllint.findings import Problem
from kllint.load.cache import key_of
from kllint.load.codec import Garbled, decode, encode
from kllint.load.lowering import encoded_program_of, program_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kllint.ir.program import Module
    from kllint.load.project import Project
    from kllint.source.text import Source

Outcome: TypeAlias = "Module | Problem"

_LOST = "the process that read it died or hung"
# A program costs half as much to send from one process to another as to make, so that two processes are
# slower than one (trl: 3.0 s, not 1.6 s), and a little work is done sooner than a process has started.
_ENOUGH_JOBS = 4
ENOUGH_BYTES = 1_000_000
_BATCHES_EACH = 8  # batches for each process: few enough to be cheap, and enough to end together


class Programs:
    """The programs of a project; what has none is among the project's problems.

    With `jobs` from four on, they are made by other processes.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._programs: dict[str, Module | None] = {}

    def load(self, path: str) -> Module | None:
        """The program of a file; None when it holds none that can be analysed."""
        if path not in self._programs:
            self.prepare([path])
        return self._programs[path]

    def prepare(self, paths: Sequence[str], progress: Callable[[int, int], None] | None = None) -> None:
        """Load many files, in several processes where that pays."""
        made: dict[str, Outcome] = {}
        missing: dict[str, Source] = {}
        for path in paths:
            if path not in self._programs:
                source = self._project.source(path)
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
                self._project.problems.append(outcome)
            self._programs[path] = None if isinstance(outcome, Problem) else outcome

    def _cached(self, source: Source) -> Module | None:
        text = self._project.cache.get(_key(source)) if self._project.cache else None
        try:
            return decode(source.path, text) if text else None
        except Garbled:
            return None

    def _made(self, sources: Mapping[str, Source]) -> Iterator[tuple[str, Outcome]]:
        """The programs of some files, made here or by other processes, and kept in the cache."""
        size = sum(len(source.raw) for source in sources.values())
        if self._project.jobs < _ENOUGH_JOBS or size < ENOUGH_BYTES:
            for path, source in sources.items():
                program = program_of(source)
                if self._project.cache is not None and not isinstance(program, Problem):
                    self._project.cache.put(_key(source), encode(program))
                yield path, program
            return
        for path, text in self._made_elsewhere(list(sources.values())):
            if isinstance(text, Problem):
                yield path, text
            else:
                if self._project.cache is not None:
                    self._project.cache.put(_key(sources[path]), text)
                yield path, decode(path, text)

    def _made_elsewhere(self, sources: Sequence[Source]) -> Iterator[tuple[str, bytes | Problem]]:
        from kllint.load.workers import Lost, Workers  # noqa: PLC0415  # costs what few runs need to pay

        workers = Workers(encoded_program_of, self._project.jobs)
        batch = len(sources) // (self._project.jobs * _BATCHES_EACH) + 1
        for source, text in workers.results(sources, batch):
            yield source.path, Problem(source.path, _LOST, lasting=False) if isinstance(text, Lost) else text


def _key(source: Source) -> str:
    return key_of("program", source.raw)
