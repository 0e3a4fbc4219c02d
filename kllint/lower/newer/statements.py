"""Statements and modules from LibCST to the program's own."""

# most methods are named for the one kind of node that they lower

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import libcst as cst

from kllint.ir import program as ir
from kllint.lower.newer.expressions import Expressions, operator
from kllint.lower.newer.positions import offsets_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kllint.lower.newer.positions import Offsets


def lower_module(path: str, tree: cst.Module, base: int = 0) -> ir.Module:
    """The program of a parsed file; `base` bytes (a byte order mark) stand in front of the parsed text."""
    statements = Statements(offsets_of(tree), base)
    return ir.Module(path, statements.block(tree.body))


class Statements(Expressions):
    """Lowers the statements of one module."""

    def __init__(self, offsets: Offsets, base: int) -> None:
        super().__init__(offsets, base)

    def block(self, nodes: Iterable[cst.CSTNode]) -> tuple[ir.Statement, ...]:
        """The statements of a block; those without effect on values are dropped."""
        return tuple(statement for node in nodes for statement in self.statements(node))

    def statements(self, node: cst.CSTNode) -> Iterator[ir.Statement]:
        if isinstance(node, cst.SimpleStatementLine | cst.SimpleStatementSuite):
            for small in node.body:
                yield from self.statements(small)
            return
        method = _LOWERINGS.get(type(node))
        if method:
            yield from method(self, node)

    def body(self, node: cst.BaseSuite) -> tuple[ir.Statement, ...]:
        if isinstance(node, cst.SimpleStatementSuite):
            return tuple(self.statements(node))
        return self.block(node.body)

    def assign(self, node: cst.Assign) -> Iterator[ir.Statement]:
        targets = tuple(self.lower(target.target) for target in node.targets)
        yield ir.Assign(targets, self.lower(node.value), *self.at(node))

    def annotated(self, node: cst.AnnAssign) -> Iterator[ir.Statement]:
        value = self.lower(node.value) if node.value else ir.Unknown((), *self.at(node))
        yield ir.Assign((self.lower(node.target),), value, *self.at(node), annotated=True)

    def augment(self, node: cst.AugAssign) -> Iterator[ir.Statement]:
        target, value = self.lower(node.target), self.lower(node.value)
        yield ir.Augment(target, operator(node.operator), value, *self.at(node))

    def evaluate(self, node: cst.Expr) -> Iterator[ir.Statement]:
        value = self.lower(node.value)
        if not isinstance(value, ir.Literal):  # a docstring
            yield ir.Evaluate(value, *self.at(node))

    def asserted(self, node: cst.Assert) -> Iterator[ir.Statement]:
        yield ir.Evaluate(self.lower(node.test), *self.at(node))

    def returned(self, node: cst.Return) -> Iterator[ir.Statement]:
        yield ir.Return(self.lower(node.value) if node.value else None, *self.at(node))

    def raised(self, node: cst.Raise) -> Iterator[ir.Statement]:
        yield ir.Raise(*self.at(node))

    def jump(self, node: cst.Break | cst.Continue) -> Iterator[ir.Statement]:
        yield ir.Jump(type(node).__name__.lower(), *self.at(node))

    def branch(self, node: cst.If) -> Iterator[ir.Statement]:
        orelse: tuple[ir.Statement, ...] = ()
        if isinstance(node.orelse, cst.If):
            orelse = tuple(self.branch(node.orelse))
        elif node.orelse:
            orelse = self.body(node.orelse.body)
        yield ir.If(self.lower(node.test), self.body(node.body), orelse, *self.at(node))

    def loop(self, node: cst.For) -> Iterator[ir.Statement]:
        orelse = self.body(node.orelse.body) if node.orelse else ()
        head = self.lower(node.target), self.lower(node.iter)
        yield ir.Loop(*head, self.body(node.body), orelse, *self.at(node))

    def while_loop(self, node: cst.While) -> Iterator[ir.Statement]:
        orelse = self.body(node.orelse.body) if node.orelse else ()
        yield ir.Loop(None, self.lower(node.test), self.body(node.body), orelse, *self.at(node))

    def with_block(self, node: cst.With) -> Iterator[ir.Statement]:
        items = tuple(
            (self.lower(item.item), self.lower(item.asname.name) if item.asname else None)
            for item in node.items
        )
        yield ir.With(items, self.body(node.body), *self.at(node))

    def try_block(self, node: cst.Try | cst.TryStar) -> Iterator[ir.Statement]:
        yield ir.Try(
            self.body(node.body),
            tuple(self.body(handler.body) for handler in node.handlers),
            self.body(node.orelse.body) if node.orelse else (),
            self.body(node.finalbody.body) if node.finalbody else (),
            *self.at(node),
        )

    def match(self, node: cst.Match) -> Iterator[ir.Statement]:
        """A match is a chain of ifs on equality; patterns that are no values match anything."""
        subject, start_end = self.lower(node.subject), self.at(node)
        chain: tuple[ir.Statement, ...] = ()
        for case in reversed(node.cases):
            body = self.body(case.body)
            test = self.pattern(subject, case.pattern, start_end)
            chain = body if test is None else (ir.If(test, body, chain, *start_end),)
        yield from chain

    def pattern(self, subject: ir.Expr, node: cst.MatchPattern, span: tuple[int, int]) -> ir.Expr | None:
        if isinstance(node, cst.MatchAs) and node.pattern is None:
            return None
        if isinstance(node, cst.MatchValue | cst.MatchSingleton):
            return ir.Compare("==", subject, self.lower(node.value), *span)
        if isinstance(node, cst.MatchOr):
            values = [
                part.pattern.value for part in node.patterns if isinstance(part.pattern, cst.MatchValue)
            ]
            items = tuple(map(self.lower, values))
            return ir.Compare("in", subject, ir.Sequence("tuple", items, *span), *span)
        return ir.Unknown((subject,), *span)

    def function_definition(self, node: cst.FunctionDef) -> Iterator[ir.Statement]:
        decorators = tuple(self.lower(decorator.decorator) for decorator in node.decorators)
        yield ir.Function(
            node.name.value, self.parameters(node.params), self.body(node.body), decorators, *self.at(node)
        )

    def class_definition(self, node: cst.ClassDef) -> Iterator[ir.Statement]:
        decorators = tuple(self.lower(decorator.decorator) for decorator in node.decorators)
        bases = tuple(self.lower(base.value) for base in node.bases)
        yield ir.Class(node.name.value, bases, self.body(node.body), decorators, *self.at(node))

    def imports(self, node: cst.Import) -> Iterator[ir.Statement]:
        for alias in node.names:
            module = _dotted(alias.name)
            if alias.asname and isinstance(alias.asname.name, cst.Name):
                yield ir.Import(module, None, alias.asname.name.value, 0, *self.at(node))
            else:
                head = module.partition(".")[0]
                yield ir.Import(head, None, head, 0, *self.at(node))

    def imports_from(self, node: cst.ImportFrom) -> Iterator[ir.Statement]:
        module = _dotted(node.module) if node.module else ""
        level = len(node.relative)
        if isinstance(node.names, cst.ImportStar):
            yield ir.Import(module, "*", "*", level, *self.at(node))
            return
        for alias in node.names:
            member = _dotted(alias.name)
            bound = alias.asname.name if alias.asname else alias.name
            yield ir.Import(module, member, _dotted(bound), level, *self.at(node))


def _dotted(node: cst.CSTNode) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else "?"


_Method: TypeAlias = (
    "Callable[[Any, Any], Iterator[ir.Statement]]"  # each takes the type of node it is listed under
)

_LOWERINGS: dict[type[cst.CSTNode], _Method] = {
    cst.Assign: Statements.assign,
    cst.AnnAssign: Statements.annotated,
    cst.AugAssign: Statements.augment,
    cst.Expr: Statements.evaluate,
    cst.Assert: Statements.asserted,
    cst.Return: Statements.returned,
    cst.Raise: Statements.raised,
    cst.Break: Statements.jump,
    cst.Continue: Statements.jump,
    cst.If: Statements.branch,
    cst.For: Statements.loop,
    cst.While: Statements.while_loop,
    cst.With: Statements.with_block,
    cst.Try: Statements.try_block,
    cst.TryStar: Statements.try_block,
    cst.Match: Statements.match,
    cst.FunctionDef: Statements.function_definition,
    cst.ClassDef: Statements.class_definition,
    cst.Import: Statements.imports,
    cst.ImportFrom: Statements.imports_from,
}
