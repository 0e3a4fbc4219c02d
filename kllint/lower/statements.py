"""Statements and modules from `ast` to the program's own."""

# most methods are named for the one kind of node that they lower

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, TypeAlias

from kllint.ir import program as ir
from kllint.ir.deferred import Deferred
from kllint.lower.expressions import Expressions, operator
from kllint.lower.places import places_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kllint.ir.deferred import Block, Inside, Parameters
    from kllint.lower.places import Span
    from kllint.source.gate import Function
    from kllint.source.text import Source


def lower_module(source: Source, tree: ast.Module) -> ir.Module:
    """The program of a file, from the tree of its text."""
    return ir.Module(source.path, Statements(places_of(source)).block(tree.body))


class Statements(Expressions):
    """Lowers the statements of one module."""

    def block(self, nodes: Iterable[ast.stmt]) -> tuple[ir.Statement, ...]:
        """The statements of a block; those without effect on values are dropped."""
        return tuple([statement for node in nodes for statement in self.statements(node)])

    def statements(self, node: ast.stmt) -> Iterable[ir.Statement]:
        method = _LOWERINGS.get(type(node))
        return method(self, node) if method else ()

    def assign(self, node: ast.Assign) -> Iterator[ir.Statement]:
        yield ir.Assign(self.lower_all(node.targets), self.lower(node.value), *self.at(node))

    def annotated(self, node: ast.AnnAssign) -> Iterator[ir.Statement]:
        value = self.lower(node.value) if node.value else ir.Unknown((), *self.at(node))
        yield ir.Assign((self.lower(node.target),), value, *self.at(node), annotated=True)

    def augment(self, node: ast.AugAssign) -> Iterator[ir.Statement]:
        target, value = self.lower(node.target), self.lower(node.value)
        yield ir.Augment(target, operator(node.op), value, *self.at(node))

    def evaluate(self, node: ast.Expr) -> Iterator[ir.Statement]:
        value = self.lower(node.value)
        if not isinstance(value, ir.Literal):  # a docstring
            yield ir.Evaluate(value, *self.at(node))

    def asserted(self, node: ast.Assert) -> Iterator[ir.Statement]:
        yield ir.Evaluate(self.lower(node.test), *self.at(node))

    def returned(self, node: ast.Return) -> Iterator[ir.Statement]:
        yield ir.Return(self.optional(node.value), *self.at(node))

    def raised(self, node: ast.Raise) -> Iterator[ir.Statement]:
        yield ir.Raise(*self.at(node))

    def jump(self, node: ast.Break | ast.Continue) -> Iterator[ir.Statement]:
        yield ir.Jump(type(node).__name__.lower(), *self.at(node))

    def branch(self, node: ast.If) -> Iterator[ir.Statement]:
        yield ir.If(self.lower(node.test), self.block(node.body), self.block(node.orelse), *self.at(node))

    def loop(self, node: ast.For | ast.AsyncFor) -> Iterator[ir.Statement]:
        head = self.lower(node.target), self.lower(node.iter)
        yield ir.Loop(*head, self.block(node.body), self.block(node.orelse), *self.at(node))

    def while_loop(self, node: ast.While) -> Iterator[ir.Statement]:
        test = self.lower(node.test)
        yield ir.Loop(None, test, self.block(node.body), self.block(node.orelse), *self.at(node))

    def with_block(self, node: ast.With | ast.AsyncWith) -> Iterator[ir.Statement]:
        items = tuple(
            (self.lower(item.context_expr), self.optional(item.optional_vars)) for item in node.items
        )
        yield ir.With(items, self.block(node.body), *self.at(node))

    def try_block(self, node: ast.Try | ast.TryStar) -> Iterator[ir.Statement]:
        handlers = tuple(self.block(handler.body) for handler in node.handlers)
        rest = self.block(node.orelse), self.block(node.finalbody)
        yield ir.Try(self.block(node.body), handlers, *rest, *self.at(node))

    def match(self, node: ast.Match) -> Iterator[ir.Statement]:
        """A match is a chain of ifs on equality; patterns that are no values match anything."""
        subject, span = self.lower(node.subject), self.at(node)
        chain: tuple[ir.Statement, ...] = ()
        for case in reversed(node.cases):
            body = self.block(case.body)
            test = self.pattern(subject, case.pattern, span)
            chain = body if test is None else (ir.If(test, body, chain, *span),)
        yield from chain

    def pattern(self, subject: ir.Expr, node: ast.pattern, span: Span) -> ir.Expr | None:
        match node:
            case ast.MatchAs(pattern=None):
                return None
            case ast.MatchValue():
                return ir.Compare("==", subject, self.lower(node.value), *span)
            case ast.MatchSingleton():
                return ir.Compare("==", subject, ir.Literal(node.value, *self.at(node)), *span)
            case ast.MatchOr():
                items = self.lower_all(
                    part.value for part in node.patterns if isinstance(part, ast.MatchValue)
                )
                return ir.Compare("in", subject, ir.Sequence("tuple", items, *span), *span)
        return ir.Unknown((subject,), *span)

    def function_definition(self, node: Function) -> Iterator[ir.Statement]:
        yield self.defined(node)

    def defined(self, node: Function) -> ir.Function:
        decorators = self.lower_all(node.decorator_list)
        return Deferred(node.name, self.inside(node), decorators, *self.at(node))

    def inside(self, node: Function) -> Inside:
        """What lowers the parameters and the body of a function."""
        return _Parsed(self, node)

    def class_definition(self, node: ast.ClassDef) -> Iterator[ir.Statement]:
        decorators = self.lower_all(node.decorator_list)
        bases = self.lower_all(base.value if isinstance(base, ast.Starred) else base for base in node.bases)
        yield ir.Class(node.name, bases, self.block(node.body), decorators, *self.at(node))

    def imports(self, node: ast.Import) -> Iterator[ir.Statement]:
        for alias in node.names:
            if alias.asname:
                yield ir.Import(alias.name, None, alias.asname, 0, *self.at(node))
            else:
                head = alias.name.partition(".")[0]
                yield ir.Import(head, None, head, 0, *self.at(node))

    def imports_from(self, node: ast.ImportFrom) -> Iterator[ir.Statement]:
        for alias in node.names:
            bound = alias.asname or alias.name
            yield ir.Import(node.module or "", alias.name, bound, node.level, *self.at(node))


class _Parsed:
    """What is in a function of a tree."""

    __slots__ = ("_node", "_statements")

    def __init__(self, statements: Statements, node: Function) -> None:
        self._statements = statements
        self._node = node

    def parameters(self) -> Parameters:
        return self._statements.parameters(self._node.args)

    def body(self) -> Block:
        return self._statements.block(self._node.body)


_Method: TypeAlias = (
    "Callable[[Any, Any], Iterator[ir.Statement]]"  # each takes the type of node it is listed under
)

_LOWERINGS: dict[type[ast.AST], _Method] = {
    ast.Assign: Statements.assign,
    ast.AnnAssign: Statements.annotated,
    ast.AugAssign: Statements.augment,
    ast.Expr: Statements.evaluate,
    ast.Assert: Statements.asserted,
    ast.Return: Statements.returned,
    ast.Raise: Statements.raised,
    ast.Break: Statements.jump,
    ast.Continue: Statements.jump,
    ast.If: Statements.branch,
    ast.For: Statements.loop,
    ast.AsyncFor: Statements.loop,
    ast.While: Statements.while_loop,
    ast.With: Statements.with_block,
    ast.AsyncWith: Statements.with_block,
    ast.Try: Statements.try_block,
    ast.TryStar: Statements.try_block,
    ast.Match: Statements.match,
    ast.FunctionDef: Statements.function_definition,
    ast.AsyncFunctionDef: Statements.function_definition,
    ast.ClassDef: Statements.class_definition,
    ast.Import: Statements.imports,
    ast.ImportFrom: Statements.imports_from,
}
