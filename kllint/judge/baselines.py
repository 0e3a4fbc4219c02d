"""Rewards that are centred out of sight: read by name in another function, or further down in the same one."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kllint.ir import program as ir
from kllint.ir.traversal import children
from kllint.link.centring import centred, may_centre, outward
from kllint.theory.vocabulary import Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
            text = self.linker.read(path)
            self.known[path] = [
                (one, centred(one)) for program in programs for one in speaking(program.body, text)
            ]
        return self.known[path]

    def scopes(self) -> Iterator[Scope]:
        return (scope for scope in self.linker.scopes.values() if scope is not None)


def speaking(nodes: Iterable[ir.Node], text: bytes) -> Iterator[ir.Function]:
    """The functions in whose text there are words for a reward and for a mean; no other is looked into."""
    for node in nodes:
        if not isinstance(node, ir.Function):
            yield from speaking(children(node), text)
        elif may_centre(text[node.start : node.end]):
            yield node
            yield from speaking(children(node), text)
