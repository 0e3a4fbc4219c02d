"""Reads one expression without open choices as a KL term: the fit, its estimator and its weight."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kllint.findings import Confidence
from kllint.ir import ops
from kllint.ir.values import Value, is_constant, strip
from kllint.judge.leaves import Kind, Leaf, Leaves, is_rollout
from kllint.judge.probe import OpaqueError, Probe
from kllint.link.words import names_mask
from kllint.theory.algebra import differentiate
from kllint.theory.combination import Combination
from kllint.theory.estimators import K1, K2, K3, recognise, weight_of
from kllint.theory.fit import Fit, combine, fit
from kllint.theory.vocabulary import Estimator, Gradient, Role, Weight

if TYPE_CHECKING:
    from collections.abc import Iterable

_OTHERS = {Role.REFERENCE, Role.TEACHER}
_TRANSPARENT = {
    ops.NAMED,
    ops.CALLED,
    ops.SAME,
    ops.REDUCE,
    ops.DETACH,
    ops.CLAMP,
    ops.WHERE,
    ops.CENTRED,
    ops.ANY,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A KL expression read: what it estimates, of whom, with which weight and gradient."""

    formula: Value  # the smallest value that is the estimator
    whole: Value  # with its weight
    fit: Fit | None
    estimator: Estimator
    sign: int
    weight: Weight
    gradient: Gradient
    actor: Leaf
    other: Leaf | None
    leaves: frozenset[Leaf]
    anchored: bool
    malformed: bool
    confidence: Confidence
    swapped: bool = False  # the sampler stands in for the actor (reward paths)
    slots: tuple[tuple[str, str], ...] = ()  # the key of each leaf, and which of q, p and mu it is

    @property
    def is_plain(self) -> bool:
        """Whether the value is the estimator itself, not a multiple of it."""
        known = recognise(self.fit.value, self.anchored) if self.fit is not None else None
        return known is not None and abs(known.scale - 1) < 1e-6


@dataclass(frozen=True, slots=True)
class _Sides:
    """Which leaf plays which part."""

    slots: tuple[tuple[str, str], ...]
    actor: Leaf
    other: Leaf | None
    anchored: bool
    guessed: bool
    swapped: bool
    nameless: bool = False  # nobody says that the other side is the sampler


class Reader:
    """Reads expressions; the probes are kept, so that what two expressions share is evaluated once."""

    def __init__(self, leaves: Leaves) -> None:
        self.leaves = leaves
        self.probes: dict[tuple[tuple[tuple[str, str], ...], bool], Probe] = {}
        self.readings: dict[int, Reading | None] = {}

    def read(self, value: Value) -> Reading | None:
        """The KL term that a value is, with a constant factor and a weight at most; None when it is none."""
        if value.number not in self.readings:
            found = self.readings[value.number] = self.reading(value)
            if found is not None:
                self.readings[value.number] = replace(found, formula=self.formula(value, found))
        return self.readings[value.number]

    def fits(self, value: Value) -> bool:
        """Whether a value is some function of the log-ratio and the importance ratio alone."""
        leaves = self.leaves.of(value)
        if not leaves or len(leaves) > 3 or self.leaves.leaf(value) is not None:
            return False
        for sides in candidates(leaves):
            probe = Probe(self.leaves, dict(sides.slots), anchored=sides.anchored)
            try:
                if fit(probe.evaluate(value), sides.anchored) is not None:
                    return True
            except OpaqueError:
                continue
        return False

    def is_term(self, value: Value) -> bool:
        """Whether a value is an estimator but for names and calls."""
        return self.leaves.leaf(value) is None and self.read(strip(value)) is not None

    def is_kl(self, value: Value) -> bool:
        """Whether a value was read as a KL term."""
        return self.readings.get(value.number) is not None

    def reading(self, value: Value) -> Reading | None:
        """The first way to tell the roles of the leaves under which a value is a KL term."""
        leaves = self.leaves.of(value)
        if (
            self.leaves.leaf(value) is not None
            or not 1 <= len(leaves) <= 6
            or any(one.preference for one in leaves)
        ):
            return None
        for sides in candidates(leaves):
            found = self.fitted(value, leaves, sides)
            upside_down = found is not None and found.estimator is Estimator.K3_INVERTED
            if found is not None and not (sides.nameless and upside_down):
                return found
        return None

    def fitted(self, value: Value, leaves: frozenset[Leaf], sides: _Sides) -> Reading | None:
        """The term that a value is when its leaves play these parts."""
        key = (sides.slots, sides.anchored)
        if key not in self.probes:
            self.probes[key] = Probe(self.leaves, dict(sides.slots), anchored=sides.anchored)
        try:
            evaluated = self.probes[key].evaluate(value)
        except OpaqueError:
            return None
        found = fit(evaluated, sides.anchored)
        if found is None:
            return self.by_gradient(value, leaves, sides, combine(evaluated.slopes, sides.anchored))
        known = recognise(found.value, sides.anchored)
        if known is None or (sides.guessed and known.estimator is not Estimator.K3):
            return None
        trained = {one.gradient for one in leaves if dict(sides.slots).get(one.key) == "q"}
        reachable = next((g for g in (Gradient.LIVE, Gradient.UNKNOWN) if g in trained), Gradient.DETACHED)
        gradient = reachable if found.is_live else Gradient.DETACHED
        weight = self.weight(value, found)
        by_gradient = (
            straight_through(found) if weight is Weight.NONE and gradient is not Gradient.DETACHED else None
        )
        return Reading(
            value, value, found, by_gradient or known.estimator, known.sign, weight, gradient, sides.actor, sides.other,
            leaves, sides.anchored, known.malformed, _confidence(sides), sides.swapped, sides.slots,
        )  # fmt: skip

    def by_gradient(
        self, value: Value, leaves: frozenset[Leaf], sides: _Sides, slopes: Combination | None
    ) -> Reading | None:
        """A score-function form, `sg(d) * log q`: its value is nothing, its gradient is that of k2."""
        if slopes is None or not slopes or sides.other is None or strip(value).op is not ops.MUL:
            return None
        known = recognise(slopes, sides.anchored)
        if known is None or known.estimator is not Estimator.K1:
            return None
        like = Combination.plain(D2=0.5 * known.sign * known.scale).times_rho(1 if known.weighted else 0)
        found = Fit(like, slopes, sides.anchored)
        weight = self.weight(value, found)
        return Reading(
            value, value, found, Estimator.K2, known.sign, weight, Gradient.LIVE, sides.actor, sides.other,
            leaves, sides.anchored, malformed=False, confidence=_confidence(sides), swapped=sides.swapped,
            slots=sides.slots,
        )  # fmt: skip

    def weight(self, value: Value, found: Fit) -> Weight:
        """The importance weight: what the fit shows, unless clipping, averaging or a constant hides it."""
        hidden = hidden_weight(self.leaves, value)
        return hidden if hidden is not None else weight_of(found)

    def formula(self, value: Value, found: Reading) -> Value:
        """The smallest part that is the whole estimator, without weight, mask and reduction."""
        node = value
        while True:
            inner = self.inner(node, found)
            if inner is None:
                return node
            node = inner

    def inner(self, node: Value, found: Reading) -> Value | None:
        """The one part of a value that is the same estimator, if any."""
        scales = node.op in {ops.MUL, ops.DIV} and any(arg.op is ops.CONSTANT for arg in node.args)
        if node.op in {ops.ADD, ops.SUB} or (node.op is ops.NEG and found.estimator is Estimator.K1):
            return None
        for arg in node.args:
            below = self.read(arg) if self.leaves.of(arg) else None
            if below is not None and below.estimator is found.estimator and (not scales or below.is_plain):
                return arg
        return None


def straight_through(found: Fit) -> Estimator | None:
    """The estimator whose gradient a term has, where that is not the gradient of its value."""
    derivative = found.derivative
    if not derivative or found.anchored or derivative.is_close(differentiate(found.value)):
        return None
    return next((name for name, value in _BY_GRADIENT if derivative.ratio(differentiate(value))), None)


_BY_GRADIENT = ((Estimator.K1, K1), (Estimator.K2, K2), (Estimator.K3, K3))


def candidates(leaves: Iterable[Leaf]) -> list[_Sides]:
    """The ways in which leaves can be actor, reference and sampler; several only when names are silent."""
    by_role: dict[Role | None, dict[str, Leaf]] = {}
    for leaf in sorted(leaves, key=lambda one: (one.key, one.value.number)):  # the last is the outermost
        by_role.setdefault(leaf.role, {})[leaf.key] = leaf
    ratios = [leaf for leaf in leaves if leaf.kind is Kind.RATIO]
    if ratios and len(ratios) == len(list(leaves)):
        first = min(ratios, key=lambda one: one.key)
        return [_Sides(((first.key, "q"),), first, None, anchored=True, guessed=False, swapped=False)]
    actors, unknown = by_role.get(Role.ACTOR, {}), by_role.get(None, {})
    behaviour = by_role.get(Role.BEHAVIOUR, {})
    others = {**by_role.get(Role.REFERENCE, {}), **by_role.get(Role.TEACHER, {})}
    if not others and not behaviour and not unknown:
        actors, behaviour = _stored(actors)
    if not others and not behaviour and (not actors or not unknown):
        return _guessed({**actors, **unknown})
    if not others and not behaviour:
        # Beside the actor's, nameless log-probs are those stored with the batch; the reference's if that
        # is what makes k3 upright.
        ways = _sides(actors, {}, unknown), _sides(actors, unknown, {})
        return [replace(one, nameless=one.anchored) for one in ways]
    swapped = False
    trained = {**actors, **unknown}
    if not trained:
        trained, behaviour, swapped = *_engines(behaviour, alone=not others), True
    return [replace(_sides(trained, others, behaviour), swapped=swapped)] if trained else []


def _sides(trained: dict[str, Leaf], others: dict[str, Leaf], behaviour: dict[str, Leaf]) -> _Sides:
    """The parts that leaves play once it is known whose they are."""
    anchored = not others and bool(behaviour)
    slots = dict.fromkeys(trained, "q")
    slots.update(dict.fromkeys(others, "p"))
    slots.update(dict.fromkeys(behaviour, "p" if anchored else "mu"))
    first_other = next(iter((others or behaviour).values()), None)
    actor = next(iter(trained.values()))
    return _Sides(tuple(sorted(slots.items())), actor, first_other, anchored, guessed=False, swapped=False)


def _stored(actors: dict[str, Leaf]) -> tuple[dict[str, Leaf], dict[str, Leaf]]:
    """Of the actor's log-probs those without gradient were stored with the batch, where others have one."""
    old = {key: leaf for key, leaf in actors.items() if leaf.gradient is Gradient.DETACHED}
    return (
        ({k: v for k, v in actors.items() if k not in old}, old) if len(old) < len(actors) else (actors, {})
    )


def _engines(behaviour: dict[str, Leaf], *, alone: bool) -> tuple[dict[str, Leaf], dict[str, Leaf]]:
    """Of two older policies the rollout engine's is the sampler, and the trainer's stands for the actor."""
    rollout = {key: leaf for key, leaf in behaviour.items() if is_rollout(leaf)}
    trainer = {key: leaf for key, leaf in behaviour.items() if key not in rollout}
    return (trainer, rollout) if alone and rollout and trainer else (behaviour, {})


def _guessed(unknown: dict[str, Leaf]) -> list[_Sides]:
    """Two log-probs that say nothing: one is the actor, and only a k3 tells which."""
    if len(unknown) != 2:
        return []
    first, second = unknown.values()
    pairs = ((first, second), (second, first))
    return [
        _Sides(((a.key, "q"), (b.key, "p")), a, b, anchored=False, guessed=True, swapped=False)
        for a, b in pairs
    ]


def _confidence(sides: _Sides) -> Confidence:
    if sides.guessed or sides.other is None:
        return Confidence.LOW
    return Confidence.HIGH if sides.actor.certain and sides.other.certain else Confidence.MEDIUM


def hidden_weight(leaves: Leaves, value: Value) -> Weight | None:
    """A weight among the factors of a product that the fit cannot show."""
    factors = [one for one in factors_of(value) if not is_constant(one)]
    if len(factors) < 2:
        return None
    for factor in factors:
        if is_ones(factor):
            return Weight.CONSTANT
        if not is_ratio(leaves, factor):
            continue
        *around, exponential = _to_ratio(leaves, factor)
        exponent = exponential.args[0]
        if _cancels(leaves, exponent):
            return Weight.CONSTANT
        below = _down(exponent)
        if any(node.op is ops.REDUCE and node.data == "mean" for node in below) or _divides(exponent):
            return Weight.GEOMETRIC_RHO
        if any(node.op in {ops.CLAMP, ops.MIN, ops.MAX} for node in (*around, *below)):
            return Weight.CLIPPED_RHO
    return None


def is_ones(factor: Value) -> bool:
    """Whether a factor is made of ones without being a mask: `ones_like(x)`, `exp(zeros_like(x))`."""
    node = factor
    while node.op in {ops.NAMED, ops.SAME, ops.CALLED, ops.DETACH}:
        if node.op is ops.NAMED and names_mask(str(node.data)):
            return False
        node = node.args[0]
    if node.op is ops.EXP:
        inner = strip(node.args[0])
        return inner.op is ops.FILLED and inner.data == 0
    return node.op is ops.FILLED and node.data == 1


def is_ratio(leaves: Leaves, factor: Value) -> bool:
    """Whether a factor is exp of something, behind clamps and shapes."""
    return _to_ratio(leaves, factor)[-1].op is ops.EXP


def _to_ratio(leaves: Leaves, factor: Value) -> list[Value]:
    path = [factor]
    while path[-1].op in _TRANSPARENT or path[-1].op in {ops.MIN, ops.MAX}:
        args = path[-1].args
        path.append(next((arg for arg in args if leaves.of(arg)), args[0]))
    return path


def _cancels(leaves: Leaves, exponent: Value) -> bool:
    """Whether a log-ratio is that of one tensor to itself, with the same gradient on both sides."""
    difference = strip(exponent)
    if difference.op is not ops.SUB:
        return False
    left, right = difference.args
    same = {leaf.key for leaf in leaves.of(left)} == {leaf.key for leaf in leaves.of(right)}
    return same and _detaches(left) == _detaches(right)


def _detaches(value: Value) -> bool:
    return any(node.op is ops.DETACH for node in _down(value))


def _divides(exponent: Value) -> bool:
    """Whether a log-ratio was summed over tokens and divided by their number."""
    return any(
        node.op is ops.DIV and any(n.op is ops.REDUCE for n in _down(node.args[0]))
        for node in _down(exponent)
    )


def factors_of(value: Value) -> list[Value]:
    """The factors of a product, through names and shapes."""
    if value.op is ops.MUL:
        return [factor for arg in value.args for factor in factors_of(arg)]
    if value.op in {ops.NAMED, ops.CALLED, ops.SAME, ops.REDUCE, ops.NEG}:
        inner = factors_of(value.args[0])
        return inner if len(inner) > 1 else [value]
    if value.op is ops.DIV:
        return factors_of(value.args[0])
    return [value]


def _down(value: Value) -> list[Value]:
    """The arithmetic of a value, stopping at calls; what a choice depends on is no part of it."""
    found, stack, seen = [], [value], set()
    while stack:
        node = stack.pop()
        if node.number in seen:
            continue
        seen.add(node.number)
        found.append(node)
        if node.op is not ops.CALL:
            stack.extend(node.args[node.op in {ops.CHOICE, ops.WHERE} :])
    return found
