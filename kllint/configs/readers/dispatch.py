"""Which reader reads which file."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from kllint.configs.readers import hydra, json, python, shell, toml, yaml
from kllint.configs.readers.marks import Text
from kllint.configs.readers.tree import Malformed
from kllint.configs.scan import NOTEBOOK, PYTHON, SHELL
from kllint.configs.setting import File
from kllint.source.files import MAX_BYTES
from kllint.source.notebooks import BadNotebook, Notebook
from kllint.source.text import Undecodable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kllint.configs.readers.tree import Node
    from kllint.configs.setting import Unit

LONGEST = 400_000  # a larger document holds data: of the 925 configurations of 54 trees, the largest has 0.1 million
DOCUMENTS: dict[str, Callable[[str], Iterator[Node]]] = {
    ".yaml": yaml.documents,
    ".yml": yaml.documents,
    ".json": json.documents,
    ".toml": toml.documents,
}


def read(file: File) -> tuple[Unit, ...]:
    """The units of a file: none where it is malformed, since a file that is not ours is nobody's finding.

    Spans in a notebook are byte offsets into its source, as `kllint.source.notebooks` has it.
    """
    if len(file.raw) > (LONGEST if file.path.endswith(tuple(DOCUMENTS)) else MAX_BYTES):
        return ()
    try:
        return tuple(_units(file))
    except (Malformed, BadNotebook, Undecodable, UnicodeDecodeError, RecursionError):
        return ()


class Units:
    """The units of files, each of which is read once."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[Unit, ...]] = {}

    def of(self, file: File) -> tuple[Unit, ...]:
        """What a file holds."""
        if file.path not in self._read:
            self._read[file.path] = read(file)
        return self._read[file.path]


def source(file: File) -> bytes:
    """The bytes that spans count in: those of the file, or of the source of a notebook."""
    return Notebook(file.path, file.raw).source.raw if file.path.endswith(NOTEBOOK) else file.raw


def _units(file: File) -> Iterator[Unit]:
    suffix = PurePath(file.path).suffix.lower()
    if suffix in PYTHON:
        yield from python.units(file)
    elif suffix == NOTEBOOK:
        notebook = Notebook(file.path, file.raw)
        yield from python.units(File(file.path, notebook.source.raw))
        if not notebook.commands.isspace():
            yield from shell.units(Text(File(file.path, notebook.commands.encode())).chars(), file.path)
    elif suffix in SHELL:
        yield from shell.units(Text(file).chars(), file.path)
    elif suffix in DOCUMENTS:
        text = Text(file)
        for document in DOCUMENTS[suffix](text.text):
            yield hydra.unit(document, text)
            yield from hydra.launches(document, text)
