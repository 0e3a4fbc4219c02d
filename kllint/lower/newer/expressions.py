"""Expressions from LibCST to the program's own."""

# most methods are named for the one kind of node that they lower

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import libcst as cst

from kllint.ir import program as ir

if TYPE_CHECKING:
    from collections.abc import Callable

    from kllint.lower.newer.positions import Offsets

_OPERATORS: dict[type[cst.CSTNode], str] = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.Divide: "/",
    cst.Power: "**",
    cst.MatrixMultiply: "@",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.BitAnd: "&",
    cst.BitOr: "|",
    cst.BitXor: "^",
    cst.BitInvert: "~",
    cst.LeftShift: "<<",
    cst.RightShift: ">>",
    cst.Minus: "-",
    cst.Plus: "+",
    cst.Not: "not",
    cst.And: "and",
    cst.Or: "or",
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.In: "in",
    cst.NotIn: "not in",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.AddAssign: "+",
    cst.SubtractAssign: "-",
    cst.MultiplyAssign: "*",
    cst.DivideAssign: "/",
    cst.PowerAssign: "**",
    cst.MatrixMultiplyAssign: "@",
    cst.FloorDivideAssign: "//",
    cst.ModuloAssign: "%",
    cst.BitAndAssign: "&",
    cst.BitOrAssign: "|",
    cst.BitXorAssign: "^",
    cst.LeftShiftAssign: "<<",
    cst.RightShiftAssign: ">>",
}


def operator(node: cst.CSTNode) -> str:
    """The Python spelling of an operator."""
    return _OPERATORS.get(type(node), "?")


class Expressions:
    """Lowers the expressions of one module, whose node offsets it knows.

    `base` is added to every offset: the bytes in front of the parsed text.
    """

    def __init__(self, offsets: Offsets, base: int) -> None:
        self.offsets = offsets
        self.base = base

    def at(self, node: cst.CSTNode) -> tuple[int, int]:
        """The node's bytes in the file."""
        start, end = self.offsets[id(node)]
        return start + self.base, end + self.base

    def lower(self, node: cst.CSTNode) -> ir.Expr:
        """One expression; what is not followed becomes `Unknown`."""
        method = _LOWERINGS.get(type(node))
        return method(self, node) if method else ir.Unknown((), *self.at(node))

    def unknown(self, node: cst.CSTNode, *parts: cst.CSTNode) -> ir.Expr:
        return ir.Unknown(tuple(map(self.lower, parts)), *self.at(node))

    def name(self, node: cst.Name) -> ir.Expr:
        constants = {"True": True, "False": False, "None": None}
        if node.value in constants:
            return ir.Literal(constants[node.value], *self.at(node))
        return ir.Name(node.value, *self.at(node))

    def number(self, node: cst.Integer | cst.Float) -> ir.Expr:
        return ir.Literal(node.evaluated_value, *self.at(node))

    def string(self, node: cst.SimpleString | cst.ConcatenatedString) -> ir.Expr:
        value = node.evaluated_value
        return (
            ir.Format(self.pieces(node), *self.at(node))
            if value is None
            else ir.Literal(value, *self.at(node))
        )

    def pieces(self, node: cst.BaseString) -> tuple[ir.Expr, ...]:
        if isinstance(node, cst.ConcatenatedString):
            return self.pieces(node.left) + self.pieces(node.right)
        return self.formatted(node) if isinstance(node, cst.FormattedString) else (self.lower(node),)

    def format(self, node: cst.FormattedString) -> ir.Expr:
        return ir.Format(self.formatted(node), *self.at(node))

    def formatted(self, node: cst.FormattedString) -> tuple[ir.Expr, ...]:
        return tuple(
            ir.Literal(part.value, *self.at(part))
            if isinstance(part, cst.FormattedStringText)
            else self.lower(part.expression)
            for part in node.parts
            if isinstance(part, cst.FormattedStringText | cst.FormattedStringExpression)
        )

    def attribute(self, node: cst.Attribute) -> ir.Expr:
        return ir.Attribute(self.lower(node.value), node.attr.value, *self.at(node))

    def subscript(self, node: cst.Subscript) -> ir.Expr:
        indices = [self.index(element.slice) for element in node.slice]
        index = indices[0] if len(indices) == 1 else ir.Sequence("tuple", tuple(indices), *self.at(node))
        return ir.Subscript(self.lower(node.value), index, *self.at(node))

    def index(self, node: cst.BaseSlice) -> ir.Expr:
        if not isinstance(node, cst.Slice):
            return self.lower(cst.ensure_type(node, cst.Index).value)
        lower, upper, step = (
            self.lower(bound) if bound else None for bound in (node.lower, node.upper, node.step)
        )
        return ir.Slice(lower, upper, step, *self.at(node))

    def call(self, node: cst.Call) -> ir.Expr:
        arguments = tuple(
            ir.Argument(self.lower(arg.value), arg.keyword.value if arg.keyword else None, len(arg.star))
            for arg in node.args
        )
        return ir.Call(self.lower(node.func), arguments, *self.at(node))

    def binary(self, node: cst.BinaryOperation) -> ir.Expr:
        sides = self.lower(node.left), self.lower(node.right)
        return ir.Binary(operator(node.operator), *sides, *self.at(node))

    def unary(self, node: cst.UnaryOperation) -> ir.Expr:
        operand = self.lower(node.expression)
        sign = operator(node.operator)
        if sign == "-" and isinstance(operand, ir.Literal) and isinstance(operand.value, int | float):
            return ir.Literal(-operand.value, *self.at(node))
        return ir.Unary(sign, operand, *self.at(node))

    def boolean(self, node: cst.BooleanOperation) -> ir.Expr:
        sides = self.lower(node.left), self.lower(node.right)
        return ir.Boolean(operator(node.operator), *sides, *self.at(node))

    def comparison(self, node: cst.Comparison) -> ir.Expr:
        span = self.at(node)
        left = self.lower(node.left)
        result: ir.Compare | ir.Boolean | None = None
        for target in node.comparisons:
            right = self.lower(target.comparator)
            link = ir.Compare(operator(target.operator), left, right, *span)
            result = link if result is None else ir.Boolean("and", result, link, *span)
            left = right
        return result if result is not None else left

    def conditional(self, node: cst.IfExp) -> ir.Expr:
        parts = self.lower(node.test), self.lower(node.body), self.lower(node.orelse)
        return ir.Conditional(*parts, *self.at(node))

    def display(self, node: cst.Tuple | cst.List | cst.Set) -> ir.Expr:
        kind = type(node).__name__.lower()
        return ir.Sequence(kind, tuple(map(self.element, node.elements)), *self.at(node))

    def element(self, node: cst.BaseElement) -> ir.Expr:
        value = self.lower(node.value)
        return ir.Starred(value, *self.at(node)) if isinstance(node, cst.StarredElement) else value

    def mapping(self, node: cst.Dict) -> ir.Expr:
        items = tuple(
            (self.lower(item.key) if isinstance(item, cst.DictElement) else None, self.lower(item.value))
            for item in node.elements
        )
        return ir.Mapping(items, *self.at(node))

    def function(self, node: cst.Lambda) -> ir.Expr:
        start, end = self.at(node)
        value = self.lower(node.body)
        body = (ir.Return(value, value.start, value.end),)
        return ir.Function("<lambda>", self.parameters(node.params), body, (), start, end)

    def parameters(self, node: cst.Parameters) -> tuple[ir.Parameter, ...]:
        """The parameters of a function or lambda, in order."""
        rest = node.star_arg if isinstance(node.star_arg, cst.Param) else None
        return (
            *(self.parameter(param) for param in (*node.posonly_params, *node.params)),
            *((self.parameter(rest, stars=1),) if rest else ()),
            *(self.parameter(param, keyword_only=True) for param in node.kwonly_params),
            *((self.parameter(node.star_kwarg, stars=2),) if node.star_kwarg else ()),
        )

    def parameter(self, node: cst.Param, stars: int = 0, *, keyword_only: bool = False) -> ir.Parameter:
        default = self.lower(node.default) if node.default else None
        return ir.Parameter(node.name.value, default, stars, keyword_only)

    def comprehension(self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp) -> ir.Expr:
        element = self.lower(node.elt)
        return ir.Comprehension("list", element, None, self.clauses(node.for_in), *self.at(node))

    def mapping_comprehension(self, node: cst.DictComp) -> ir.Expr:
        key, value = self.lower(node.key), self.lower(node.value)
        return ir.Comprehension("dict", value, key, self.clauses(node.for_in), *self.at(node))

    def clauses(self, node: cst.CompFor) -> tuple[tuple[ir.Expr, ir.Expr], ...]:
        first = (self.lower(node.target), self.lower(node.iter))
        return (first, *(self.clauses(node.inner_for_in) if node.inner_for_in else ()))

    def walrus(self, node: cst.NamedExpr) -> ir.Expr:
        return ir.Walrus(self.lower(node.target), self.lower(node.value), *self.at(node))

    def awaited(self, node: cst.Await) -> ir.Expr:
        return self.lower(node.expression)

    def yielded(self, node: cst.Yield) -> ir.Expr:
        value = node.value.item if isinstance(node.value, cst.From) else node.value
        return self.unknown(node, *([value] if value is not None else []))


_Method: TypeAlias = "Callable[[Any, Any], ir.Expr]"  # each takes the type of node it is listed under

_LOWERINGS: dict[type[cst.CSTNode], _Method] = {
    cst.Name: Expressions.name,
    cst.Integer: Expressions.number,
    cst.Float: Expressions.number,
    cst.SimpleString: Expressions.string,
    cst.ConcatenatedString: Expressions.string,
    cst.FormattedString: Expressions.format,
    cst.Attribute: Expressions.attribute,
    cst.Subscript: Expressions.subscript,
    cst.Call: Expressions.call,
    cst.BinaryOperation: Expressions.binary,
    cst.UnaryOperation: Expressions.unary,
    cst.BooleanOperation: Expressions.boolean,
    cst.Comparison: Expressions.comparison,
    cst.IfExp: Expressions.conditional,
    cst.Tuple: Expressions.display,
    cst.List: Expressions.display,
    cst.Set: Expressions.display,
    cst.Dict: Expressions.mapping,
    cst.Lambda: Expressions.function,
    cst.ListComp: Expressions.comprehension,
    cst.SetComp: Expressions.comprehension,
    cst.GeneratorExp: Expressions.comprehension,
    cst.DictComp: Expressions.mapping_comprehension,
    cst.NamedExpr: Expressions.walrus,
    cst.Await: Expressions.awaited,
    cst.Yield: Expressions.yielded,
}
