"""The project's modules by dotted name, and what a name in one of them stands for.

Files are loaded when a name leads to them, so the meaning of a name depends on the project alone, never on
which files were asked about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value
from kllint.link.scope import Scope
from kllint.link.symbols import Aside, Lazy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kllint.fence import Fence
    from kllint.ir import program as ir
    from kllint.link.module_index import ModuleIndex
    from kllint.link.relevance import Relevance
    from kllint.link.scope import Environment


class Modules:
    """The modules of a project, and names across them."""

    def __init__(
        self,
        index: ModuleIndex,
        load: Callable[[str], ir.Module | None],
        relevance: Relevance,
        fence: Fence,
    ) -> None:
        self.index = index
        self.load = load
        self.relevance = relevance
        self.fence = fence
        self.scopes: dict[str, Scope | None] = {}

    def declare_all(self, scope: Scope, body: Iterable[ir.Statement]) -> None:
        raise NotImplementedError

    def scope(self, dotted: str) -> Scope | None:
        """The module of that dotted name, declared but not run."""
        if dotted not in self.scopes:
            self.scopes[dotted] = None  # an import cycle sees the half-made module as unknown
            path = self.index.paths.get(dotted)
            program = self.load(path) if path is not None else None
            if program is not None:
                scope = Scope(dotted, program.path, program)
                self.scopes[dotted] = scope
                self.fence.within(scope.path, lambda: self.declare_all(scope, program.body), None)
        return self.scopes[dotted]

    def declare_import(self, scope: Scope, node: ir.Import, names: Environment) -> None:
        dotted = self.index.origin(scope.name, node)
        if node.member is None:
            names[node.name] = self.module_value(dotted)
        elif node.member == "*":
            other = self.scope(dotted)
            if other is not None:
                names.update({k: v for k, v in other.names.items() if not k.startswith("_")})
        else:
            names[node.name] = Value(ops.SYMBOL, (), Lazy(dotted, node.member))

    def module_value(self, dotted: str) -> Value:
        scope = self.scope(self.index.known(dotted))
        if scope is not None:
            return Value(ops.MODULE, (), scope)
        return Value(ops.EXTERNAL, (), dotted)

    def member(self, scope: Scope, name: str) -> Value | None:
        """`module.name`: a name at the module's top level, or a submodule."""
        found = self.global_name(scope, name)
        if found is not None:
            return found
        submodule = f"{scope.name}.{name}"
        if submodule in self.index.paths:
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
        dotted = self.index.known(lazy.module)
        submodule = f"{dotted}.{lazy.member}"
        if submodule in self.index.paths:
            return self.module_value(submodule)
        scope = self.scope(dotted)
        found = self.global_name(scope, lazy.member) if scope is not None else None
        return found if found is not None else Value(ops.EXTERNAL, (), submodule)

    def aside(self, scope: Scope, name: str) -> Aside | None:
        """The dotted name that an import stands for, if what it names does not speak of what a KL meets."""
        lazy = scope.names.get(name)
        while lazy is not None and lazy.op is ops.SYMBOL and isinstance(lazy.data, Lazy):
            dotted, member = self.index.known(lazy.data.module), str(lazy.data)
            path = self.index.paths.get(dotted)
            if path is None or f"{dotted}.{member}" in self.index.paths:
                return None
            speaks = self.relevance.speaks(path, member)
            if speaks is not None:
                return None if speaks else Aside(f"{dotted}.{member}", scope, name)
            module = self.scope(dotted)
            lazy = module.names.get(member) if module is not None else None
        return None
