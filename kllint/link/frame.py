"""Executes the statements of one function over values: branches join, loops run once, calls are composed.

Nothing of the linted program runs: every value is a node of the graph.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from kllint.findings import Confidence, Span
from kllint.ir import ops
from kllint.ir import program as ir
from kllint.ir.values import NONE, RAISED, Value, render, strip
from kllint.link import build, sinks
from kllint.link.expressions import Expressions
from kllint.link.scope import Closure, disables_gradient, freezes
from kllint.link.sinks import Sink
from kllint.link.tensors import truth
from kllint.link.words import names_kl, words
from kllint.theory.vocabulary import Use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kllint.link.linker import Linker
    from kllint.link.scope import Environment

PENDING = Value(ops.SYMBOL, (), "pending")  # this path goes on behind the statement
JUMPED = Value(ops.SYMBOL, (), "jumped")  # this path left the loop's body

_ROUNDS = {
    "epoch",
    "epochs",
    "minibatch",
    "minibatches",
    "mini",
    "micro",
    "iteration",
    "iterations",
    "updates",
    "ppo",
}


_NO_TENSORS = frozenset({ops.CONSTANT, ops.FUNCTION, ops.CLASS, ops.MODULE})


class Frame(Expressions):
    """One function being executed: its names, the conditions that hold, and the sinks seen so far."""

    def __init__(self, linker: Linker, closure: Closure, environment: Environment) -> None:
        super().__init__(linker, closure, environment)
        self.sinks: list[Sink] = []
        self.writes: dict[str, Value] = {}
        self.rounds = 0
        self.off_under: Value | None = None  # the condition that the gradient is off under, if not always

    # -- blocks ---------------------------------------------------------------------------------

    def block(self, statements: Sequence[ir.Statement]) -> Value | None:
        """Runs statements in order; the value returned, with `PENDING` where a path falls through."""
        held = len(self.guards)
        result: Value | None = None
        for position, statement in enumerate(statements):
            result = self.statement(statement)
            if result is not None and has(result, PENDING):
                rest = self.block(statements[position + 1 :])
                result = replace(result, PENDING, rest) if rest is not None else result
            if result is not None:
                break
        del self.guards[held:]
        return result

    def statement(self, node: ir.Statement) -> Value | None:
        """Runs one statement; None when every path goes on."""
        match node:
            case ir.Assign():
                self.assign(node)
            case ir.Augment():
                self.augment(node)
            case ir.Evaluate():
                value = self.expression(node.value)
                if isinstance(node.value, ir.Binary):
                    self.record(Use.UNKNOWN, value, self.at(node), Confidence.MEDIUM, sinks.DROPPED)
            case ir.Return():
                return self.computed(node.value) if node.value is not None else NONE
            case ir.Raise():
                return RAISED
            case ir.If():
                return self.branch(node)
            case ir.Loop():
                return self.loop(node)
            case ir.With():
                return self.with_block(node)
            case ir.Try():
                return self.try_block(node)
            case ir.Jump():
                return JUMPED
            case ir.Function():
                self.names[node.name] = self.closure_of(node)
            case ir.Import() | ir.Class():
                self.linker.declare(self.scope, node, self.names)
        return None

    # -- branches -------------------------------------------------------------------------------

    def branch(self, node: ir.If) -> Value | None:
        condition = self.test(node.test)
        known = truth(condition)
        if known is not None:
            return self.block(node.body if known else node.orelse)
        before = self.names
        then, after_then = self.under(condition, node.body, before)
        otherwise, after_otherwise = self.under(build.negation(condition), node.orelse, before)
        if ends(then):
            self.names = after_otherwise
            self.guards.append(build.negation(condition))
        elif ends(otherwise):
            self.names = after_then
            self.guards.append(condition)
        else:
            self.names = joined(condition, after_then, after_otherwise)
        if then is None and otherwise is None:
            return None
        return build.choice(condition, then or PENDING, otherwise or PENDING, self.at(node))

    def under(
        self, condition: Value, body: Sequence[ir.Statement], names: Environment
    ) -> tuple[Value | None, Environment]:
        """Runs a branch on a copy of the names."""
        self.names = dict(names)
        self.guards.append(condition)
        result = self.block(body)
        self.guards.pop()
        return result, self.names

    def loop(self, node: ir.Loop) -> Value | None:
        iterable = self.expression(node.iterable)
        if node.target is not None:
            self.bind(node.target, build.elements(iterable, self.at(node.iterable)))
        head = render(iterable, 3) + (render_target(node.target) if node.target is not None else "")
        is_round = bool(_ROUNDS & set(words(head)))
        self.rounds += is_round
        result = self.block(node.body)
        self.rounds -= is_round
        self.block(node.orelse)
        if result is None:
            return None
        result = replace(result, JUMPED, PENDING)
        return None if result is PENDING else build.choice(Value(ops.SYMBOL, (), "loop"), result, PENDING)

    def with_block(self, node: ir.With) -> Value | None:
        off = any(disables_gradient(item) for item, _ in node.items)
        perhaps = [self.off_when(item) for item, _ in node.items if disables_gradient(item)]
        for item, target in node.items:
            value = self.expression(item)
            if target is not None:
                self.bind(target, value)
        before = self.off_under
        self.off_under = perhaps[0] if len(perhaps) == 1 and not self.no_gradient else None
        self.no_gradient += off
        result = self.block(node.body)
        self.no_gradient -= off
        self.off_under = before
        return result

    def off_when(self, node: ir.Expr) -> Value | None:
        """The condition under which a `with` item turns the gradient off: None where it always does."""
        if not isinstance(node, ir.Conditional) or freezes(node):
            return None  # without adapters the model is the reference by itself
        if disables_gradient(node.body) is disables_gradient(node.orelse):
            return None
        condition = self.expression(node.test)
        return condition if disables_gradient(node.body) else build.negation(condition)

    def try_block(self, node: ir.Try) -> Value | None:
        result = self.block(node.body)
        after = self.names
        for handler in node.handlers:
            self.under(Value(ops.SYMBOL, (), "an exception"), handler, after)
        self.names = after
        rest = self.block((*node.orelse, *node.final))
        if result is None or not has(result, PENDING):
            return result if result is not None else rest
        return replace(result, PENDING, rest) if rest is not None else result

    # -- assignments ----------------------------------------------------------------------------

    def assign(self, node: ir.Assign) -> None:
        if node.annotated and isinstance(node.value, ir.Unknown):
            return
        value = self.computed(node.value)
        for target in node.targets:
            self.bind(target, value)

    def computed(self, node: ir.Expr) -> Value:
        """The value of an expression, detached where the gradient is off and it is not merely read."""
        value = self.expression(node)
        read = isinstance(node, ir.Name | ir.Attribute | ir.Subscript | ir.Literal)
        return value if read else self.switched(value)

    def switched(self, value: Value) -> Value:
        """A value as computed here: detached where, or under the condition that, the gradient is off."""
        if not self.no_gradient:
            return value
        off = detached(value)
        return off if self.off_under is None else build.choice(self.off_under, off, value, value.span)

    def augment(self, node: ir.Augment) -> None:
        span = self.at(node)
        current = self.expression(node.target)
        added = self.expression(node.value)
        starts = node.operator == "+" and is_zeros(current)
        value = added if starts else self.binary(node.operator, current, added, span)
        value = self.switched(value)
        if isinstance(node.target, ir.Subscript) and self.path(node.target) is None:
            self.stored(node.target.base, value, span)
        else:
            self.bind(node.target, value)

    def bind(self, target: ir.Expr, value: Value) -> None:
        """Binds a target, unpacking it, and records the sink that its name makes it."""
        match target:
            case ir.Sequence():
                self.unpack(target.items, value)
            case ir.Starred():
                self.bind(target.value, Value(ops.LIST, (value,), None, value.span))
            case ir.Name():
                self.names[target.id] = self.named(target.id, value, self.at(target))
                if self.no_gradient and names_kl(target.id):
                    self.record(Use.METRIC, value, self.at(target), Confidence.LOW, target.id)
                self.record_target(target.id, "", value, self.at(target))
            case ir.Attribute() | ir.Subscript():
                self.bind_path(target, value)
            case _:
                return

    def unpack(self, targets: tuple[ir.Expr, ...], value: Value) -> None:
        for position, target in enumerate(targets):
            index = Value(ops.CONSTANT, (), position)
            self.bind(target, build.item(value, index, self.at(target)))

    def bind_path(self, target: ir.Attribute | ir.Subscript, value: Value) -> None:
        path = self.path(target)
        span = self.at(target)
        container = self.text_of(target.base)
        if path is None:
            self.stored(target.base, value, span)
            return
        name = target.name if isinstance(target, ir.Attribute) else str(self.key_of(target.index))
        self.names[path] = self.named(name, value, span)
        if isinstance(target, ir.Attribute) and container == "self":
            self.writes[name] = self.names[path]
        self.linker.keep_field(name, container, self.names[path])
        base = strip(self.names[container]) if container in self.names else None
        if base is not None and base.op is ops.DICT and isinstance(target, ir.Subscript):
            self.names[container] = with_entry(base, self.key_of(target.index), value)
        self.record_target(name, container, value, span)

    def stored(self, base: ir.Expr, value: Value, span: Span) -> None:
        """`base[index] = value` at an index that is no key: part of a tensor or list."""
        path = self.path(base)
        name = path.split(".")[-1].split("[")[-1].strip("\"']") if path else ""
        current = self.names.get(path) if path is not None else None
        if path is not None and current is not None:
            if strip(current).op in {ops.FILLED, ops.LIST, ops.SYMBOL}:
                self.names[path] = self.named(name, value, span)
            elif value.op is not ops.CONSTANT and strip(current).op is not ops.ANY:
                self.names[path] = self.named(name, build.any_of((current, value), span), span)
        if name:
            self.record_target(name, "", value, span)

    # -- sinks ----------------------------------------------------------------------------------

    def record_target(self, name: str, container: str, value: Value, span: Span) -> None:
        use = sinks.of_target(name, container)
        if use is not None:
            label = f"{container}[{name}]" if container else name
            self.record(use, value, span, Confidence.MEDIUM, label)

    def record(self, use: Use, value: Value, span: Span, confidence: Confidence, label: str) -> None:
        """Keeps a sink, unless it is a loss that nobody trains on because the gradient is off."""
        if value.op in _NO_TENSORS:
            return
        if self.no_gradient and use is Use.LOSS:
            use = Use.METRIC
        guards = tuple(self.guards)
        sink = Sink(use, value, span, self.closure.name, guards, confidence, label, repeated=self.rounds > 0)
        self.sinks.append(sink)

    def adopt(self, sink: Sink, value: Value, guards: tuple[Value, ...]) -> None:
        """Takes over a callee's sink that depends on what was passed to it: its value and guards are these here."""
        use = Use.METRIC if self.no_gradient and sink.use is Use.LOSS else sink.use
        repeated, depth = sink.repeated or self.rounds > 0, sink.depth + 1
        inside = (*self.guards, *guards)
        here = dataclasses.replace(sink, use=use, value=value, guards=inside, repeated=repeated, depth=depth)
        self.sinks.append(here)


def is_zeros(value: Value) -> bool:
    """Whether a value is a buffer that nothing was added to yet."""
    inner = strip(value)
    return inner.op is ops.FILLED and inner.data == 0


def render_target(node: ir.Expr) -> str:
    """The names in a loop's target, for their words."""
    if isinstance(node, ir.Sequence):
        return " ".join(map(render_target, node.items))
    return f" {node.id}" if isinstance(node, ir.Name) else ""


def ends(result: Value | None) -> bool:
    """Whether no path goes on behind the statement."""
    return result is not None and not has(result, PENDING)


def has(value: Value, sentinel: Value) -> bool:
    """Whether a sentinel is a leaf of a tree of choices."""
    if value is sentinel:
        return True
    return value.op is ops.CHOICE and (has(value.args[1], sentinel) or has(value.args[2], sentinel))


def replace(value: Value, sentinel: Value, other: Value) -> Value:
    """The tree of choices with a sentinel replaced."""
    if value is sentinel:
        return other
    if value.op is ops.CHOICE and has(value, sentinel):
        condition, then, otherwise = value.args
        sides = replace(then, sentinel, other), replace(otherwise, sentinel, other)
        return build.choice(condition, *sides, value.span)
    return value


def joined(condition: Value, then: Environment, otherwise: Environment) -> Environment:
    """The names behind a branch."""
    names = dict(otherwise)
    for name, value in then.items():
        other = names.get(name)
        if other is None:
            names[name] = value
        elif other is not value:
            names[name] = build.choice(condition, value, other, value.span)
    return names


_DISPLAYS = frozenset({ops.TUPLE, ops.LIST, ops.DICT, ops.OBJECT})
_WITHOUT_GRADIENT = frozenset(
    {
        ops.CONSTANT, ops.FUNCTION, ops.METHOD, ops.CLASS, ops.MODULE, ops.EXTERNAL, ops.DETACH, ops.RAISED, ops.FORMAT,
    } | _DISPLAYS
)  # fmt: skip


def detached(value: Value) -> Value:
    """The value as computed where the gradient is off."""
    if value.op in _DISPLAYS and value.args:
        return Value(value.op, tuple(map(detached, value.args)), value.data, value.span)
    if value.op in _WITHOUT_GRADIENT:
        return value
    if value.op is ops.CHOICE:
        condition, then, otherwise = value.args
        return build.choice(condition, detached(then), detached(otherwise), value.span)
    return Value(ops.DETACH, (value,), "no_grad", value.span)


def with_entry(base: Value, key: object, value: Value) -> Value:
    """A dictionary with one entry set."""
    keys, values = list(base.data), list(base.args)
    if key in keys:
        values[keys.index(key)] = value
    else:
        keys.append(key)
        values.append(value)
    return Value(ops.DICT, tuple(values), tuple(keys), base.span)
