"""Open choices inside an expression: the alternatives that the conditions leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir.values import Op, Value, symbol
from kllint.judge.conditions import NOTHING, Assumptions, assume, consistent
from kllint.link import build

if TYPE_CHECKING:
    from kllint.judge.leaves import Leaves

_MOST = 32


def alternatives(leaves: Leaves, value: Value) -> list[tuple[Assumptions, Value]] | None:
    """The value without choices, once for each consistent outcome of the conditions that matter to it.

    None when there are too many.
    """
    open_ones = [(NOTHING, value)]
    closed: list[tuple[Assumptions, Value]] = []
    while open_ones:
        held, one = open_ones.pop()
        condition = first_condition(leaves, one)
        if condition is None:
            closed.append((held, one))
            continue
        for holds in (True, False):
            further = held | assume(condition, holds=holds)
            if consistent(further):
                open_ones.append((further, decided(leaves, one, condition, holds=holds)))
        if len(open_ones) + len(closed) > _MOST:
            return None
    return closed


def first_condition(leaves: Leaves, value: Value) -> Value | None:
    """The condition of a choice between log-probs that is left in the arithmetic of a value."""
    stack, seen = [value], {value.number}
    while stack:
        node = stack.pop()
        if leaves.leaf(node) is not None or not leaves.of(node):
            continue
        if node.op is Op.CHOICE:
            return node.args[0]
        for arg in node.args:
            if arg.number not in seen:
                seen.add(arg.number)
                stack.append(arg)
    return None


def decided(leaves: Leaves, value: Value, condition: Value, *, holds: bool) -> Value:
    """The value with every choice on that condition decided."""
    key = symbol(condition)
    done: dict[int, Value] = {}

    def visit(node: Value) -> Value:
        if node.number not in done:
            done[node.number] = rebuilt(node)
        return done[node.number]

    def rebuilt(node: Value) -> Value:
        if leaves.leaf(node) is not None or not leaves.of(node):
            return node
        if node.op is Op.CHOICE:
            if symbol(node.args[0]) == key:
                return visit(node.args[1 if holds else 2])
            then, otherwise = visit(node.args[1]), visit(node.args[2])
            if then is node.args[1] and otherwise is node.args[2]:
                return node
            return build.choice(node.args[0], then, otherwise, node.span)
        args = tuple([visit(arg) for arg in node.args])
        if all(a is b for a, b in zip(args, node.args, strict=True)):
            return node
        return Value(node.op, args, node.data, node.span)

    return visit(value)
