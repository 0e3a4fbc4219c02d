"""The scripts that commands launch: what they import, define and start from."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kllint.configs.setting import Base, Origin

if TYPE_CHECKING:
    from kllint.configs.bases import Tree
    from kllint.configs.setting import File, Unit

IMPORT = re.compile(
    r"^[ \t]*(?:from|import)[ \t]+([\w.]+)(?:[ \t]+import[ \t]*(\([^)]*\)|[^\n#(]*))?", re.MULTILINE
)
DEFINITION = re.compile(r"^[ \t]*def (\w+)", re.MULTILINE)
HYDRA = re.compile(r"^@hydra\.main\(([^)]*)\)", re.MULTILINE)
ARGUMENT = re.compile(r"(config_path|config_name)\s*=\s*[\"']([^\"']+)")


def launched(unit: Unit, tree: Tree) -> tuple[File, ...]:
    """The scripts of the tree that a command launches, as paths or as modules."""
    if unit.origin is not Origin.LAUNCH:
        return ()
    paths = (
        name if name.endswith(".py") else f"{name.replace('.', '/')}.py" for name in unit.names if "." in name
    )
    return tuple(file for path in paths if (file := tree.find(path, unit.path)) is not None)


def text(file: File) -> str:
    """The text of a script, whatever is wrong with it."""
    return file.raw.decode("utf-8", "replace")


def imports(file: File) -> tuple[str, ...]:
    """The modules and names that a script imports, as far as its lines show them."""
    return tuple(
        name
        for module, names in IMPORT.findall(text(file))
        for name in (module, *(f"{module}.{name}" for name in re.findall(r"\w+", names)))
    )


def definitions(file: File) -> frozenset[str]:
    """The functions of a script."""
    return frozenset(DEFINITION.findall(text(file)))


def base(file: File, unit: Unit) -> Base | None:
    """The configuration that `@hydra.main` starts from; the command may name another of the same folder."""
    decorated = HYDRA.search(text(file)) if b"hydra.main" in file.raw else None
    if decorated is None:
        return None
    given = dict(ARGUMENT.findall(decorated[1]))
    named = [s.value for s in unit.settings if s.key == ("config_name",) and isinstance(s.value, str)]
    name = named[-1] if named else given.get("config_name")
    folder = PurePosixPath(file.path).parent / given.get("config_path", "")
    return Base(str(folder / name)) if name else None
