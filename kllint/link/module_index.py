"""The modules of a project by dotted name, and which of them an import means; made once for all its groups."""

from __future__ import annotations

from os.path import basename
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kllint.ir import program as ir


class ModuleIndex:
    """What modules there are: `paths` gives the file of each."""

    def __init__(self, paths: Mapping[str, str]) -> None:
        self.paths = paths
        self._namesakes: dict[str, list[str]] = {}
        self._copies: dict[str, list[str]] = {}
        for dotted in paths:
            self._namesakes.setdefault(dotted.rpartition(".")[2], []).append(dotted)

    def origin(self, importer: str, node: ir.Import) -> str:
        """The dotted name of an import's module."""
        if not node.level:
            return self.known(node.module, importer)
        is_package = basename(self.paths[importer]) == "__init__.py"  # noqa: PTH119  # a Path takes ten times as long
        parts = importer.split(".")
        base = parts[: len(parts) - node.level + is_package]
        return ".".join([*base, *([node.module] if node.module else [])])

    def known(self, dotted: str, importer: str = "") -> str:
        """A module as the project knows it: also when a source folder stands in front of the package.

        Of several copies of a package in as many folders it is the one that the importer lies in.
        """
        found = self.copies(dotted)
        if not found:
            return dotted
        around = [name for name in found if importer.startswith(name.removesuffix(dotted))]
        if around:
            return max(around, key=len)
        return found[0] if len(found) == 1 and dotted not in self.paths else dotted

    def copies(self, dotted: str) -> list[str]:
        """The modules that have this name below a folder which is no package."""
        if dotted not in self._copies:
            tail = f".{dotted}"
            namesakes = self._namesakes.get(dotted.rpartition(".")[2], ())
            found = [name for name in namesakes if name.endswith(tail)]
            self._copies[dotted] = [one for one in found if one.removesuffix(tail) not in self.paths]
        return self._copies[dotted]
