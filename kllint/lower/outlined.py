"""Modules whose trees have functions by name alone: each is parsed when it is first looked into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.fence import Unreadable
from kllint.findings import Problem
from kllint.ir import program as ir
from kllint.ir.traversal import functions
from kllint.lower.places import places_of
from kllint.lower.statements import Statements
from kllint.source.gate import Refusal, function

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Mapping

    from kllint.ir.deferred import Block, Inside, Parameters
    from kllint.lower.places import Places
    from kllint.source.gate import Function
    from kllint.source.outline import Extent
    from kllint.source.text import Source


def lower_outlined(
    source: Source,
    tree: ast.Module,
    left_out: Mapping[int, Extent],
    whole: Callable[[], ir.Module | Problem],
) -> ir.Module:
    """The program of a file, from its tree with some functions by name alone.

    `whole` is the program from a tree with all of them, for when one of them cannot be parsed by itself.
    """
    return ir.Module(source.path, _Outlined(places_of(source), source, left_out, whole).block(tree.body))


class _Outlined(Statements):
    def __init__(
        self,
        places: Places,
        source: Source,
        left_out: Mapping[int, Extent],
        whole: Callable[[], ir.Module | Problem],
    ) -> None:
        super().__init__(places)
        self.source = source
        self.left_out = left_out
        self.whole = whole

    def inside(self, node: Function) -> Inside:
        extent = self.left_out.get(node.body[0].lineno)
        return super().inside(node) if extent is None else _LeftOut(self, extent, self.at(node)[0])

    def parsed(self, extent: Extent, start: int) -> ir.Function:
        """The function that starts there; raises `Unreadable` if its file turns out to be no Python."""
        node = function(self.source, extent)
        if isinstance(node, Refusal):
            return self.in_whole(start)
        return Statements(self.places.below(extent.line - 2)).defined(node)

    def in_whole(self, start: int) -> ir.Function:
        program = self.whole()
        if isinstance(program, Problem):
            raise Unreadable(program)
        return next((one for one in functions(program.body) if one.start == start), _NOTHING)


class _LeftOut:
    """What is in a function that was left out, which is parsed once."""

    __slots__ = ("_extent", "_found", "_outlined", "_start")

    def __init__(self, outlined: _Outlined, extent: Extent, start: int) -> None:
        self._outlined = outlined
        self._extent = extent
        self._start = start
        self._found: ir.Function | None = None

    def parameters(self) -> Parameters:
        return self._function.parameters

    def body(self) -> Block:
        return self._function.body

    @property
    def _function(self) -> ir.Function:
        if self._found is None:
            self._found = self._outlined.parsed(self._extent, self._start)
        return self._found


_NOTHING = ir.Function("", (), (), (), 0, 0)
