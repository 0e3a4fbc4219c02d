"""What surrounds a KL at its sink: the other direction, a baseline, a mask, the clamps and reductions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value, strip
from kllint.judge.full import FullKl
from kllint.judge.probe import is_mask
from kllint.judge.reading import Reading
from kllint.judge.sides import core, is_detached
from kllint.link.shape import alike, nodes
from kllint.link.words import words
from kllint.theory.vocabulary import Estimator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kllint.judge.leaves import Leaves
    from kllint.judge.walk import Reached

_SELECTING = {"[]", "masked_select", "index_select", "select", "take", "chunk", "split"}
_CRITIC = {"value", "values", "critic", "nextvalues", "vf", "vpred", "vpreds"}
_STEPS = {ops.NAMED, ops.CALLED, ops.SAME, ops.DETACH, ops.CHOICE, ops.WHERE, ops.MUL}


def way_to(one: Reached) -> list[Value]:
    """The clamps, reductions and products between the sink and the formula, from the sink inwards."""
    if isinstance(one.reading, FullKl):
        return list(one.around)
    return [*one.around, *between(one.reading)]


def between(reading: Reading) -> Iterator[Value]:
    """What lies between a weighted term and its formula."""
    node, seen = reading.whole, 0
    while node is not reading.formula and node.args and seen < 200:
        yield node
        following = [arg for arg in node.args if holds(arg, reading.formula)]
        if not following:
            return
        node, seen = following[0], seen + 1


def holds(value: Value, part: Value) -> bool:
    """Whether a value is computed from a part."""
    stack, seen = [value], {value.number}
    while stack:
        node = stack.pop()
        if node is part:
            return True
        new = [arg for arg in node.args if arg.number not in seen]
        seen.update(arg.number for arg in new)
        stack.extend(new)
    return False


def is_symmetric(one: Reached, others: Iterable[Reached]) -> bool:
    """Whether the other direction of a KL is added to the same sink, or its other half in KL balancing."""
    reading = one.reading
    if not isinstance(reading, FullKl) or reading.sides is None:
        return False
    rest = [other.reading for other in others if isinstance(other.reading, FullKl) and other is not one]
    return any(_completes(reading.sides, other.sides) for other in rest if other.sides is not None)


def _completes(sides: tuple[Value, Value], others: tuple[Value, Value]) -> bool:
    (a, b), (c, d) = sides, others
    if _same(a, d) and _same(b, c):
        return True
    balanced = is_detached(a) != is_detached(b) and is_detached(a) == is_detached(d) != is_detached(c)
    return _same(a, c) and _same(b, d) and balanced


def _same(first: Value, second: Value) -> bool:
    """Whether two sides are one distribution: as probabilities or their logarithms, detached or not."""
    return alike(_logits(first), _logits(second))


def _logits(value: Value) -> Value:
    node = core(value)
    while node.op in {ops.EXP, ops.LOG, ops.SOFTMAX, ops.LOG_SOFTMAX}:
        node = core(node.args[0])
    return node


def is_state_baseline(one: Reached, others: Iterable[Reached]) -> bool:
    """Whether a sum over the vocabulary is the mean of a sampled log-ratio in the same reward."""
    if not isinstance(one.reading, FullKl):
        return False
    return any(
        isinstance(other.reading, Reading)
        and other.reading.estimator is Estimator.K1
        and other.sign == -one.sign
        and other.shaped == one.shaped
        for other in others
    )


def has_critic(advantage: Value) -> bool:
    """Whether a learned value was subtracted: centring what is left of the return shrinks no KL by itself."""
    return any(node.op is ops.SUB and any(map(_names_value, node.args)) for node in nodes(advantage))


def _names_value(value: Value) -> bool:
    inner = strip(value)
    while inner.op in {ops.MUL, ops.DETACH, ops.CHOICE, ops.ITEM}:
        named = inner.op is ops.ITEM and isinstance(inner.args[1].data, str)
        inner = inner.args[1] if named else strip(inner.args[0 if inner.op is ops.ITEM else -1])
    name = inner.data[1] if inner.op is ops.PARAMETER else inner.data
    return isinstance(name, str) and bool(_CRITIC & set(words(name)))


def is_unmasked(leaves: Leaves, one: Reached, sink: Value) -> bool:
    """Whether a plain mean over tokens counts padding: a mask was multiplied in, or is used beside it."""
    reading = one.reading
    if isinstance(reading, FullKl):
        return False
    made = [node for leaf in reading.leaves for node in _steps(leaf.value)]
    if any(node.op is ops.REDUCE for node in made):
        return False
    inwards = way_to(one)
    place = max((i for i, node in enumerate(inwards) if node.op is ops.REDUCE), default=None)
    if place is None or not is_plain_mean(inwards[place]):
        return False
    outside, inside = inwards[:place], inwards[place + 1 :]
    if any(node.op is ops.SAME and node.data in _SELECTING for node in inside):
        return False
    if any(node.op is ops.DIV and is_mask(node.args[1]) for node in outside):
        return False
    return any(map(masks, (*inside, *made))) or masks_beside(leaves, reading, sink)


def is_plain_mean(node: Value) -> bool:
    """Whether a reduction is a mean over axes: not one that a helper does with a mask."""
    known = {ops.CONSTANT, ops.TUPLE, ops.LIST, ops.NEG}
    return node.data == "mean" and all(arg.op in known for arg in node.args[1:])


def masks(node: Value) -> bool:
    """Whether an operation applies a mask to tokens."""
    match node.op:
        case ops.MUL:
            return any(map(_names_mask, node.args))
        case ops.WHERE:
            return _names_mask(node.args[0])
        case ops.REDUCE:
            return any(map(_names_mask, node.args[1:]))
    return False


def masks_beside(leaves: Leaves, reading: Reading, sink: Value) -> bool:
    """Whether the same log-probs are masked elsewhere in what is trained."""
    actor = {leaf.key for leaf in reading.leaves if leaf.key == reading.actor.key}
    stack, seen = [sink], {sink.number}
    while stack:
        node = stack.pop()
        found = {leaf.key for leaf in leaves.of(node)}
        if not found & actor:
            continue
        if masks(node):
            return True
        new = [arg for arg in node.args if arg.number not in seen]
        seen.update(arg.number for arg in new)
        stack.extend(new)
    return False


def _names_mask(value: Value) -> bool:
    return strip(value).op not in {ops.COMPARE, ops.NOT, ops.AND, ops.OR} and is_mask(value)


def _steps(value: Value) -> Iterator[Value]:
    """The shapes, masks and choices through which log-probs came."""
    stack, seen = [value], {value.number}
    while stack:
        node = stack.pop()
        yield node
        if node.op in _STEPS:
            new = [arg for arg in node.args if arg.number not in seen]
            seen.update(arg.number for arg in new)
            stack.extend(new)
