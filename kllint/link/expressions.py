"""Evaluates the expressions of one function to values."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from kllint.findings import Confidence, Span
from kllint.ir import ops
from kllint.ir import program as ir
from kllint.ir.values import NONE, Value, constant, is_constant, render, strip
from kllint.link import build, records, sinks
from kllint.link.calls import Calls
from kllint.link.scope import Closure, is_property
from kllint.link.tensors import Arguments
from kllint.link.words import (
    names_count,
    names_kl,
    names_log_prob,
    names_log_ratio,
    names_mask,
    names_probability,
)
from kllint.theory.vocabulary import Use

if TYPE_CHECKING:
    from collections.abc import Callable

    from kllint.ir.ops import Op
    from kllint.link.linker import Linker
    from kllint.link.scope import Environment

_BINARY = {"+": ops.ADD, "-": ops.SUB, "*": ops.MUL, "/": ops.DIV, "**": ops.POW}
_UNNAMED = {
    ops.CONSTANT,
    ops.FUNCTION,
    ops.METHOD,
    ops.CLASS,
    ops.OBJECT,
    ops.MODULE,
    ops.EXTERNAL,
    ops.TUPLE,
    ops.LIST,
    ops.DICT,
    ops.PARTIAL,
    ops.RAISED,
}
_COMPARISONS = {"<", ">", "<=", ">="}


class Expressions(Calls):
    """Everything about one function's expressions; statements are the frame's part."""

    def __init__(self, linker: Linker, closure: Closure, names: Environment) -> None:
        self.linker = linker
        self.closure = closure
        self.scope = closure.scope
        self.names = names
        self.no_gradient = 0
        self.deciding = False
        self.guards: list[Value] = []

    def at(self, node: ir.Expr | ir.Statement) -> Span:
        """The place of a node."""
        return tuple.__new__(
            Span, (self.scope.path, node.start, node.end)
        )  # Span(...), made in half the time

    def expression(self, node: ir.Expr) -> Value:
        """The value of an expression."""
        return _EVALUATIONS[node.__class__](self, node)

    def literal(self, node: ir.Literal) -> Value:
        return constant(node.value, self.at(node))

    def arithmetic(self, node: ir.Binary) -> Value:
        sides = self.expression(node.left), self.expression(node.right)
        return self.binary(node.operator, *sides, self.at(node))

    def sequence(self, node: ir.Sequence) -> Value:
        items = tuple(self.element(item) for item in node.items)
        return Value(ops.TUPLE if node.kind == "tuple" else ops.LIST, items, None, self.at(node))

    def walrus(self, node: ir.Walrus) -> Value:
        value = self.expression(node.value)
        self.bind(node.target, value)
        return value

    def starred(self, node: ir.Starred) -> Value:
        return self.expression(node.value)

    def text(self, node: ir.Format) -> Value:
        return Value(ops.FORMAT, tuple(map(self.expression, node.parts)), None, self.at(node))

    def slice(self, node: ir.Slice) -> Value:
        return Value(ops.SYMBOL, (), _bounds(node), self.at(node))

    def unknown(self, node: ir.Unknown) -> Value:
        parts = [self.expression(part) for part in node.parts]
        return parts[0] if parts else Value(ops.SYMBOL, (), "?", self.at(node))

    def bind(self, target: ir.Expr, value: Value) -> None:
        """Binds a target; the frame knows how."""
        raise NotImplementedError

    def element(self, node: ir.Expr) -> Value:
        if isinstance(node, ir.Starred):
            return build.elements(self.expression(node.value), self.at(node))
        return self.expression(node)

    # -- names ----------------------------------------------------------------------------------

    def name(self, node: ir.Name) -> Value:
        found = self.names.get(node.id)
        if found is None:
            found = self.closure.captured.get(node.id)
        if found is None:
            found = self.linker.global_name(self.scope, node.id)
        return found if found is not None else Value(ops.SYMBOL, (), node.id, self.at(node))

    def named(self, name: str, value: Value, span: Span) -> Value:
        """The value under a variable's name, where the name tells something about it."""
        if value.op in _UNNAMED or (value.op is ops.NAMED and value.data == name):
            return value
        return Value(ops.NAMED, (value,), name, span) if tells(name) else value

    def closure_of(self, node: ir.Function) -> Value:
        captured = {**self.closure.captured, **self.names}
        closure = Closure(
            f"{self.closure.name}.{node.name}", node, self.scope, captured, None, self.closure.receiver
        )
        self.linker.register(closure)
        return Value(ops.FUNCTION, (), closure, self.at(node))

    # -- attributes and items -------------------------------------------------------------------

    def path(self, node: ir.Expr) -> str | None:
        """The access path of a target that can be written and read back: `batch["kl"]`, `self.beta`."""
        if isinstance(node, ir.Name):
            return node.id
        if isinstance(node, ir.Attribute):
            base = self.path(node.base)
            return f"{base}.{node.name}" if base else None
        if isinstance(node, ir.Subscript):
            base, key = self.path(node.base), self.key_of(node.index)
            return f"{base}[{key!r}]" if base and isinstance(key, str) else None
        return None

    def key_of(self, node: ir.Expr) -> object:
        """The constant that an index is, or None."""
        value = self.expression(node) if isinstance(node, ir.Name | ir.Literal | ir.Attribute) else NONE
        return value.data if value.op is ops.CONSTANT else None

    def text_of(self, node: ir.Expr) -> str:
        """A target's container as text."""
        return self.path(node) or render(self.expression(node), 3)

    def access(self, node: ir.Attribute | ir.Subscript) -> Value:
        path = self.path(node)
        if path is not None and path in self.names:
            return self.names[path]
        base = self.expression(node.base)
        if isinstance(node, ir.Attribute):
            return self.attribute(base, node.name, self.at(node))
        index = self.expression(node.index)
        if base.op is ops.CLASS and (member := base.data.member(index.data)) is not None:
            return constant(member, self.at(node))  # of an enumeration, by its name
        value = build.item(base, index, self.at(node))
        if isinstance(node.base, ir.Name) and strip(base).op in {ops.LIST, ops.ANY, ops.CHOICE}:
            return self.named(node.base.id, value, self.at(node))  # a list has no name of its own
        return value

    def attribute(self, base: Value, name: str, span: Span) -> Value:
        """`base.name`."""
        inner = strip(base)
        match inner.op:
            case ops.MODULE:
                found = self.linker.member(inner.data, name)
                return (
                    found if found is not None else Value(ops.EXTERNAL, (), f"{inner.data.name}.{name}", span)
                )
            case ops.EXTERNAL:
                return Value(ops.EXTERNAL, (), f"{inner.data}.{name}", span)
            case ops.OBJECT | ops.TUPLE if records.field(inner, name) is not None:
                return self.named(name, records.field(inner, name) or NONE, span)
            case ops.OBJECT:
                return self.object_attribute(inner, name, span)
            case ops.CLASS:
                method = inner.data.find(name)
                if method is not None:
                    return self.linker.method(*method, receiver=inner.data, bound=None)
                member = inner.data.member(name)
                if member is not None:
                    return constant(member, span)
            case ops.CONSTANT if name == "value" and inner.data is not None:
                return inner  # of a member of an enumeration
            case ops.FUNCTION | ops.METHOD | ops.PARTIAL if name in {
                "remote",
                "options",
                "apply",
                "func",
                "compile",
            }:
                return inner
            case ops.CHOICE if any(
                strip(arg).op in {ops.OBJECT, ops.MODULE, ops.TUPLE} for arg in inner.args[1:]
            ):
                condition, then, otherwise = inner.args
                sides = self.attribute(then, name, span), self.attribute(otherwise, name, span)
                return build.choice(condition, *sides, span)
            case _ if name == "data" and build.is_tensor(base):
                return Value(ops.DETACH, (base,), "data", span)
            case _ if name in {"T", "mT", "real"} and build.is_tensor(base):
                return Value(ops.SAME, (base,), name, span)
        return Value(ops.ATTRIBUTE, (base,), name, span)

    def object_attribute(self, base: Value, name: str, span: Span) -> Value:
        reference = base.data
        found = reference.find(name)
        if found is not None:
            if is_property(found[1]):
                method = self.linker.method(*found, receiver=reference, bound=base)
                return self.apply(method, Arguments((), {}, span), name)
            return self.linker.method(*found, receiver=reference, bound=base)
        held = self.linker.held_attribute(reference, name)
        if held is not None:
            return held
        return Value(ops.ATTRIBUTE, (base,), name, span)

    # -- operators ------------------------------------------------------------------------------

    def binary(self, operator: str, left: Value, right: Value, span: Span) -> Value:
        op = _BINARY.get(operator)
        if op is None:
            return Value(ops.CALL, (Value(ops.SYMBOL, (), operator), left, right), (None, None), span)
        if left.op is ops.CONSTANT and right.op is ops.CONSTANT:
            return folded(op, left, right, span)
        if op is ops.ADD and left.op is ops.LIST and right.op is ops.LIST:
            return Value(ops.LIST, (*left.args, *right.args), None, span)
        if op is ops.SUB:
            return self.created(build.difference(left, right, span))
        return self.created(Value(op, (left, right), None, span))

    def unary(self, node: ir.Unary) -> Value:
        operand = self.expression(node.operand)
        if node.operator == "-":
            return self.created(Value(ops.NEG, (operand,), None, self.at(node)))
        if node.operator == "not":
            return build.negation(operand)
        return operand if node.operator == "+" else Value(ops.NOT, (operand,), None, self.at(node))

    def created(self, value: Value) -> Value:
        """A tensor value that this function's own text computes: a candidate for the inventory."""
        self.linker.note(self.closure, value, tuple(self.guards))
        return value

    def conditional(self, node: ir.Conditional) -> Value:
        condition = self.condition(node.test)
        return build.choice(
            condition, self.expression(node.body), self.expression(node.orelse), self.at(node)
        )

    def test(self, node: ir.Expr) -> Value:
        """The test of a branch: comparing a value there decides what is run (early stopping)."""
        self.deciding = True
        value = self.condition(node)
        self.deciding = False
        return value

    def condition(self, node: ir.Expr) -> Value:
        """A truth value; comparing something is a use of it."""
        if isinstance(node, ir.Boolean):
            left = self.condition(node.left)
            right = self.condition(node.right)
            return build.both(left, right) if node.operator == "and" else build.either(left, right)
        if not isinstance(node, ir.Compare):
            return self.expression(node)
        left, right = self.expression(node.left), self.expression(node.right)
        if node.operator in _COMPARISONS:
            for side in (left, right):
                use = Use.EARLY_STOP if self.deciding else Use.METRIC
                self.record(use, side, self.at(node), Confidence.MEDIUM, "comparison")
        return build.compare(node.operator, left, right, self.at(node))

    def record(self, use: Use, value: Value, span: Span, confidence: Confidence, label: str) -> None:
        """Keeps a sink; the frame knows how."""
        raise NotImplementedError

    # -- displays -------------------------------------------------------------------------------

    def mapping(self, node: ir.Mapping) -> Value:
        keys: list[object] = []
        values: list[Value] = []
        for key, item in node.items:
            value = self.expression(item)
            inner = strip(value)
            if key is None and inner.op is ops.DICT:
                keys.extend(inner.data)
                values.extend(inner.args)
                continue
            known = self.expression(key) if key is not None else NONE
            keys.append(known.data if known.op is ops.CONSTANT else None)
            values.append(value)
        return Value(ops.DICT, tuple(values), tuple(keys), self.at(node))

    def comprehension(self, node: ir.Comprehension) -> Value:
        outer = self.names
        self.names = dict(outer)
        for target, iterable in node.clauses:
            self.bind(target, build.elements(self.expression(iterable), self.at(iterable)))
        value = self.expression(node.element)
        self.names = outer
        if node.kind == "dict":
            return Value(ops.DICT, (value,), (None,), self.at(node))
        return Value(ops.LIST, (Value(ops.ANY, (value,), None, self.at(node)),), None, self.at(node))


_Evaluation: TypeAlias = "Callable[[Any, Any], Value]"  # each takes the type of node it is listed under

_EVALUATIONS: dict[type, _Evaluation] = {
    ir.Literal: Expressions.literal,
    ir.Name: Expressions.name,
    ir.Attribute: Expressions.access,
    ir.Subscript: Expressions.access,
    ir.Call: Expressions.call,
    ir.Binary: Expressions.arithmetic,
    ir.Unary: Expressions.unary,
    ir.Compare: Expressions.condition,
    ir.Boolean: Expressions.condition,
    ir.Conditional: Expressions.conditional,
    ir.Sequence: Expressions.sequence,
    ir.Mapping: Expressions.mapping,
    ir.Function: Expressions.closure_of,
    ir.Comprehension: Expressions.comprehension,
    ir.Walrus: Expressions.walrus,
    ir.Starred: Expressions.starred,
    ir.Format: Expressions.text,
    ir.Slice: Expressions.slice,
    ir.Unknown: Expressions.unknown,
}

_TELLING = (names_log_prob, names_log_ratio, names_probability, names_kl, names_mask, names_count)


@lru_cache(maxsize=20_000)
def tells(name: str) -> bool:
    """Whether a variable's name says something about its value."""
    return any(says(name) for says in _TELLING)


def folded(op: Op, left: Value, right: Value, span: Span) -> Value:
    """Arithmetic on two constants."""
    a, b = left.data, right.data
    if isinstance(a, str) and isinstance(b, str) and op is ops.ADD:
        return constant(a + b, span)
    if isinstance(a, int | float) and isinstance(b, int | float):
        result = calculated(op, a, b)
        if result is not None:
            return constant(result, span)
    return Value(op, (left, right), None, span)


def calculated(op: Op, a: float, b: float) -> float | None:
    """The number, or None when there is none that a float can hold."""
    try:
        match op:
            case ops.ADD:
                return a + b
            case ops.SUB:
                return a - b
            case ops.MUL:
                return a * b
            case ops.DIV:
                return a / b
            case ops.POW if abs(b) < 64:
                result = a**b
                return result if isinstance(result, int | float) else None
    except (ArithmeticError, ValueError):
        return None
    return None


def _bounds(node: ir.Slice) -> str:
    """`:` for every part of a sequence, but for one from which a known number is cut off at the end: `:-1`."""
    match node:
        case ir.Slice(lower=None, upper=ir.Literal(value=int(upper)), step=None) if upper < 0:
            return f":{upper}"
    return ":"


def is_zero(value: Value) -> bool:
    """Whether a value is the number zero."""
    return is_constant(value, 0, 0.0)


__all__ = ["Expressions", "folded", "is_zero", "sinks"]
