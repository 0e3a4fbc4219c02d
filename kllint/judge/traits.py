"""What the writing of a formula tells beyond its fit: clamps, centring, shared tensors, constants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir.values import Op, is_constant
from kllint.judge.term import Trait
from kllint.theory.vocabulary import Estimator, Use

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kllint.ir.values import Value
    from kllint.judge.leaves import Leaves
    from kllint.judge.reading import Reading
    from kllint.judge.walk import Reached


def traits_of(leaves: Leaves, reading: Reading, reached: Reached, use: Use) -> Iterable[Trait]:
    """What the formula's writing tells beyond its fit."""
    nodes = list(_inside(leaves, reading.whole))
    if any(leaf.pathwise for leaf in reading.leaves):
        yield Trait.PATHWISE
    if reached.centred:
        yield Trait.CENTRED_WITH_SELF
    if any(node.op is Op.CLAMP for node in reached.around) or _clamps_output(leaves, reading):
        yield Trait.CLAMPED_OUTPUT
    inputs = _clamped_inputs(leaves, reading)
    if inputs:
        yield Trait.CLAMPED_INPUT
    if reading.estimator is Estimator.K3 and _half_clamped(leaves, reading):
        yield Trait.HALF_CLAMPED
    if any(node.op is Op.CLAMP and is_constant(node.args[1], 0, 0.0) for node in nodes):
        yield Trait.CLAMPED_POSITIVE
    exponentials = [node for node in _inside(leaves, reading.formula) if node.op in {Op.EXP, Op.EXPM1}]
    if use in {Use.LOSS, Use.REWARD} and any(not _bounded(leaves, node.args[0]) for node in exponentials):
        yield Trait.UNCLAMPED_EXP
    if _same_tensor(reading):
        yield Trait.SAME_TENSOR
    other = reading.other
    if other is not None and _is_filled(other.value):
        yield Trait.REFERENCE_CONSTANT


def _inside(leaves: Leaves, value: Value) -> Iterable[Value]:
    """The arithmetic of a value down to its leaves."""
    stack, seen = [value], {value.number}
    while stack:
        node = stack.pop()
        yield node
        if leaves.leaf(node) is None:
            for arg in node.args:
                if arg.number not in seen and leaves.of(arg):
                    seen.add(arg.number)
                    stack.append(arg)


def _clamps_output(leaves: Leaves, reading: Reading) -> bool:
    node = reading.whole
    while node is not reading.formula and node.args:
        if node.op is Op.CLAMP:
            return True
        following = [arg for arg in node.args if any(one is reading.formula for one in _inside(leaves, arg))]
        if not following:
            return False
        node = following[0]
    return False


def _clamped_inputs(leaves: Leaves, reading: Reading) -> bool:
    return any(node.op is Op.CLAMP for node in _inside(leaves, reading.formula))


def _half_clamped(leaves: Leaves, reading: Reading) -> bool:
    """Whether the log-ratio is clamped inside the exp only."""
    exponentials = [node for node in _inside(leaves, reading.formula) if node.op in {Op.EXP, Op.EXPM1}]
    clamped = any(_bounded(leaves, node.args[0]) for node in exponentials)
    return clamped and not _bounded_outside(leaves, reading.formula)


def _bounded_outside(leaves: Leaves, value: Value) -> bool:
    """Whether a clamp occurs in the formula outside every exp."""
    stack = [value]
    while stack:
        node = stack.pop()
        if node.op is Op.CLAMP:
            return True
        if node.op not in {Op.EXP, Op.EXPM1} and leaves.leaf(node) is None:
            stack.extend(arg for arg in node.args if leaves.of(arg))
    return False


def _bounded(leaves: Leaves, value: Value) -> bool:
    return any(node.op in {Op.CLAMP, Op.MIN, Op.MAX} for node in _inside(leaves, value))


def _same_tensor(reading: Reading) -> bool:
    keys = {leaf.key.partition(":")[2] for leaf in reading.leaves}
    return len(reading.leaves) > 1 and len(keys) == 1


def _is_filled(value: Value) -> bool:
    while value.op in {Op.NAMED, Op.SAME, Op.DETACH, Op.CALLED}:
        value = value.args[0]
    return value.op is Op.FILLED
