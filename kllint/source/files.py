"""Reading files: from the disk, or from contents that stand in for what is on the disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kllint.findings import Problem
from kllint.source.discover import Kind, kind_of
from kllint.source.text import Source, Undecodable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kllint.source.notebooks import Notebook

MAX_BYTES = 4_000_000  # the largest of 3,241 files in nine RL repositories has 0.2 million
MAX_NOTEBOOK = 64_000_000  # its outputs count, too: pictures


def read(path: str, contents: Mapping[str, bytes]) -> Source | Problem:
    """The text to analyse of a file (of a notebook, its code), or why there is none.

    `contents` maps paths to bytes that stand in for the file's own, as for standard input.
    """
    try:
        raw = _bytes(path, contents)
    except OSError as error:
        return Problem(path, f"cannot be read: {error.strerror}")
    if kind_of(path) is not Kind.NOTEBOOK:
        return Source(path, raw)
    notebook = _notebook(path, raw)
    return notebook if isinstance(notebook, Problem) else notebook.source


def _notebook(path: str, raw: bytes) -> Notebook | Problem:
    from kllint.source.notebooks import BadNotebook, Notebook  # noqa: PLC0415  # few runs see one

    if len(raw) > MAX_NOTEBOOK:
        return Problem(path, f"larger than {MAX_NOTEBOOK / 1e6:g} MB")
    try:
        return Notebook(path, raw)
    except BadNotebook as error:
        return Problem(path, str(error))
    except Undecodable as error:
        return Problem(path, error.reason, error.offset)


class Sources:
    """The files of one run, each read once, when a report first shows a place in it."""

    def __init__(self, contents: Mapping[str, bytes] | None = None) -> None:
        self._contents = contents or {}
        self._sources: dict[str, Source] = {}
        self._notebooks: dict[str, Notebook | None] = {}

    def source(self, path: str) -> Source:
        """The text that the spans of `path` refer to; empty if the file is gone or unreadable by now."""
        if path not in self._sources:
            notebook = self.notebook(path)
            read_now = notebook.source if notebook else read(path, self._contents)
            self._sources[path] = read_now if isinstance(read_now, Source) else Source(path, b"")
        return self._sources[path]

    def notebook(self, path: str) -> Notebook | None:
        """The notebook at `path`, if it is one."""
        if kind_of(path) is not Kind.NOTEBOOK:
            return None
        if path not in self._notebooks:
            notebook = _notebook(path, written(path, self._contents))
            self._notebooks[path] = None if isinstance(notebook, Problem) else notebook
        return self._notebooks[path]


def written(path: str, contents: Mapping[str, bytes]) -> bytes:
    """A file's bytes as they are: those of a notebook are its JSON; none if it is gone or unreadable by now."""
    try:
        return _bytes(path, contents)
    except OSError:
        return b""  # reported when it was to be analysed; a report about another file goes on


def _bytes(path: str, contents: Mapping[str, bytes]) -> bytes:
    if path in contents:
        return contents[path]
    file = os.open(path, _AS_IT_IS)  # a file object takes half as long again, and it is for every file
    try:
        size = os.fstat(file).st_size
        most = MAX_BYTES if size <= MAX_BYTES else _most(path)
        raw = os.read(file, min(size, most) + 1)  # one more tells that it is too large
        while len(raw) != size and len(raw) <= most and (more := os.read(file, most + 1 - len(raw))):
            raw += more  # of what grows, or has no size
        return raw
    finally:
        os.close(file)


_AS_IT_IS = os.O_RDONLY | getattr(os, "O_BINARY", 0)


def _most(path: str) -> int:
    return MAX_NOTEBOOK if kind_of(path) is Kind.NOTEBOOK else MAX_BYTES
