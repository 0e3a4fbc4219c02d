"""Expressions from `ast` to the program's own."""

# most methods are named for the one kind of node that they lower

from __future__ import annotations

import ast
import sys
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeAlias

from kllint.ir import program as ir
from kllint.lower.fstrings import expressions
from kllint.lower.places import Fixed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kllint.lower.places import Places, Span

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.Invert: "~",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Not: "not",
    ast.And: "and",
    ast.Or: "or",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}
_KINDS: dict[type[ast.AST], str] = {ast.Tuple: "tuple", ast.List: "list", ast.Set: "set"}
_FSTRINGS_HAVE_PLACES = sys.version_info >= (3, 12)


def operator(node: ast.AST) -> str:
    """The Python spelling of an operator."""
    return _OPERATORS[type(node)]


class Expressions:
    """Lowers the expressions of one module, given where the places of its tree are in the file."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.at = places.span

    def lower(self, node: ast.AST) -> ir.Expr:
        """One expression; what is not followed becomes `Unknown`."""
        method = _LOWERINGS.get(type(node))
        return method(self, node) if method else ir.Unknown((), *self.at(node))

    def lower_all(self, nodes: Iterable[ast.AST]) -> tuple[ir.Expr, ...]:
        return tuple([self.lower(node) for node in nodes])

    def optional(self, node: ast.AST | None) -> ir.Expr | None:
        return None if node is None else self.lower(node)

    def name(self, node: ast.Name) -> ir.Expr:
        return ir.Name(node.id, *self.at(node))

    def constant(self, node: ast.Constant) -> ir.Expr:
        value: object = node.value
        if value is None or isinstance(value, str | bytes | int | float):
            return ir.Literal(value, *self.at(node))
        return ir.Unknown((), *self.at(node))

    def format(self, node: ast.JoinedStr) -> ir.Expr:
        span = self.at(node)
        values = self.formatted(node, span)
        parts = tuple(
            ir.Literal(str(part.value), *span) if isinstance(part, ast.Constant) else next(values)
            for part in node.values
        )
        return ir.Format(parts, *span)

    def formatted(self, node: ast.JoinedStr, span: Span) -> Iterator[ir.Expr]:
        """The values in an f-string; before Python 3.12 their places in the tree are wrong."""
        values = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        if _FSTRINGS_HAVE_PLACES or not values:
            return map(self.lower, values)
        found = expressions(self.places, span)
        if len(found) != len(values):
            return map(Expressions(Fixed(span)).lower, values)
        return (Expressions(places).lower(value) for value, places in found)

    def attribute(self, node: ast.Attribute) -> ir.Expr:
        return ir.Attribute(self.lower(node.value), node.attr, *self.at(node))

    def subscript(self, node: ast.Subscript) -> ir.Expr:
        return ir.Subscript(self.lower(node.value), self.lower(node.slice), *self.at(node))

    def slice(self, node: ast.Slice) -> ir.Expr:
        lower, upper, step = (
            self.lower(bound) if bound else None for bound in (node.lower, node.upper, node.step)
        )
        return ir.Slice(lower, upper, step, *self.at(node))

    def call(self, node: ast.Call) -> ir.Expr:
        arguments = [*map(self.argument, node.args), *map(self.keyword, node.keywords)]
        if node.args and node.keywords and isinstance(node.args[-1], ast.Starred):
            arguments.sort(key=lambda argument: argument.value.start)  # f(a=1, *b)
        return ir.Call(self.lower(node.func), tuple(arguments), *self.at(node))

    def argument(self, node: ast.expr) -> ir.Argument:
        if isinstance(node, ast.Starred):
            return ir.Argument(self.lower(node.value), None, 1)
        return ir.Argument(self.lower(node))

    def keyword(self, node: ast.keyword) -> ir.Argument:
        return ir.Argument(self.lower(node.value), node.arg, 0 if node.arg else 2)

    def binary(self, node: ast.BinOp) -> ir.Expr:
        sides = self.lower(node.left), self.lower(node.right)
        return ir.Binary(operator(node.op), *sides, *self.at(node))

    def unary(self, node: ast.UnaryOp) -> ir.Expr:
        operand = self.lower(node.operand)
        sign = operator(node.op)
        if sign == "-" and isinstance(operand, ir.Literal) and isinstance(operand.value, int | float):
            return ir.Literal(-operand.value, *self.at(node))
        return ir.Unary(sign, operand, *self.at(node))

    def boolean(self, node: ast.BoolOp) -> ir.Expr:
        """`a and b and c` as `(a and b) and c`, each with its span."""
        start, end = self.at(node)
        result, *rest = self.lower_all(node.values)
        following = [value.start for value in rest[1:]]
        for right, limit in zip_longest(rest, following):
            inner = end if limit is None else self.places.closed(right.end, limit)
            result = ir.Boolean(operator(node.op), result, right, start, inner)
        return result

    def comparison(self, node: ast.Compare) -> ir.Expr:
        span = self.at(node)
        left = self.lower(node.left)
        result: ir.Compare | ir.Boolean | None = None
        for sign, comparator in zip(node.ops, node.comparators, strict=True):
            right = self.lower(comparator)
            link = ir.Compare(operator(sign), left, right, *span)
            result = link if result is None else ir.Boolean("and", result, link, *span)
            left = right
        return result if result is not None else left

    def conditional(self, node: ast.IfExp) -> ir.Expr:
        parts = self.lower(node.test), self.lower(node.body), self.lower(node.orelse)
        return ir.Conditional(*parts, *self.at(node))

    def display(self, node: ast.Tuple | ast.List | ast.Set) -> ir.Expr:
        return ir.Sequence(_KINDS[type(node)], self.lower_all(node.elts), *self.at(node))

    def starred(self, node: ast.Starred) -> ir.Expr:
        return ir.Starred(self.lower(node.value), *self.at(node))

    def mapping(self, node: ast.Dict) -> ir.Expr:
        items = zip(map(self.optional, node.keys), self.lower_all(node.values), strict=True)
        return ir.Mapping(tuple(items), *self.at(node))

    def function(self, node: ast.Lambda) -> ir.Expr:
        value = self.lower(node.body)
        body = (ir.Return(value, value.start, value.end),)
        return ir.Function("<lambda>", self.parameters(node.args), body, (), *self.at(node))

    def parameters(self, node: ast.arguments) -> tuple[ir.Parameter, ...]:
        """The parameters of a function or lambda, in order."""
        positional = [*node.posonlyargs, *node.args]
        defaults = [*[None] * (len(positional) - len(node.defaults)), *node.defaults]
        named_only = zip(node.kwonlyargs, node.kw_defaults, strict=True)
        return (
            *(self.parameter(*both) for both in zip(positional, defaults, strict=True)),
            *((self.parameter(node.vararg, stars=1),) if node.vararg else ()),
            *(self.parameter(*both, keyword_only=True) for both in named_only),
            *((self.parameter(node.kwarg, stars=2),) if node.kwarg else ()),
        )

    def parameter(
        self, node: ast.arg, default: ast.expr | None = None, stars: int = 0, *, keyword_only: bool = False
    ) -> ir.Parameter:
        return ir.Parameter(node.arg, self.optional(default), stars, keyword_only)

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> ir.Expr:
        element = self.lower(node.elt)
        return ir.Comprehension("list", element, None, self.clauses(node.generators), *self.at(node))

    def mapping_comprehension(self, node: ast.DictComp) -> ir.Expr:
        key, value = self.lower(node.key), self.lower(node.value)
        return ir.Comprehension("dict", value, key, self.clauses(node.generators), *self.at(node))

    def clauses(self, nodes: list[ast.comprehension]) -> tuple[tuple[ir.Expr, ir.Expr], ...]:
        return tuple((self.lower(node.target), self.lower(node.iter)) for node in nodes)

    def walrus(self, node: ast.NamedExpr) -> ir.Expr:
        return ir.Walrus(self.lower(node.target), self.lower(node.value), *self.at(node))

    def awaited(self, node: ast.Await) -> ir.Expr:
        return self.lower(node.value)

    def yielded(self, node: ast.Yield | ast.YieldFrom) -> ir.Expr:
        parts = () if node.value is None else (self.lower(node.value),)
        return ir.Unknown(parts, *self.at(node))


_Method: TypeAlias = "Callable[[Any, Any], ir.Expr]"  # each takes the type of node it is listed under

_LOWERINGS: dict[type[ast.AST], _Method] = {
    ast.Name: Expressions.name,
    ast.Constant: Expressions.constant,
    ast.JoinedStr: Expressions.format,
    ast.Attribute: Expressions.attribute,
    ast.Subscript: Expressions.subscript,
    ast.Slice: Expressions.slice,
    ast.Call: Expressions.call,
    ast.BinOp: Expressions.binary,
    ast.UnaryOp: Expressions.unary,
    ast.BoolOp: Expressions.boolean,
    ast.Compare: Expressions.comparison,
    ast.IfExp: Expressions.conditional,
    ast.Tuple: Expressions.display,
    ast.List: Expressions.display,
    ast.Set: Expressions.display,
    ast.Starred: Expressions.starred,
    ast.Dict: Expressions.mapping,
    ast.Lambda: Expressions.function,
    ast.ListComp: Expressions.comprehension,
    ast.SetComp: Expressions.comprehension,
    ast.GeneratorExp: Expressions.comprehension,
    ast.DictComp: Expressions.mapping_comprehension,
    ast.NamedExpr: Expressions.walrus,
    ast.Await: Expressions.awaited,
    ast.Yield: Expressions.yielded,
    ast.YieldFrom: Expressions.yielded,
}
