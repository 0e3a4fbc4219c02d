"""What the two sides of a KL tell: one tensor twice, a constant, a temperature, a log of probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value, is_constant, strip
from kllint.judge.full import FullKl
from kllint.judge.naming import SHAPED
from kllint.link.shape import alike, nodes
from kllint.link.words import words
from kllint.rules.term import Trait

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kllint.judge.reading import Reading

_UNKNOWN = {ops.CONSTANT, ops.SYMBOL, ops.RAISED, ops.ANY, ops.CHOICE, ops.FILLED}
_MADE_FROM = {ops.GATHER, ops.LOG_SOFTMAX, ops.SOFTMAX, ops.LOG, ops.LOG_PROB, ops.CROSS_ENTROPY}
_SPREAD = SHAPED | {ops.CLAMP, ops.MAX, ops.GATHER, ops.DIV, ops.ANY}
_TEMPERATURE = {"temperature", "temperatures", "temp", "tau"}
_TINY = 1e-4


def traits_of_sides(reading: Reading | FullKl) -> Iterator[Trait]:
    """What holds of the two sides, or of one of them."""
    first, second = sides_of(reading)
    if any(map(is_log_of_probability, (first, second))):
        yield Trait.LOG_OF_PROBABILITY
    if first is None or second is None:
        return
    if is_placeholder(second, first):
        yield Trait.REFERENCE_CONSTANT
    if not any(map(is_detached, (first, second))):
        if core(first) is not core(second):
            if computed_alike(core(first), core(second)):
                yield Trait.BOTH_LIVE
        elif comes_from_model(first):
            yield Trait.SAME_TENSOR
    if {temperature(first), temperature(second)} == {True, False}:
        yield Trait.ONE_SIDED_TEMPERATURE


def sides_of(reading: Reading | FullKl) -> tuple[Value | None, Value | None]:
    """The values of the two log-probs or distributions."""
    if isinstance(reading, FullKl):
        return reading.sides or (None, None)
    return reading.actor.value, reading.other.value if reading.other is not None else None


def core(value: Value) -> Value:
    """What is behind names, shapes and detachment."""
    while value.op in SHAPED:
        value = value.args[0]
    return value


def behind(value: Value) -> Iterator[Value]:
    """The values that a log-prob was made from, step by step, down to the logits."""
    while True:
        yield value
        if value.op not in SHAPED | _MADE_FROM:
            return
        value = value.args[0]


def comes_from_model(value: Value) -> bool:
    """Whether a side is computed or given, rather than made up: `torch.randn(...)`, a number, an unknown."""
    *_, root = behind(value)
    return _calls_model(root) if root.op is ops.CALL else root.op not in _UNKNOWN


def is_placeholder(value: Value, other: Value) -> bool:
    """Whether a side is a constant although the other comes from a model, and both belong together."""
    constant, *_, root = core(value), *behind(other)
    if constant.op is not ops.FILLED or not comes_from_model(other):
        return False
    near = constant.span is not None and root.span is not None and constant.span.path == root.span.path
    return near or root.op is ops.CALL


def is_detached(value: Value) -> bool:
    """Whether no gradient gets through a side."""
    return any(node.op is ops.DETACH for node in behind(value))


def computed_alike(first: Value, second: Value) -> bool:
    """Whether two values come from two calls of one function on the same arguments."""
    return alike(first, second) and any(map(_calls_model, nodes(first)))


def _calls_model(node: Value) -> bool:
    return node.op is ops.CALL and node.args[0].op is not ops.EXTERNAL


def temperature(value: Value) -> bool | None:
    """Whether the logits behind a side were divided by a temperature; None when they are not in sight."""
    *made, logits = behind(value)
    if not any(node.op in {ops.LOG_SOFTMAX, ops.SOFTMAX, ops.CROSS_ENTROPY} for node in made):
        return None
    if logits.op is ops.DIV and any(names_temperature(node) for node in nodes(logits.args[1])):
        return True
    return None if any(map(names_temperature, nodes(logits))) or logits.op in _UNKNOWN else False


def names_temperature(node: Value) -> bool:
    """Whether a value, or a keyword of a call, is a temperature by name."""
    match node.op:
        case ops.PARAMETER:
            names: Iterable[object] = (node.data[1],)
        case ops.ITEM:
            names = (node.args[1].data,)
        case ops.CALL:
            names = node.data
        case _:
            names = (node.data,)
    return any(isinstance(name, str) and _TEMPERATURE & set(words(name)) for name in names)


def is_log_of_probability(value: Value | None) -> bool:
    """Whether a side is the logarithm of a softmax, or of a mean of probabilities."""
    if value is None:
        return False
    return any(node.op is ops.LOG and is_softmax(node.args[0]) for node in behind(value))


def is_softmax(value: Value) -> bool:
    """Whether a value is made of a softmax by what leaves it small: shapes, clamps, a tiny term, a mean."""
    if value.op is ops.SOFTMAX:
        return True
    if value.op is ops.ADD:
        return all(is_softmax(arg) or _is_tiny(arg) for arg in value.args)
    if value.op is ops.MUL and any(is_constant(arg) for arg in value.args):
        return any(map(is_softmax, value.args))
    return value.op in _SPREAD and is_softmax(value.args[0])


def _is_tiny(value: Value) -> bool:
    inner = strip(value)
    if inner.op is ops.CONSTANT and isinstance(inner.data, int | float):
        return inner.data <= _TINY
    name = inner.data[1] if inner.op is ops.PARAMETER else inner.data
    return isinstance(name, str) and bool({"eps", "epsilon", "tiny"} & set(words(name)))
