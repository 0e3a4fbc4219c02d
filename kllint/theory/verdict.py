"""What the gradient of a KL term does, read off its fitted derivative (theory.md sections 1 and 2).

A term is right for a target divergence when its coefficient c, in gradient = E_mu[c * s], equals that of
the target up to a positive scale and a score term of zero mean: a constant under q, a constant times rho
under mu. That k1 does nothing in a loss, that k3 there follows the forward KL and that k2 is right is shown
in arXiv 2510.01555; that rho * k3 is right off-policy in arXiv 2512.02556.
"""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final, TypeAlias

from kllint.theory.algebra import as_product, differentiate
from kllint.theory.basis import Element, Shape
from kllint.theory.combination import Combination
from kllint.theory.estimators import ABS, K1, K2, K3, K3_INVERTED
from kllint.theory.vocabulary import Regime, Target


@unique
class Verdict(StrEnum):
    """The outcome of judging one term at one sink."""

    RIGHT = "right"
    NOISY = "right, with more variance than needed"  # rho * k1
    NO_GRADIENT = "no gradient"
    INERT = "inert on-policy, repels from sampled tokens off-policy"  # k1 in a loss
    INERT_WEIGHTED = "inert"  # sg(rho) * k1
    FORWARD = "gradient of the forward KL"  # k3 in a loss
    FORWARD_WEIGHTED = "gradient of the forward KL, importance weighted"  # sg(rho) * k3
    SURROGATE = "gradient of a surrogate, not of the KL"  # rho * k2
    UNWEIGHTED = "biased off-policy: the importance ratio is missing"  # k2 on stale samples
    ABSOLUTE = "gradient of |d|, not of a KL"
    INVERTED = "inverted estimator"  # exp(d) - 1 - d with samples from q
    REPELS_FROM_SAMPLER = "repels from the sampler"  # + log(q / mu) in a loss
    WRONG_SIGN = "wrong sign"
    OTHER = "gradient of no KL"
    REVERSE_MINUS_FORWARD = "reverse minus forward KL gradient"  # k3 in a reward
    BIASED_REWARD = "biased as a reward"  # k2, |d|, max(d, 0) in a reward
    WEIGHTED_REWARD = "importance ratio inside the reward"
    NOT_JUDGED = "not judged"  # metrics, early stopping, unknown uses

    @property
    def is_fault(self) -> bool:
        """Whether the term does something else than minimise the divergence that it estimates."""
        return self not in {Verdict.RIGHT, Verdict.NOISY, Verdict.NOT_JUDGED}


Patterns: TypeAlias = tuple[tuple[Combination, Verdict], ...]

_ONE: Final = Element(Shape.ONE)
_RHO: Final = Element(Shape.ONE, 1)
_CONSTANTS: Final = frozenset({_ONE, _RHO})
_RAMP: Final = Combination.plain(D=0.5, ABS=0.5)  # max(d, 0)
_FORWARD: Final = Combination.plain(EXP_NEG=-1)


def _weighted(estimator: Combination, verdict: Verdict) -> Patterns:
    """Give the coefficients of an estimator under a detached ratio and under a live one.

    The third is under a live ratio whose value is one, exp(logp - logp.detach()).
    """
    detached = differentiate(estimator).times_rho()
    live = differentiate(estimator.times_rho())
    return ((detached, verdict), (live, verdict), (live.times_rho(-1), verdict))


# Coefficients and their verdicts when KL(q || p) is wanted. UNWEIGHTED is right on-policy.
_LOSS: Final[Patterns] = (
    (Combination.plain(1, D=1), Verdict.RIGHT),
    (differentiate(K2), Verdict.UNWEIGHTED),
    (differentiate(K3), Verdict.FORWARD),
    (differentiate(K3).times_rho(), Verdict.FORWARD_WEIGHTED),
    (differentiate(K2.times_rho()), Verdict.SURROGATE),
    (differentiate(K2) + K2, Verdict.SURROGATE),
    (differentiate(ABS), Verdict.ABSOLUTE),
    (differentiate(_RAMP), Verdict.ABSOLUTE),
    *_weighted(ABS, Verdict.ABSOLUTE),
    *_weighted(_RAMP, Verdict.ABSOLUTE),
    (differentiate(K3_INVERTED), Verdict.INVERTED),
    *_weighted(K3_INVERTED, Verdict.INVERTED),
)

# Samples come from p = mu, constant: -s alone is the gradient of KL(mu || q), no ratio needed, and what has
# zero mean is rho = exp(d).
_ANCHORED: Final[Patterns] = (
    (Combination.plain(ONE=-1), Verdict.RIGHT),
    (Combination.plain(D=1), Verdict.RIGHT),
    (Combination.plain(D_EXP=1), Verdict.RIGHT),
    (Combination.plain(D_EXP=1, D2_EXP=0.5), Verdict.SURROGATE),
    (Combination.plain(ONE=1, EXP_NEG=-1), Verdict.INVERTED),
    (Combination.plain(SIGN=1), Verdict.ABSOLUTE),
    (Combination.plain(ONE=1, SIGN=1), Verdict.ABSOLUTE),
    (Combination.plain(ONE=-1, SIGN=1), Verdict.ABSOLUTE),
    (Combination.plain(SIGN_EXP=1), Verdict.ABSOLUTE),
    (Combination.plain(SIGN_EXP=1, ABS_EXP=1), Verdict.ABSOLUTE),
    (Combination.plain(D_EXP=1, ABS_EXP=1, SIGN_EXP=1), Verdict.ABSOLUTE),
    (Combination.plain(EXP_2=1), Verdict.INVERTED),
    (Combination.plain(EXP_2=2, D_EXP=-1), Verdict.INVERTED),
)

# A value subtracted from a reward multiplies s as it stands, so only k1 will do, whatever its constant.
_REWARD: Final[Patterns] = (
    (K1, Verdict.RIGHT),
    (K3, Verdict.REVERSE_MINUS_FORWARD),
    (K3_INVERTED, Verdict.INVERTED),
    (_FORWARD, Verdict.FORWARD),
)

# What becomes of the verdicts for KL(q || p) when KL(p || q) is wanted.
_FOR_FORWARD: Final = {
    Verdict.FORWARD_WEIGHTED: Verdict.RIGHT,
    Verdict.RIGHT: Verdict.OTHER,
    Verdict.NOISY: Verdict.OTHER,
    Verdict.UNWEIGHTED: Verdict.OTHER,
}


def judge_loss(
    derivative: Combination | None,
    regime: Regime = Regime.UNKNOWN,
    anchored: bool = False,
    target: Target = Target.REVERSE,
) -> Verdict:
    """Judge a term that is added to a loss by its derivative with respect to log q.

    An unknown regime is read as on-policy, the quieter of the two; `faulty_regimes` tells the rest.
    """
    if derivative is None:
        return Verdict.NOT_JUDGED
    if not derivative:
        return Verdict.NO_GRADIENT
    if anchored:
        return _judge_anchored(derivative)
    found = _judge_moving(derivative, regime)
    if found is Verdict.OTHER and regime is Regime.ON:
        found = _judge_moving(_at_rho_one(derivative), regime)
    return _aim(found, target, regime)


def judge_reward(
    value: Combination,
    weighted: bool = False,
    target: Target = Target.REVERSE,
    anchored: bool = False,
) -> Verdict:
    """Judge a detached value by what is subtracted from the reward or the advantage.

    `weighted` says that an importance ratio multiplies the value although the value does not show it
    (clipped, or a mean over tokens). The ratio of the policy gradient itself is not meant. An estimator that
    is wrong by itself is named as such, weighted or not.
    """
    product = as_product(value) if anchored else value
    moving = product.only(lambda e: e.shape is not Shape.ONE)
    if not moving:
        return Verdict.NOT_JUDGED if _RHO in product.elements else Verdict.NO_GRADIENT
    if len(moving.powers) > 1:
        return Verdict.OTHER
    (power,) = moving.powers
    found = _aim(_judge_value(moving.times_rho(-power)), target, Regime.ON)
    return Verdict.WEIGHTED_REWARD if found is Verdict.RIGHT and (weighted or power) else found


def faulty_regimes(
    derivative: Combination | None, anchored: bool = False, target: Target = Target.REVERSE
) -> frozenset[Regime]:
    """Return under which regimes, ON and OFF, a loss term is at fault: for terms of unknown regime."""
    regimes = (Regime.ON, Regime.OFF)
    return frozenset(r for r in regimes if judge_loss(derivative, r, anchored, target).is_fault)


def _judge_moving(derivative: Combination, regime: Regime) -> Verdict:
    """Judge by the table of losses, ignoring what has zero mean under the sampler."""
    if derivative.elements <= _CONSTANTS:
        return Verdict.INERT if _ONE in derivative.elements else Verdict.INERT_WEIGHTED
    ignored = frozenset({_RHO}) if regime is Regime.OFF else _CONSTANTS
    core = derivative.without(ignored)
    found = _match(core, _LOSS, ignored)
    if found is Verdict.UNWEIGHTED and regime is not Regime.OFF:
        found = Verdict.RIGHT
    return Verdict.NOISY if found is Verdict.RIGHT and core != derivative else found


def _judge_anchored(derivative: Combination) -> Verdict:
    """Judge a penalty towards the sampler, where positive sums of right terms are right too."""
    ignored = frozenset({Element(Shape.EXP)})
    core = derivative.without(ignored)
    if not core:
        return Verdict.INERT_WEIGHTED
    if core.elements == {_ONE} and core.coefficient(_ONE) > 0:
        return Verdict.REPELS_FROM_SAMPLER
    right = {pattern.terms[0] for pattern, verdict in _ANCHORED if verdict is Verdict.RIGHT}
    if {(element, 1.0 if c > 0 else -1.0) for element, c in core.terms} <= right:
        return Verdict.RIGHT
    return _match(core, _ANCHORED, ignored)


def _judge_value(value: Combination) -> Verdict:
    """Judge what is subtracted from a reward, once constants and weights are taken off."""
    if value.elements != K1.elements and value.shapes <= {Shape.D, Shape.D2, Shape.ABS}:
        return Verdict.BIASED_REWARD if value.terms[0][1] > 0 else Verdict.WRONG_SIGN
    return _match(value, _REWARD, frozenset({_ONE}))


def _match(core: Combination, patterns: Patterns, ignored: frozenset[Element]) -> Verdict:
    """Find the pattern that the coefficient is a multiple of; a negative multiple has the wrong sign."""
    for pattern, verdict in patterns:
        scale = core.ratio(pattern.without(ignored))
        if scale is not None:
            return verdict if scale > 0 else Verdict.WRONG_SIGN
    return Verdict.OTHER


def _at_rho_one(derivative: Combination) -> Combination:
    """Put rho = 1, as it is on-policy wherever it is not differentiated any more."""
    return Combination.of((Element(e.shape), c) for e, c in derivative.terms)


def _aim(found: Verdict, target: Target, regime: Regime) -> Verdict:
    """Translate a verdict for KL(q || p) to the divergence that is wanted."""
    if target is Target.REVERSE:
        return found
    if found is Verdict.FORWARD:
        return Verdict.UNWEIGHTED if regime is Regime.OFF else Verdict.RIGHT
    return _FOR_FORWARD.get(found, found)
