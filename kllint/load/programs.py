"""The programs of a project's files, made when they are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint import fence
from kllint.findings import Problem
from kllint.load.lowering import program_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kllint.ir.program import Module
    from kllint.load.project import Project

_LOST = "the process that analysed it died or hung"


class Programs:
    """The programs of a project; what has none is among the project's problems."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._programs: dict[str, Module | None] = {}

    def load(self, path: str) -> Module | None:
        """The program of a file; None when it holds none that can be analysed."""
        if path not in self._programs:
            with fence.at(path):
                outcome = program_of(self._project.source(path))
            if isinstance(outcome, Problem):
                self._project.problems.append(outcome)
            self._programs[path] = None if isinstance(outcome, Problem) else outcome
        return self._programs[path]

    def prepare(self, paths: Sequence[str], progress: Callable[[int, int], None] | None = None) -> None:
        """Load many files."""
        for done, path in enumerate(paths, 1):
            self.load(path)
            if not fence.has_read_one() and progress:
                progress(done, len(paths))

    def lose(self, path: str) -> None:
        """Go on without a file over which another process died."""
        self._project.problems.append(Problem(path, _LOST, lasting=False))
        self._programs[path] = None
