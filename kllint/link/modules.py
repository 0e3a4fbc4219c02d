"""The project's modules by dotted name, and what a name in one of them stands for.

Files are loaded when a name leads to them, so the meaning of a name depends on the project alone, never on
which files were asked about.
"""

from __future__ import annotations

from os.path import basename
from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value
from kllint.link.names import Aside, Lazy
from kllint.link.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kllint.fence import Fence
    from kllint.ir import program as ir
    from kllint.link.relevance import Relevance
    from kllint.link.scope import Environment


class Modules:
    """The modules of a project, and names across them."""

    def __init__(
        self,
        modules: Mapping[str, str],
        load: Callable[[str], ir.Module | None],
        relevance: Relevance,
        fence: Fence,
    ) -> None:
        self.paths = dict(modules)
        self.load = load
        self.relevance = relevance
        self.fence = fence
        self.scopes: dict[str, Scope | None] = {}
        self.below_folders: dict[str, list[str]] = {}
        self.names: dict[str, list[str]] = {}
        for dotted in self.paths:
            self.names.setdefault(dotted.rpartition(".")[2], []).append(dotted)

    def declare_all(self, scope: Scope, body: Iterable[ir.Statement]) -> None:
        raise NotImplementedError

    def scope(self, dotted: str) -> Scope | None:
        """The module of that dotted name, declared but not run."""
        if dotted not in self.scopes:
            self.scopes[dotted] = None  # an import cycle sees the half-made module as unknown
            path = self.paths.get(dotted)
            program = self.load(path) if path is not None else None
            if program is not None:
                scope = Scope(dotted, program.path, program)
                self.scopes[dotted] = scope
                self.fence.within(scope.path, lambda: self.declare_all(scope, program.body), None)
        return self.scopes[dotted]

    def declare_import(self, scope: Scope, node: ir.Import, names: Environment) -> None:
        dotted = self.absolute(scope, node)
        if node.member is None:
            names[node.name] = self.module_value(dotted)
        elif node.member == "*":
            other = self.scope(dotted)
            if other is not None:
                names.update({k: v for k, v in other.names.items() if not k.startswith("_")})
        else:
            names[node.name] = Value(ops.SYMBOL, (), Lazy(dotted, node.member))

    def absolute(self, scope: Scope, node: ir.Import) -> str:
        """The dotted name of an import's module."""
        if not node.level:
            return self.known(node.module, scope.name)
        is_package = basename(scope.path) == "__init__.py"  # noqa: PTH119  # a Path takes ten times as long
        parts = scope.name.split(".")
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
        if dotted not in self.below_folders:
            tail = f".{dotted}"
            namesakes = self.names.get(dotted.rpartition(".")[2], ())
            found = [name for name in namesakes if name.endswith(tail)]
            self.below_folders[dotted] = [one for one in found if one.removesuffix(tail) not in self.paths]
        return self.below_folders[dotted]

    def module_value(self, dotted: str) -> Value:
        scope = self.scope(self.known(dotted))
        if scope is not None:
            return Value(ops.MODULE, (), scope)
        return Value(ops.EXTERNAL, (), dotted)

    def member(self, scope: Scope, name: str) -> Value | None:
        """`module.name`: a name at the module's top level, or a submodule."""
        found = self.global_name(scope, name)
        if found is not None:
            return found
        submodule = f"{scope.name}.{name}"
        if submodule in self.paths:
            return self.module_value(submodule)
        return None

    def global_name(self, scope: Scope, name: str) -> Value | None:
        """A name at a module's top level; an imported one is looked up when it is first used."""
        value = scope.names.get(name)
        if value is not None and value.op is ops.SYMBOL and isinstance(value.data, Lazy):
            lazy = value.data
            scope.names[name] = Value(
                ops.EXTERNAL, (), f"{lazy.module}.{lazy.member}"
            )  # if it leads back here
            scope.names[name] = value = self.imported(lazy)
        return value

    def imported(self, lazy: Lazy) -> Value:
        dotted = self.known(lazy.module)
        submodule = f"{dotted}.{lazy.member}"
        if submodule in self.paths:
            return self.module_value(submodule)
        scope = self.scope(dotted)
        found = self.global_name(scope, lazy.member) if scope is not None else None
        return found if found is not None else Value(ops.EXTERNAL, (), submodule)

    def aside(self, scope: Scope, name: str) -> Aside | None:
        """The dotted name that an import stands for, if what it names does not speak of what a KL meets."""
        lazy = scope.names.get(name)
        while lazy is not None and lazy.op is ops.SYMBOL and isinstance(lazy.data, Lazy):
            dotted, member = self.known(lazy.data.module), str(lazy.data)
            path = self.paths.get(dotted)
            if path is None or f"{dotted}.{member}" in self.paths:
                return None
            speaks = self.relevance.speaks(path, member)
            if speaks is not None:
                return None if speaks else Aside(f"{dotted}.{member}", scope, name)
            module = self.scope(dotted)
            lazy = module.names.get(member) if module is not None else None
        return None
