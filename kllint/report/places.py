"""Where a finding is, as a reader counts: paths, lines and columns made of spans."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from kllint.findings import Problem, Span
    from kllint.source.files import Sources
    from kllint.source.text import Position, Source


class Place(NamedTuple):
    """A range of a file, half-open; in a notebook, of one of its cells."""

    path: str
    start: Position
    end: Position
    cell: int | None = None

    def __str__(self) -> str:
        """The place as editors and terminals understand it."""
        cell = "" if self.cell is None else f"cell {self.cell}:"
        return f"{self.path}:{cell}{self.start.line}:{self.start.column}"


class Places(NamedTuple):
    """Makes places of spans."""

    sources: Sources
    folder: Path  # the working directory

    def place(self, span: Span) -> Place:
        """A span as a reader counts it: its path as seen from the working directory, cells apart."""
        source = self.sources.source(span.path)
        start, end = source.position(span.start), source.position(span.end)
        notebook = self.sources.notebook(span.path)
        if notebook is None:
            return Place(self.path(span.path), start, end)
        cell, start = notebook.locate(start)
        _, end = notebook.locate(end)
        return Place(self.path(span.path), start, end, cell)

    def in_file(self, span: Span) -> Place:
        """A span as code hosts count it: in a notebook, by the lines of its JSON text."""
        source = self.sources.source(span.path)
        start, end = source.position(span.start), source.position(span.end)
        notebook = self.sources.notebook(span.path)
        if notebook is not None:
            start, end = notebook.in_file(start), notebook.in_file(end)
        return Place(self.path(span.path), start, end)

    def text_in_file(self, path: str) -> Source:
        """The text that `in_file` counts in: of a notebook, its JSON."""
        notebook = self.sources.notebook(path)
        return notebook.raw if notebook else self.sources.source(path)

    def lines_beside(self, span: Span) -> range:
        """The lines of the source that may be shown along with a span: of a notebook, those of one cell."""
        source = self.sources.source(span.path)
        notebook = self.sources.notebook(span.path)
        if notebook is None:
            count = len(source.starts)
            return range(1, count + 1 if source.line(count) else count)
        return notebook.cell_lines(source.position(span.start))

    def of_problem(self, problem: Problem) -> Place:
        """The place of a problem; the beginning of the file where no other is known."""
        from kllint.findings import Span  # noqa: PLC0415

        offset = problem.offset or 0
        return self.place(Span(problem.path, offset, offset))

    def path(self, path: str) -> str:
        """A path as seen from the working directory, with forward slashes."""
        return relative(path, self.folder)


def relative(path: str, folder: Path) -> str:
    """A path relative to a folder if it is inside it, else as it is."""
    if not os.path.isabs(path):  # noqa: PTH117
        return path.replace(os.sep, "/")
    base = f"{folder}".rstrip("/") + "/"
    return path.removeprefix(base).replace(os.sep, "/")
