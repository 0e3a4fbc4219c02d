"""What the writing of a formula tells beyond its fit: clamps, exponentials, centring, sides, surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value, is_constant
from kllint.judge.full import FullKl
from kllint.judge.reading import factors_of, is_ones, is_ratio
from kllint.judge.sides import traits_of_sides
from kllint.judge.surroundings import has_critic, is_state_baseline, is_symmetric, is_unmasked, way_to
from kllint.rules.term import Trait
from kllint.theory.vocabulary import Estimator, Use, Weight

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kllint.ir.ops import Op
    from kllint.judge.leaves import Leaves
    from kllint.judge.reading import Reading
    from kllint.judge.walk import Reached
    from kllint.link.sinks import Sink

_EXPONENTIALS = {ops.EXP, ops.EXPM1}


def traits_of(
    leaves: Leaves, sink: Sink, one: Reached, others: Iterable[Reached], use: Use
) -> frozenset[Trait]:
    """Every trait of one KL term at a sink that `others` reach too."""
    reading = one.reading
    if isinstance(reading, FullKl):
        found = set(of_whole_distribution(one, others))
    else:
        found = {*of_formula(leaves, reading, use), *of_clamps(one, reading)}
        if use is Use.LOSS and is_unmasked(leaves, one, sink.value):
            found.add(Trait.UNMASKED_MEAN)
    if any(node.op is ops.CENTRED and not has_critic(node.args[0]) for node in one.around):
        found.add(Trait.CENTRED_WITH_SELF)
    return frozenset({*found, *traits_of_sides(reading)})


def weight_at(one: Reached) -> Weight:
    """The weight of a term, also where it is a constant that nobody would call a ratio any more."""
    if isinstance(one.reading, FullKl):
        return Weight.NONE
    factors = [factor for node in one.around if node.op is ops.MUL for factor in factors_of(node)]
    if one.reading.weight is Weight.NONE and any(map(is_ones, factors)):
        return Weight.CONSTANT
    return one.reading.weight


def of_whole_distribution(one: Reached, others: Iterable[Reached]) -> Iterator[Trait]:
    """Traits of a sum over the vocabulary."""
    yield Trait.ACTION_INDEPENDENT
    if is_symmetric(one, others):
        yield Trait.SYMMETRIC
    if is_state_baseline(one, others):
        yield Trait.STATE_BASELINE


def of_formula(leaves: Leaves, reading: Reading, use: Use) -> Iterator[Trait]:
    """Traits of an estimator's own arithmetic."""
    if any(leaf.pathwise for leaf in reading.leaves):
        yield Trait.PATHWISE
    own = own_arithmetic(leaves, reading.formula)
    exponentials = [node for node in own if node.op in _EXPONENTIALS]
    if use in {Use.LOSS, Use.REWARD} and any(not _bounded(leaves, node) for node in exponentials):
        yield Trait.UNCLAMPED_EXP
    telling = trained(leaves, reading.formula, own)
    if any(node.op is ops.CLAMP for node in telling):
        yield Trait.CLAMPED_INPUT
    bounded = any(_bounded(leaves, node) for node in telling if node.op in _EXPONENTIALS)
    if reading.estimator is Estimator.K3 and bounded and not _bounded_outside(leaves, reading.formula):
        yield Trait.HALF_CLAMPED


def of_clamps(one: Reached, reading: Reading) -> Iterator[Trait]:
    """Traits of what cuts off an estimator's result."""
    way = [*way_to(one), reading.formula]
    if any(cuts_above(node) for node in way):
        yield Trait.CLAMPED_OUTPUT
    if reading.estimator in {Estimator.K1, Estimator.OTHER} and any(map(cuts_at_zero, way)):
        yield Trait.CLAMPED_POSITIVE


def cuts_above(node: Value) -> bool:
    """Whether a value is cut off where it is large: `clamp(k, max=c)`, `minimum(k, c)`."""
    return node.op is ops.MIN or (node.op is ops.CLAMP and not is_constant(node.args[2], None))


def cuts_at_zero(node: Value) -> bool:
    """Whether a value is cut off below zero: `clamp(k, min=0)`, `relu(k)`."""
    return node.op is ops.CLAMP and is_constant(node.args[1], 0, 0.0)


def own_arithmetic(leaves: Leaves, formula: Value) -> list[Value]:
    """The arithmetic of an estimator, without that of the importance ratios that multiply it."""
    nodes = list(_inside(leaves, formula))
    ratios = [arg for node in nodes if node.op is ops.MUL for arg in node.args if is_ratio(leaves, arg)]
    weights = {node.number for ratio in ratios for node in _inside(leaves, ratio)}
    return [node for node in nodes if node.number not in weights]


def trained(leaves: Leaves, formula: Value, own: Iterable[Value]) -> list[Value]:
    """What of an estimator's arithmetic has a gradient: of `b - b.detach() + a.detach()` only b."""
    outside = {node.number for node in _inside(leaves, formula, frozenset({ops.DETACH}))}
    return [node for node in own if node.number in outside]


def _inside(leaves: Leaves, value: Value, closed: frozenset[Op] = frozenset()) -> Iterator[Value]:
    """The arithmetic of a value down to its leaves, or to operations that are closed."""
    stack, seen = [value], {value.number}
    while stack:
        node = stack.pop()
        yield node
        if leaves.leaf(node) is None and node.op not in closed:
            for arg in node.args:
                if arg.number not in seen and leaves.of(arg):
                    seen.add(arg.number)
                    stack.append(arg)


def _bounded(leaves: Leaves, exponential: Value) -> bool:
    """Whether something clamps what an exponential is taken of."""
    return any(node.op in {ops.CLAMP, ops.MIN, ops.MAX} for node in _inside(leaves, exponential.args[0]))


def _bounded_outside(leaves: Leaves, value: Value) -> bool:
    """Whether a clamp occurs in the formula outside every exponential."""
    stack = [value]
    while stack:
        node = stack.pop()
        if node.op is ops.CLAMP:
            return True
        if node.op not in _EXPONENTIALS and leaves.leaf(node) is None:
            stack.extend(arg for arg in node.args if leaves.of(arg))
    return False
