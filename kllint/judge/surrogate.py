"""The policy gradient around a KL: whether a value trains, what the sign of its surrogate is, what is an advantage."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value, strip
from kllint.link.words import names_reward
from kllint.theory.vocabulary import Gradient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kllint.judge.leaves import Leaves
    from kllint.judge.reading import Reader


class Surrogates:
    """Reads the policy-gradient part of a loss; each value once."""

    def __init__(self, leaves: Leaves, reader: Reader) -> None:
        self.leaves = leaves
        self.reader = reader
        self.policy: dict[int, int] = {}

    def adds_reward(self, value: Value) -> bool:
        """Whether a shaped reward has another summand, so that the sign of its KL means something."""
        stack, seen, others = [value], set(), False
        while stack:
            node = stack.pop()
            if node.number in seen:
                continue
            seen.add(node.number)
            if node.op in {ops.ADD, ops.SUB}:
                others = others or any(
                    not self.leaves.of(arg) and arg.op is not ops.CONSTANT for arg in node.args
                )
            if self.leaves.of(node) and self.leaves.leaf(node) is None and not self.reader.is_kl(node):
                stack.extend(node.args)
        return others

    def surrogate_sign(self, value: Value) -> int:
        """+1 where a policy-gradient term `advantage * log q` is added to a value, -1 where subtracted, else 0."""
        if value.number not in self.policy:
            self.policy[value.number] = 0
            self.policy[value.number] = self.surrogate(value)
        return self.policy[value.number]

    def surrogate(self, value: Value) -> int:
        if not self.leaves.of(value):
            return 0
        match value.op:
            case ops.NEG:
                return -self.surrogate_sign(value.args[0])
            case ops.SUB:
                return agreed([self.surrogate_sign(value.args[0]), -self.surrogate_sign(value.args[1])])
            case ops.CHOICE | ops.WHERE:
                return agreed([self.surrogate_sign(arg) for arg in value.args[1:]])
            case ops.MUL:
                return self.surrogate_product(value)
            case _:
                return agreed([self.surrogate_sign(arg) for arg in value.args])

    def surrogate_product(self, value: Value) -> int:
        left, right = value.args
        for factor, rest in ((left, right), (right, left)):
            inner_sign = self.surrogate_sign(rest)
            if inner_sign:
                return -inner_sign if is_negative(factor) else inner_sign
        for advantage, policy in ((left, right), (right, left)):
            sign = advantage_sign(advantage)
            if sign and self.leaves.of(policy):
                inner = policy
                while inner.op in {ops.NAMED, ops.CALLED, ops.SAME, ops.NEG}:
                    sign = -sign if inner.op is ops.NEG else sign
                    inner = inner.args[0]
                return sign
        return 0


def trains(leaves: Leaves, value: Value) -> bool:
    """Whether a gradient leaves the value at all: some log-prob is reached without a detachment."""
    stack, seen = [value], set()
    while stack:
        node = stack.pop()
        if node.number in seen or node.op is ops.DETACH or not leaves.of(node):
            continue
        seen.add(node.number)
        leaf = leaves.leaf(node)
        if leaf is None:
            stack.extend(node.args)
        elif leaf.gradient is not Gradient.DETACHED:
            return True
    return False


@lru_cache(maxsize=50_000)
def is_negative(factor: Value) -> bool:
    """Whether a coefficient turns the sign."""
    node = strip(factor)
    if node.op in {ops.MUL, ops.DIV}:
        return is_negative(node.args[0]) != is_negative(node.args[1])
    return node.op is ops.NEG or (
        node.op is ops.CONSTANT and isinstance(node.data, int | float) and node.data < 0
    )


def agreed(signs: Iterable[int]) -> int:
    """The sign that all who have one agree on, else 0."""
    found = {sign for sign in signs if sign}
    return found.pop() if len(found) == 1 else 0


@lru_cache(maxsize=50_000)
def advantage_sign(value: Value) -> int:
    """+1 for an advantage or reward, -1 for a negated one, 0 for anything else."""
    sign = 1
    while True:
        if value.op is ops.NEG:
            sign = -sign
        elif value.op not in {ops.NAMED, ops.CALLED, ops.SAME, ops.DETACH, ops.REDUCE, ops.WHERE, ops.CLAMP}:
            break
        value = value.args[1 if value.op is ops.WHERE else 0]
    if value.op is ops.MUL:
        return advantage_sign(value.args[0]) * sign or advantage_sign(value.args[1]) * sign
    return sign if is_advantage(value) else 0


@lru_cache(maxsize=50_000)
def is_advantage(value: Value) -> bool:
    """Whether a value is an advantage, return or reward by name."""
    match value.op:
        case ops.NAMED | ops.ATTRIBUTE | ops.SYMBOL:
            return names_reward(str(value.data)) or (value.op is ops.NAMED and is_advantage(value.args[0]))
        case ops.PARAMETER:
            return names_reward(str(value.data[1]))
        case ops.ITEM:
            return names_reward(str(value.args[1].data)) or is_advantage(value.args[0])
        case ops.SAME | ops.CALLED | ops.DETACH | ops.NEG | ops.CENTRED | ops.CLAMP:
            return is_advantage(value.args[0])
        case ops.MUL | ops.ADD | ops.SUB | ops.DIV:
            return any(map(is_advantage, value.args))
        case ops.CHOICE:
            return any(map(is_advantage, value.args[1:]))
    return False
