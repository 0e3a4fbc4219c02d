"""KL over a whole distribution: library calls, sums over the vocabulary, closed forms between normals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value, render, strip
from kllint.judge.leaves import Kind
from kllint.link.shape import alike
from kllint.link.words import names_probability, role_in, words
from kllint.theory.vocabulary import Estimator, Gradient, Role

if TYPE_CHECKING:
    from kllint.judge.leaves import Leaf, Leaves


@dataclass(frozen=True, slots=True)
class FullKl:
    """A KL that does not depend on the sampled token: KL(numerator || denominator)."""

    formula: Value
    kind: str  # f_kl_div, analytic, gaussian, jsd
    estimator: Estimator
    numerator: Role
    denominator: Role
    gradient: Gradient
    sides: tuple[Value, Value] | None = None  # numerator and denominator, where they are values of their own


def full_kl(leaves: Leaves, value: Value) -> FullKl | None:
    """The full KL that a value is by itself."""
    match value.op:
        case ops.KL_DIV:
            return _library(leaves, value, value.args[1], value.args[0], "f_kl_div")
        case ops.KL_DISTRIBUTIONS:
            return _library(leaves, value, value.args[0], value.args[1], "analytic")
        case ops.MUL:
            return _analytic(leaves, value)
        case ops.ADD | ops.SUB | ops.NEG:
            return gaussian(value)
    return None


def _library(leaves: Leaves, value: Value, numerator: Value, denominator: Value, kind: str) -> FullKl:
    roles = side_role(leaves, numerator), side_role(leaves, denominator)
    detached = all(strip(side).op is ops.DETACH for side in (numerator, denominator))
    mixed = any("mix" in part for side in (numerator, denominator) for part in words(_name(side)))
    gradient = Gradient.DETACHED if detached else Gradient.LIVE
    return FullKl(value, "jsd" if mixed else kind, Estimator.FULL, *roles, gradient, (numerator, denominator))


def side_role(leaves: Leaves, value: Value) -> Role:
    """Whose distribution a side is."""
    found = next((leaf.role for leaf in sorted(leaves.of(value), key=lambda one: one.key) if leaf.role), None)
    return found or role_in(f"{_name(value)} logp") or Role.OTHER


def _name(value: Value) -> str:
    node = value
    while node.op in {ops.SAME, ops.CALLED, ops.DETACH, ops.REDUCE}:
        node = node.args[0]
    return str(node.data) if node.op is ops.NAMED else render(node, 4)


def _analytic(leaves: Leaves, value: Value) -> FullKl | None:
    """`p * (log p - log q)`: probabilities times the difference of two log-probs, the first their own."""
    for weight, difference in (value.args, value.args[::-1]):
        inner = strip(difference)
        if inner.op is ops.REDUCE:
            inner = strip(inner.args[0])
        if inner.op is ops.SUB:
            found = _named_sides(leaves, value, weight, inner) or _own_log(leaves, value, weight, inner)
            if found is not None:
                return found
    return None


def _named_sides(leaves: Leaves, value: Value, weight: Value, difference: Value) -> FullKl | None:
    """Probabilities times the difference of two log-probs that are known as such."""
    if not is_probability(leaves, weight):
        return None
    first, second = (log_side(leaves, side) for side in difference.args)
    if first is None or second is None or first.key == second.key:
        return None
    own = side_role(leaves, weight)
    roles = first.role or Role.OTHER, second.role or Role.OTHER
    if own is roles[1] and own is not roles[0]:
        roles = roles[::-1]
    return FullKl(value, "analytic", Estimator.FULL, *roles, Gradient.LIVE, (first.value, second.value))


def _own_log(leaves: Leaves, value: Value, weight: Value, difference: Value) -> FullKl | None:
    """A value times the difference of its own logarithm to another one, whatever their names."""
    for first, second in (difference.args, difference.args[::-1]):
        if is_log_of(first, weight) and not is_log_of(second, weight) and is_log(leaves, second):
            roles = side_role(leaves, first), side_role(leaves, second)
            return FullKl(value, "analytic", Estimator.FULL, *roles, Gradient.LIVE, (first, second))
    return None


def cross_entropy(leaves: Leaves, value: Value) -> FullKl | None:
    """`p * log q`, a KL but for a constant where the function around it says that it is one."""
    if value.op is not ops.MUL:
        return None
    for weight, log in (value.args, value.args[::-1]):
        if is_probability(leaves, weight) and is_log(leaves, log) and not is_log_of(log, weight):
            roles = side_role(leaves, weight), side_role(leaves, log)
            return FullKl(value, "analytic", Estimator.FULL, *roles, Gradient.LIVE)
    return None


_INVERSES = {ops.SOFTMAX: ops.LOG_SOFTMAX, ops.SIGMOID: ops.LOGSIGMOID}
_LOGS = {ops.LOG, ops.LOG_SOFTMAX, ops.LOGSIGMOID, ops.LOG1P}


def is_log_of(log: Value, weight: Value) -> bool:
    """Whether one value is the logarithm of the other, as far as shapes, masks and floors go."""
    above, below = _core(log), _core(weight)
    if above.op is ops.LOG:
        return alike(_core(above.args[0]), below)
    if below.op is ops.EXP:
        return alike(_core(below.args[0]), above)
    return above.op is _INVERSES.get(below.op) and alike(_core(above.args[0]), _core(below.args[0]))


def is_log(leaves: Leaves, value: Value) -> bool:
    """Whether a value is a logarithm: of anything, or a log-prob by name."""
    return _core(value).op in _LOGS or log_side(leaves, value) is not None


def _core(value: Value) -> Value:
    """What is behind shapes, detachment, floors and masks."""
    while value.op in {ops.NAMED, ops.CALLED, ops.SAME, ops.DETACH, ops.CLAMP, ops.WHERE}:
        value = value.args[1 if value.op is ops.WHERE else 0]
    return value


def log_side(leaves: Leaves, value: Value) -> Leaf | None:
    """The single leaf that a side of a difference is."""
    found = leaves.of(value)
    return next(iter(found)) if len(found) == 1 else None


def is_probability(leaves: Leaves, value: Value) -> bool:
    """Whether a value holds probabilities: a softmax, the exp of one leaf, or a name that says so."""
    node = value
    while node.op in {ops.SAME, ops.CALLED, ops.DETACH, ops.NAMED, ops.NEG, ops.CLAMP}:
        if node.op is ops.NAMED and names_probability(str(node.data)):
            return True
        node = node.args[0]
    if node.op is ops.SOFTMAX:
        return True
    if node.op is ops.EXP:
        leaf = log_side(leaves, node.args[0])
        return leaf is not None and leaf.kind is not Kind.RATIO and strip(node.args[0]).op is not ops.SUB
    names = (
        [str(node.data)]
        if node.op in {ops.SYMBOL, ops.ATTRIBUTE}
        else [str(node.data[1])]
        if node.op is ops.PARAMETER
        else []
    )
    return any(map(names_probability, names))


_SPREAD = {"logvar", "var", "std", "sigma", "logstd", "scale", "variance"}


def gaussian(value: Value) -> FullKl | None:
    """A closed form between normals: a log of spreads, a square of means and a ratio or exp of variances."""
    if value.op is ops.NEG or value.span is None:
        return None
    sums = _sums(value)
    constant = any(arg.op is ops.CONSTANT and arg.data in {1, 0.5} for node in sums for arg in node.args)
    if not constant or len(sums) < 2:
        return None  # of nearly all, before their text is made
    text = render(value, 9)
    parts = set(words(text))
    has_spread = bool(parts & _SPREAD) and ("log" in parts or "logvar" in parts)
    has_mean = bool(parts & {"mu", "mean", "means", "loc"})
    squares = text.count("** 2") + text.count("** 2.0")
    if has_spread and has_mean and squares and ("exp(" in text or squares > 1):
        return FullKl(value, "gaussian", Estimator.FULL, Role.OTHER, Role.OTHER, Gradient.LIVE)
    return None


def _sums(value: Value) -> list[Value]:
    """The nested additions and subtractions that a value is, each once."""
    found: dict[int, Value] = {}
    stack = [value]
    while stack:
        node = stack.pop()
        if node.op in {ops.ADD, ops.SUB} and node.number not in found:
            found[node.number] = node
            stack.extend(node.args)
    return list(found.values())
