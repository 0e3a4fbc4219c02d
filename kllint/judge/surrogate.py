"""The policy gradient around a KL: whether a value trains, what the sign of its surrogate is, what is an advantage."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kllint.ir.values import Op, Value, strip
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
            if node.op in {Op.ADD, Op.SUB}:
                others = others or any(
                    not self.leaves.of(arg) and arg.op is not Op.CONSTANT for arg in node.args
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
            case Op.NEG:
                return -self.surrogate_sign(value.args[0])
            case Op.SUB:
                return agreed([self.surrogate_sign(value.args[0]), -self.surrogate_sign(value.args[1])])
            case Op.CHOICE | Op.WHERE:
                return agreed([self.surrogate_sign(arg) for arg in value.args[1:]])
            case Op.MUL:
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
                while inner.op in {Op.NAMED, Op.CALLED, Op.SAME, Op.NEG}:
                    sign = -sign if inner.op is Op.NEG else sign
                    inner = inner.args[0]
                return sign
        return 0


def trains(leaves: Leaves, value: Value) -> bool:
    """Whether a gradient leaves the value at all: some log-prob is reached without a detachment."""
    stack, seen = [value], set()
    while stack:
        node = stack.pop()
        if node.number in seen or node.op is Op.DETACH or not leaves.of(node):
            continue
        seen.add(node.number)
        leaf = leaves.leaf(node)
        if leaf is None:
            stack.extend(node.args)
        elif leaf.gradient is not Gradient.DETACHED:
            return True
    return False


def is_negative(factor: Value) -> bool:
    """Whether a coefficient turns the sign."""
    node = strip(factor)
    if node.op in {Op.MUL, Op.DIV}:
        return is_negative(node.args[0]) != is_negative(node.args[1])
    return node.op is Op.NEG or (
        node.op is Op.CONSTANT and isinstance(node.data, int | float) and node.data < 0
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
        if value.op is Op.NEG:
            sign = -sign
        elif value.op not in {Op.NAMED, Op.CALLED, Op.SAME, Op.DETACH, Op.REDUCE, Op.WHERE, Op.CLAMP}:
            break
        value = value.args[1 if value.op is Op.WHERE else 0]
    if value.op is Op.MUL:
        return advantage_sign(value.args[0]) * sign or advantage_sign(value.args[1]) * sign
    return sign if is_advantage(value) else 0


@lru_cache(maxsize=50_000)
def is_advantage(value: Value) -> bool:
    """Whether a value is an advantage, return or reward by name."""
    match value.op:
        case Op.NAMED | Op.ATTRIBUTE | Op.SYMBOL:
            return names_reward(str(value.data)) or (value.op is Op.NAMED and is_advantage(value.args[0]))
        case Op.PARAMETER:
            return names_reward(str(value.data[1]))
        case Op.ITEM:
            return names_reward(str(value.args[1].data)) or is_advantage(value.args[0])
        case Op.SAME | Op.CALLED | Op.DETACH | Op.NEG | Op.CENTRED | Op.CLAMP:
            return is_advantage(value.args[0])
        case Op.MUL | Op.ADD | Op.SUB | Op.DIV:
            return any(map(is_advantage, value.args))
        case Op.CHOICE:
            return any(map(is_advantage, value.args[1:]))
    return False
