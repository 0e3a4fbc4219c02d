"""Python: what a module declares, what it sets, and the commands that its strings spell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kllint.configs.readers import called, declared, strings
from kllint.configs.readers.module import Module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.configs.setting import File, Unit


def units(file: File) -> Iterator[Unit]:
    """The units of a module; raises `Malformed`."""
    module = Module(file)
    yield from declared.units(module)
    yield from called.units(module)
    yield from called.literals(module)
    for unit in strings.launches(module):
        yield replace(unit, names=(*unit.names, *module.imports.values()), modules=module.packages)
