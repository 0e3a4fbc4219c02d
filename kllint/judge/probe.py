"""Evaluates an expression and its derivative at the sample points, masks on and clamps inactive."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value, is_constant, render, symbol
from kllint.judge.leaves import Kind
from kllint.link.words import names_count, names_mask
from kllint.theory import dual
from kllint.theory.basis import points
from kllint.theory.dual import Dual
from kllint.theory.vocabulary import Gradient

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kllint.ir.ops import Op
    from kllint.judge.leaves import Leaf, Leaves


class OpaqueError(Exception):
    """The expression holds an operation whose value nobody knows."""


class Probe:
    """One assignment of numbers to log-probs; every value is evaluated once."""

    def __init__(self, leaves: Leaves, slots: Mapping[str, str], *, anchored: bool) -> None:
        """`slots` maps the key of each leaf to "q", "p" or "mu"."""
        self.leaves = leaves
        self.slots = slots
        self.anchored = anchored
        where = points(anchored)
        self.numbers = {"q": where.log_q, "p": where.log_p, "mu": where.log_mu}
        self.size = len(where.log_q)
        self.done: dict[int, Dual | None] = {}

    def evaluate(self, value: Value) -> Dual:
        """The dual numbers of a value.

        Raises:
            OpaqueError: the value holds what cannot be evaluated.
        """
        known = self.done.get(value.number)
        if known is None:
            if value.number in self.done:
                raise OpaqueError
            self.done[value.number] = None
            known = self.done[value.number] = self.computed(value)
        return known

    def computed(self, value: Value) -> Dual:
        leaf = self.leaves.leaf(value)
        if leaf is not None:
            return self.log_prob(leaf)
        if value.op not in {ops.CONSTANT, ops.FILLED} and not self.leaves.of(value):
            return self.unknown(value)
        method = _METHODS.get(value.op)
        if method is not None:
            return method(self, value)
        function = _FUNCTIONS.get(value.op)
        if function is None:
            raise OpaqueError
        return function(self.evaluate(value.args[0]))

    def log_prob(self, leaf: Leaf) -> Dual:
        slot = self.slots.get(leaf.key)
        if slot is None:
            raise OpaqueError
        if leaf.kind is Kind.RATIO:
            numbers = [a - b for a, b in zip(self.numbers["q"], self.numbers["p"], strict=True)]
        else:
            numbers = [-a for a in self.numbers[slot]] if leaf.negated else list(self.numbers[slot])
        if slot != "q" or leaf.gradient is Gradient.DETACHED:
            return dual.frozen(numbers)
        made = dual.variable(numbers)
        return Dual(made.values, [-1.0] * self.size) if leaf.negated else made

    def unknown(self, value: Value) -> Dual:
        """A mask or a count is 1; anything else is a number that nothing else is equal to."""
        number = _number(value)
        if number is not None:
            return dual.constant(number, self.size)
        if is_mask(value) or is_count(value):
            return dual.constant(1.0, self.size)
        seed = zlib.crc32(symbol(value).encode()) / 2**32
        return dual.frozen([1.5 + math.sin(97.0 * seed + 12.9898 * (i + 1)) for i in range(self.size)])

    # -- operations with more than one argument --------------------------------------------------

    def constant(self, value: Value) -> Dual:
        if isinstance(value.data, int | float):
            return dual.constant(float(value.data), self.size)
        raise OpaqueError

    def add(self, value: Value) -> Dual:
        return self.evaluate(value.args[0]) + self.evaluate(value.args[1])

    def subtract(self, value: Value) -> Dual:
        return self.evaluate(value.args[0]) - self.evaluate(value.args[1])

    def multiply(self, value: Value) -> Dual:
        return self.evaluate(value.args[0]) * self.evaluate(value.args[1])

    def divide(self, value: Value) -> Dual:
        return self.evaluate(value.args[0]) / self.evaluate(value.args[1])

    def power(self, value: Value) -> Dual:
        return self.evaluate(value.args[0]) ** self.evaluate(value.args[1])

    def clamp(self, value: Value) -> Dual:
        inner, lower, upper = value.args
        found = self.evaluate(inner)
        if is_constant(lower, 0, 0.0) and upper.op is ops.CONSTANT and upper.data is None:
            return dual.maximum(found, 0.0)
        return found

    def where(self, value: Value) -> Dual:
        _, then, otherwise = value.args
        return self.evaluate(then if self.leaves.of(then) else otherwise)

    def extreme(self, value: Value) -> Dual:
        live = [arg for arg in value.args if self.leaves.of(arg)]
        if len(live) != 1:
            raise OpaqueError
        return self.evaluate(live[0])

    def any(self, value: Value) -> Dual:
        return self.evaluate(next(arg for arg in value.args if self.leaves.of(arg)))


_METHODS: dict[Op, Callable[[Probe, Value], Dual]] = {
    ops.CONSTANT: Probe.constant,
    ops.FILLED: Probe.constant,
    ops.ADD: Probe.add,
    ops.SUB: Probe.subtract,
    ops.MUL: Probe.multiply,
    ops.DIV: Probe.divide,
    ops.POW: Probe.power,
    ops.CLAMP: Probe.clamp,
    ops.WHERE: Probe.where,
    ops.MIN: Probe.extreme,
    ops.MAX: Probe.extreme,
    ops.ANY: Probe.any,
}


def _itself(value: Dual) -> Dual:
    return value


_FUNCTIONS: dict[Op, Callable[[Dual], Dual]] = {
    ops.NAMED: _itself,
    ops.CALLED: _itself,
    ops.SAME: _itself,
    ops.REDUCE: _itself,
    ops.CENTRED: _itself,
    ops.DETACH: dual.detach,
    ops.NEG: lambda x: -x,
    ops.EXP: dual.exp,
    ops.LOG: dual.log,
    ops.EXPM1: dual.expm1,
    ops.LOG1P: dual.log1p,
    ops.ABS: dual.absolute,
    ops.SQRT: dual.sqrt,
    ops.SIGN: dual.sign,
    ops.SIGMOID: dual.sigmoid,
    ops.LOGSIGMOID: dual.logsigmoid,
    ops.SOFTPLUS: dual.softplus,
}


def _number(value: Value) -> float | None:
    """The number that a value without log-probs is, through shapes and names."""
    while value.op in {ops.NAMED, ops.CALLED, ops.SAME, ops.DETACH}:
        value = value.args[0]
    if value.op in {ops.CONSTANT, ops.FILLED} and isinstance(value.data, int | float):
        return float(value.data)
    return None


def is_mask(value: Value) -> bool:
    """Whether a value without log-probs selects or weighs tokens: a mask, a comparison, their product."""
    match value.op:
        case ops.COMPARE | ops.NOT | ops.AND | ops.OR:
            return True
        case ops.NAMED | ops.ATTRIBUTE | ops.SYMBOL:
            return names_mask(str(value.data)) or (value.op is ops.NAMED and is_mask(value.args[0]))
        case ops.PARAMETER:
            return names_mask(str(value.data[1]))
        case ops.ITEM:
            key = value.args[1]
            return names_mask(str(key.data)) or is_mask(value.args[0])
        case ops.SAME | ops.CALLED | ops.DETACH | ops.REDUCE | ops.CLAMP:
            return is_mask(value.args[0])
        case ops.MUL | ops.DIV | ops.ADD | ops.SUB:
            return any(map(is_mask, value.args))
        case ops.CHOICE:
            return all(is_mask(arg) or arg.op is ops.CONSTANT for arg in value.args[1:])
        case ops.CALL:
            return "mask" in render(value, 3)
    return False


def is_count(value: Value) -> bool:
    """Whether a value counts things: the size of a batch, a number of tokens."""
    match value.op:
        case ops.NAMED | ops.ATTRIBUTE | ops.SYMBOL:
            return names_count(str(value.data))
        case ops.PARAMETER:
            return names_count(str(value.data[1]))
        case ops.SAME | ops.CALLED | ops.DETACH | ops.REDUCE | ops.CLAMP | ops.ITEM:
            return is_count(value.args[0])
        case ops.CALL:
            return any(word in render(value.args[0], 3) for word in ("len", "size", "numel", "count"))
        case ops.MUL | ops.DIV | ops.ADD | ops.SUB | ops.MAX | ops.MIN:
            return any(is_count(arg) or is_mask(arg) for arg in value.args)
    return False
