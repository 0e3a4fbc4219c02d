"""Open choices inside an expression: the alternatives that the conditions leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value, symbol
from kllint.judge.assumption import NOTHING, Assumptions
from kllint.judge.conditions import assume, consistent
from kllint.link import build

if TYPE_CHECKING:
    from kllint.judge.leaves import Leaves

_MOST = 32


class Choices:
    """Decides choices; what several expressions share is decided once, and stays one value."""

    def __init__(self, leaves: Leaves) -> None:
        self.leaves = leaves
        self.open: dict[int, Value | None] = {}
        self.closed: dict[int, bool] = {}
        self.decided: dict[tuple[str, bool], dict[int, Value]] = {}

    def alternatives(self, value: Value) -> list[tuple[Assumptions, Value]] | None:
        """The value without choices, once for each consistent outcome of the conditions that matter to it.

        None when there are too many.
        """
        open_ones = [(NOTHING, value)]
        closed: list[tuple[Assumptions, Value]] = []
        while open_ones:
            held, one = open_ones.pop()
            condition = self.first_condition(one)
            if condition is None:
                closed.append((held, one))
                continue
            for holds in (True, False):
                further = held | assume(condition, holds=holds)
                if consistent(further):
                    open_ones.append((further, self.under(one, condition, holds=holds)))
            if len(open_ones) + len(closed) > _MOST:
                return None
        return closed

    def first_condition(self, value: Value) -> Value | None:
        """The condition of a choice between log-probs that is left in the arithmetic of a value."""
        number = value.number
        if number not in self.open:
            self.open[number] = None  # a value never contains itself
            self.open[number] = self._first_condition(value)
        return self.open[number]

    def _first_condition(self, value: Value) -> Value | None:
        if self.is_closed(value):
            return None
        if value.op is ops.CHOICE:
            return value.args[0]
        return next(filter(None, map(self.first_condition, reversed(value.args))), None)

    def is_closed(self, value: Value) -> bool:
        """Whether a value is a log-prob itself or holds none, so that no choice inside it matters."""
        known = self.closed.get(value.number)
        if known is None:
            known = self.leaves.leaf(value) is not None or not self.leaves.of(value)
            self.closed[value.number] = known
        return known

    def under(self, value: Value, condition: Value, *, holds: bool) -> Value:
        """The value with every choice on that condition decided."""
        key = symbol(condition)
        done = self.decided.setdefault((key, holds), {})

        def visit(node: Value) -> Value:
            if self.is_closed(node):
                return node
            known = done.get(node.number)
            if known is None:
                known = done[node.number] = rebuilt(node)
            return known

        def rebuilt(node: Value) -> Value:
            if node.op is ops.CHOICE:
                if symbol(node.args[0]) == key:
                    return visit(node.args[1 if holds else 2])
                then, otherwise = visit(node.args[1]), visit(node.args[2])
                if then is node.args[1] and otherwise is node.args[2]:
                    return node
                return build.choice(node.args[0], then, otherwise, node.span)
            args = tuple([visit(arg) for arg in node.args])
            if args == node.args:  # each the same object
                return node
            return Value(node.op, args, node.data, node.span)

        return visit(value)
