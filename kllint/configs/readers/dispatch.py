"""Which reader reads which file."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from kllint.configs.readers import hydra, python, yaml
from kllint.configs.readers.marks import Text
from kllint.configs.readers.tree import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.configs.setting import File, Unit

PYTHON = frozenset({".py", ".pyi", ".pyw"})
YAML = frozenset({".yaml", ".yml", ".json"})


def read(file: File) -> tuple[Unit, ...]:
    """The units of a file: none where it is malformed, since a file that is not ours is nobody's finding."""
    try:
        return tuple(_units(file))
    except (Malformed, UnicodeDecodeError):
        return ()


def _units(file: File) -> Iterator[Unit]:
    suffix = PurePath(file.path).suffix.lower()
    if suffix in PYTHON:
        yield from python.units(file)
    elif suffix in YAML:
        text = Text(file)
        for document in yaml.documents(text.text):
            yield hydra.unit(document, text)
