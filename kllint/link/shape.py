"""How large and how relevant a value is: what keeps composing calls affordable."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value, strip
from kllint.link.words import names_kl, names_log_prob, names_log_ratio, names_loss, names_reward

if TYPE_CHECKING:
    from collections.abc import Iterator

_SMALL, _LARGE = 200, 8000
_TELLING = {
    ops.LOG_PROB,
    ops.LOG_SOFTMAX,
    ops.KL_DIV,
    ops.KL_DISTRIBUTIONS,
    ops.EXP,
    ops.EXPM1,
    ops.CROSS_ENTROPY,
    ops.ABS,
    ops.POW,
}
_CALLED = {ops.NAMED, ops.ATTRIBUTE, ops.CALLED}


def nodes(value: Value) -> Iterator[Value]:
    """Every value that a value is computed from, each once, itself first."""
    seen = {value.number}
    stack = [value]
    while stack:
        one = stack.pop()
        yield one
        for arg in one.args:
            if arg.number not in seen:
                seen.add(arg.number)
                stack.append(arg)


@lru_cache(maxsize=50_000)
def outgrown(value: Value) -> bool:
    """Whether a summary is too large to be composed, or large without anything of log-probs in it."""
    count, telling = 0, False
    for node in nodes(value):
        count += 1
        telling = telling or tells(node)
        if count > _LARGE:
            return True
    return count > _SMALL and not telling


def telling(value: Value) -> bool:
    """Whether anything that a value is computed from has to do with log-probs, KL, losses or rewards."""
    known = value.telling
    if known is None:
        known = value.telling = tells(value) or any(map(telling, value.args))
    return known


def tells(node: Value) -> bool:
    """Whether a node has to do with log-probs, KL, losses or rewards."""
    return node.op in _TELLING or _tells(_name(node))


def holds_kl(value: Value) -> bool:
    """Whether anything that a value is computed from has to do with log-probs or KL."""
    return any(node.op in _TELLING or _tells_kl(_name(node)) for node in nodes(value))


def _name(node: Value) -> str:
    """What a node is called, if anything."""
    if node.op is ops.PARAMETER:
        return str(node.data[1])
    if node.op is ops.ITEM:
        node = node.args[1]
        return node.data if node.op is ops.CONSTANT and isinstance(node.data, str) else ""
    return node.data if node.op in _CALLED and isinstance(node.data, str) else ""


@lru_cache(maxsize=20_000)
def _tells(name: str) -> bool:
    return _tells_kl(name) or names_loss(name) or names_reward(name)


@lru_cache(maxsize=20_000)
def _tells_kl(name: str) -> bool:
    return names_log_prob(name) or names_log_ratio(name) or names_kl(name)


def alike(first: Value, second: Value) -> bool:
    """Whether two values are written alike, wherever they stand."""
    first, second = strip(first), strip(second)
    if first is second:
        return first.op not in {ops.SYMBOL, ops.RAISED, ops.ANY}
    if (
        first.op is not second.op
        or len(first.args) != len(second.args)
        or first.op in {ops.FUNCTION, ops.ANY}
    ):
        return False
    same = first.data == second.data and first.op not in {ops.SYMBOL, ops.RAISED}
    return same and all(alike(a, b) for a, b in zip(first.args, second.args, strict=True))
