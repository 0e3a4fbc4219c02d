"""Modules whose trees have no bodies of functions: each body is parsed when it is first looked into."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kllint.fence import Unreadable
from kllint.findings import Problem
from kllint.ir import program as ir
from kllint.ir.traversal import functions
from kllint.lower.places import places_of
from kllint.lower.statements import Statements
from kllint.source.gate import Refusal, body

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Mapping

    from kllint.lower.places import Places
    from kllint.source.outline import Body
    from kllint.source.text import Source


def lower_outlined(
    source: Source, tree: ast.Module, bodies: Mapping[int, Body], whole: Callable[[], ir.Module | Problem]
) -> ir.Module:
    """The program of a file, from its tree without some bodies.

    `whole` is the program from a tree with all of them, for when one of them cannot be parsed by itself.
    """
    return ir.Module(source.path, _Outlined(places_of(source), source, bodies, whole).block(tree.body))


class _Outlined(Statements):
    def __init__(
        self,
        places: Places,
        source: Source,
        bodies: Mapping[int, Body],
        whole: Callable[[], ir.Module | Problem],
    ) -> None:
        super().__init__(places)
        self.source = source
        self.bodies = bodies
        self.whole = whole

    def later(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Callable[[], tuple[ir.Statement, ...]]:
        left_out = self.bodies.get(node.body[0].lineno)
        return super().later(node) if left_out is None else partial(self.parsed, left_out, self.at(node)[0])

    def parsed(self, left_out: Body, start: int) -> tuple[ir.Statement, ...]:
        """The body of the function that starts there; raises `Unreadable` if its file turns out to be no Python."""
        nodes = body(self.source, left_out)
        if isinstance(nodes, Refusal):
            return self.in_whole(start)
        return Statements(self.places.below(left_out.line - 2)).block(nodes)

    def in_whole(self, start: int) -> tuple[ir.Statement, ...]:
        program = self.whole()
        if isinstance(program, Problem):
            raise Unreadable(program)
        found = (one.body for one in functions(program.body) if one.start == start)
        return next(found, ())
