"""The files of a project, read and lowered when they are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.findings import Problem
from kllint.load.lowering import program_of
from kllint.source.files import read
from kllint.source.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kllint.ir.program import Module
    from kllint.source.discover import FoundFile


class Project:
    """The files of a project root; what is wrong with any of them is kept in `problems`.

    `contents` maps paths to bytes that stand in for the file's own.
    """

    def __init__(self, files: Iterable[FoundFile], contents: Mapping[str, bytes] | None = None) -> None:
        self.files = {file.path: file for file in files}
        self.problems: list[Problem] = []
        self._contents = contents or {}
        self._sources: dict[str, Source] = {}
        self._programs: dict[str, Module | None] = {}

    def source(self, path: str) -> Source:
        """The text to analyse of a file; one that cannot be read is a problem and empty."""
        if path not in self._sources:
            source = read(path, self._contents)
            if isinstance(source, Problem):
                self.problems.append(source)
                source = Source(path, b"")
            self._sources[path] = source
        return self._sources[path]

    def read(self, path: str) -> bytes:
        """The bytes to analyse of a file: of a notebook, its code."""
        return self.source(path).raw

    def load(self, path: str) -> Module | None:
        """The program of a file; None when it holds none that can be analysed."""
        if path not in self._programs:
            program = program_of(self.source(path))
            if isinstance(program, Problem):
                self.problems.append(program)
            self._programs[path] = None if isinstance(program, Problem) else program
        return self._programs[path]
