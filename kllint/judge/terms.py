"""From what reaches a sink to the terms that rules judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.findings import Confidence
from kllint.judge.full import FullKl
from kllint.judge.traits import traits_of, weight_at
from kllint.link.sinks import UNUSED
from kllint.rules.term import Term, Trait
from kllint.theory.verdict import Verdict, judge_loss, judge_reward
from kllint.theory.vocabulary import Estimator, Gradient, Regime, Role, Target, Use, Weight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kllint.findings import Span
    from kllint.judge.leaves import Leaf, Leaves
    from kllint.judge.reading import Reading
    from kllint.judge.walk import Reached
    from kllint.link.sinks import Sink
    from kllint.theory.fit import Fit

_RANK = {Confidence.LOW: 0, Confidence.MEDIUM: 1, Confidence.HIGH: 2}


def least(*levels: Confidence) -> Confidence:
    """The lowest of some confidences."""
    return min(levels, key=_RANK.__getitem__)


def regime_of(leaves: Leaves, sink: Sink) -> Regime:
    """Off-policy when an older policy's log-probs take part in the update, or one rollout serves several rounds."""
    found = leaves.of(sink.value)
    old = [leaf for leaf in found if leaf.role is Role.BEHAVIOUR]
    live = [
        leaf for leaf in found if leaf.role in {Role.ACTOR, None} and leaf.gradient is not Gradient.DETACHED
    ]
    if old and live:
        return Regime.OFF
    return Regime.OFF if sink.repeated and live else Regime.UNKNOWN


def make_term(
    leaves: Leaves,
    sink: Sink,
    reached: Reached,
    polarity: int,
    condition: str | None,
    target: Target,
    regime: Regime,
    others: Iterable[Reached] = (),
) -> Term | None:
    """The term for one way from a sink to a KL; `polarity` is -1 when the sink is maximised, 0 when unknown."""
    use = Use.REWARD if reached.shaped else sink.use
    reading = reached.reading
    span = reading.formula.span
    if span is None:
        return None
    if isinstance(reading, FullKl):
        found = traits_of(leaves, sink, reached, others, use)
        return full_term(sink, reached, reading, use, condition, regime, span, found)
    verdict, flipped = verdict_of(reading, reached, use, polarity, regime, target)
    gradient = reading.gradient if not reached.detached else Gradient.DETACHED
    if use is Use.LOSS and gradient is Gradient.DETACHED:
        verdict = Verdict.NO_GRADIENT
    traits = set(traits_of(leaves, sink, reached, others, use))
    if reached.unreachable:
        verdict, traits = Verdict.NOT_JUDGED, {Trait.UNREACHABLE}
    if sink.label in UNUSED:
        traits = {Trait.DROPPED}
    if (
        reached.shaped
        or (use is Use.REWARD and sink.label != sink.label.partition("[")[0])
        or sink.label == "return"
    ):
        traits.add(Trait.POLICY_GRADIENT)
    if flipped:
        traits.add(Trait.FLIPPED_SIGN)
    numerator, denominator = sides_of(reading)
    return Term(
        span, sink.span, sink.function, reading.estimator, numerator, denominator, weight_at(reached), gradient, use, regime,
        verdict, reading.fit, least(reading.confidence, sink.confidence), frozenset(traits), condition, spelling(reading.actor),
    )  # fmt: skip


def full_term(
    sink: Sink,
    reached: Reached,
    reading: FullKl,
    use: Use,
    condition: str | None,
    regime: Regime,
    span: Span,
    traits: frozenset[Trait],
) -> Term:
    """The term for a KL over a whole distribution, which has no fit."""  # fmt: skip
    detached = reached.detached or reading.gradient is Gradient.DETACHED
    gradient = Gradient.DETACHED if detached else Gradient.LIVE
    return Term(
        span, sink.span, sink.function, reading.estimator, reading.numerator, reading.denominator, Weight.NONE, gradient, use,
        regime, Verdict.NOT_JUDGED, None, least(Confidence.LOW, sink.confidence), traits, condition,
    )  # fmt: skip


def spelling(leaf: Leaf) -> str:
    """How the source calls a log-prob, where that is a name that can be repeated in advice."""
    return leaf.text if leaf.text.isidentifier() else (leaf.role or Role.ACTOR).log_prob


def sides_of(reading: Reading) -> tuple[Role, Role]:
    """Numerator and denominator of the KL that a reading estimates."""
    actor = reading.actor.role or Role.ACTOR
    other = (reading.other.role or Role.REFERENCE) if reading.other is not None else Role.REFERENCE
    towards_sampler = reading.anchored and (
        (reading.estimator is Estimator.K1 and reading.sign < 0) or reading.estimator == Estimator.K3
    )
    return (other, actor) if towards_sampler else (actor, other)


def verdict_of(
    reading: Reading, reached: Reached, use: Use, polarity: int, regime: Regime, target: Target
) -> tuple[Verdict, bool]:
    """The verdict, and whether the term has the wrong sign although its formula is judged by itself."""
    found = reading.fit
    if found is None:
        return Verdict.NOT_JUDGED, False
    outside = reached.sign * reading.sign
    if use is Use.LOSS:
        return loss_verdict(found, outside, polarity, regime, target)
    if use is Use.REWARD:
        towards = outside if reached.shaped else -outside
        value = found.value if towards > 0 else found.value.negate()
        weighted = reading.weight in {Weight.CLIPPED_RHO, Weight.GEOMETRIC_RHO}
        verdict = judge_reward(value, weighted, target, found.anchored)
        if verdict is Verdict.WRONG_SIGN and not polarity:
            verdict = judge_reward(value.negate(), weighted, target, found.anchored)
        return verdict, False
    return Verdict.NOT_JUDGED, False


def loss_verdict(
    found: Fit, outside: int, polarity: int, regime: Regime, target: Target
) -> tuple[Verdict, bool]:
    """Judges a loss term with its sign; a wrong sign counts only where the sink's polarity is known."""
    derivative = found.derivative
    if derivative is None:
        return Verdict.OTHER, False
    direction = outside * (polarity or 1)
    signed = derivative if direction > 0 else derivative.negate()
    verdict = judge_loss(signed, regime, found.anchored, target)
    if verdict is Verdict.WRONG_SIGN and not polarity:
        return judge_loss(signed.negate(), regime, found.anchored, target), False
    return verdict, False


def role_text(leaf: Leaf | None) -> str:
    """A leaf's role for the inventory."""
    return (leaf.role or Role.OTHER).value if leaf is not None else Role.OTHER.value
