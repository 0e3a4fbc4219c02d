"""Rewards that are centred out of sight: read by name in another function, or further down in the same one."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kllint.ir import program as ir
from kllint.ir.traversal import inside
from kllint.link.centring import centred, has_reward, outward
from kllint.theory.vocabulary import Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.link.linker import Linker
    from kllint.link.scope import Scope
    from kllint.link.sinks import Sink


class Baselines:
    """What the functions of a project centre with a mean that includes the sample."""

    def __init__(self, linker: Linker) -> None:
        self.linker = linker
        self.known: dict[str, list[tuple[ir.Function, frozenset[str]]]] = {}

    def centre(self, sink: Sink) -> bool:
        """Whether the reward that is bound or stored at a sink is centred later."""
        if sink.use is not Use.REWARD:
            return False
        container, _, key = sink.label.rpartition("[")
        name = key.removesuffix("]")
        return name in self.here(sink) or (bool(container) and name in self.elsewhere)

    def here(self, sink: Sink) -> frozenset[str]:
        """What the functions around a sink centre."""
        path, start = sink.span.path, sink.span.start
        around = (names for function, names in self.of(path) if function.start <= start < function.end)
        return frozenset().union(*around)

    @cached_property
    def elsewhere(self) -> frozenset[str]:
        """What any function of the project centres that it got by name from others."""
        functions = (one for scope in self.scopes() for one in self.of(scope.path))
        return frozenset().union(*(names & outward(function) for function, names in functions if names))

    def of(self, path: str) -> list[tuple[ir.Function, frozenset[str]]]:
        """The functions of a file, with what each centres."""
        if path not in self.known:
            programs = [scope.program for scope in self.scopes() if scope.path == path]
            nodes = [node for program in programs for node in inside(program)]
            functions = [node for node in nodes if isinstance(node, ir.Function)] if has_reward(nodes) else []
            self.known[path] = [(function, centred(function)) for function in functions]
        return self.known[path]

    def scopes(self) -> Iterator[Scope]:
        return (scope for scope in self.linker.scopes.values() if scope is not None)
