"""Rewards that are centred out of sight: read by name in another function, or further down in the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir.traversal import functions
from kllint.link.centring import centred, may_centre, outward
from kllint.theory.vocabulary import Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kllint.ir import program as ir
    from kllint.link.linker import Linker
    from kllint.link.sinks import Sink


class Baselines:
    """What the functions of a project centre with a mean that includes the sample."""

    def __init__(self, linker: Linker) -> None:
        self.linker = linker
        self.known: dict[tuple[str, int], frozenset[str]] = {}
        self.anywhere: dict[str, bool] = {}
        self.speaking: dict[tuple[str, str], tuple[ir.Function, ...]] = {}

    def centre(self, sink: Sink) -> bool:
        """Whether the reward that is bound or stored at a sink is centred later."""
        if sink.use is not Use.REWARD:
            return False
        container, _, key = sink.label.rpartition("[")
        name = key.removesuffix("]")
        return self.here(sink, name) or (bool(container) and self.elsewhere(name))

    def here(self, sink: Sink, name: str) -> bool:
        """Whether a function around a sink centres what goes by a name."""
        path, start = sink.span.path, sink.span.start
        around = (one for one in self.functions(path, name) if one.start <= start < one.end)
        return any(name in self.of(path, function) for function in around)

    def elsewhere(self, name: str) -> bool:
        """Whether any function of the project centres what it got by that name from others."""
        if name not in self.anywhere:
            paths = [scope.path for scope in self.linker.scopes.values() if scope is not None]
            self.anywhere[name] = any(
                name in self.of(path, function) and name in outward(function)
                for path in paths
                for function in self.functions(path, name)
            )
        return self.anywhere[name]

    def functions(self, path: str, name: str) -> tuple[ir.Function, ...]:
        """The functions of a file that may centre what goes by a name."""
        if (path, name) not in self.speaking:
            text, spelt = self.linker.read(path), name.encode()
            scopes = self.linker.scopes.values() if spelt in text else ()
            programs = (scope.program for scope in scopes if scope and scope.path == path)
            found = (one for program in programs for one in speaking(program.body, text, spelt))
            self.speaking[path, name] = tuple(found)
        return self.speaking[path, name]

    def of(self, path: str, function: ir.Function) -> frozenset[str]:
        """What a function of a file centres."""
        key = path, function.start
        if key not in self.known:
            self.known[key] = centred(function)
        return self.known[key]


def speaking(statements: Iterable[ir.Statement], text: bytes, name: bytes) -> Iterator[ir.Function]:
    """The functions in whose text there are a name and words for a reward and a mean; no other is looked into."""
    for one in functions(statements):
        own = text[one.start : one.end]
        if name in own and may_centre(own):
            yield one
            yield from speaking(one.body, text, name)
