"""What the gradient of a KL term does, read off its fitted derivative (theory.md sections 1 and 2).

A term is right for a target divergence when its coefficient c, in gradient = E_mu[c * s], equals that of
the target up to a positive scale and a score term of zero mean: a constant under q, a constant times rho
under mu. That k1 does nothing in a loss, that k3 there follows the forward KL and that k2 is right is shown
in arXiv 2510.01555; that rho * k3 is right off-policy in arXiv 2512.02556.
"""

from __future__ import annotations

from enum import StrEnum, unique
from typing import TYPE_CHECKING, Final

from kllint.theory.basis import Element, Shape
from kllint.theory.combination import Combination
from kllint.theory.estimators import ABS, K1, K2, K3, K3_INVERTED, differentiate
from kllint.theory.vocabulary import Regime, Target

if TYPE_CHECKING:
    from collections.abc import Iterable


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


Patterns = tuple[tuple[Combination, Verdict], ...]

_ONE: Final = Element(Shape.ONE)
_RHO: Final = Element(Shape.ONE, 1)
_CONSTANTS: Final = frozenset({_ONE, _RHO})
_RAMP: Final = Combination.plain(D=0.5, ABS=0.5)  # max(d, 0)


def _both(inner: Combination, verdict: Verdict) -> Patterns:
    """Give an estimator's coefficients under a detached ratio and under a live one."""
    detached = differentiate(inner)
    return ((detached.times_rho(), verdict), (differentiate(inner.times_rho()), verdict))


_FORWARD: Final = Combination.plain(EXP_NEG=-1)

# Coefficients by the verdict they get when KL(q || p) is the target and constants count for nothing.
_LOSS: Final[Patterns] = (
    (Combination.plain(1, D=1), Verdict.RIGHT),
    (Combination.plain(0, D=1), Verdict.UNWEIGHTED),
    (_FORWARD, Verdict.FORWARD),
    (_FORWARD.times_rho(), Verdict.FORWARD_WEIGHTED),
    (differentiate(K2.times_rho()), Verdict.SURROGATE),
    (differentiate(ABS), Verdict.ABSOLUTE),
    *_both(ABS, Verdict.ABSOLUTE),
    *_both(_RAMP, Verdict.ABSOLUTE),
    (differentiate(K3_INVERTED), Verdict.INVERTED),
    *_both(K3_INVERTED, Verdict.INVERTED),
)

# Samples come from p = mu, constant: without any ratio -s is the gradient of KL(mu || q), whose zero-mean
# term is rho = exp(d). Here "exp(d)" may be ignored, and nothing else.
_ANCHORED: Final[Patterns] = (
    (Combination.plain(ONE=-1), Verdict.RIGHT),
    (Combination.plain(D=1), Verdict.RIGHT),
    (Combination.plain(D_EXP=1), Verdict.RIGHT),
    (Combination.plain(D_EXP=1, D2_EXP=0.5), Verdict.SURROGATE),
    (Combination.plain(ONE=1, EXP_NEG=-1), Verdict.INVERTED),
    (Combination.plain(SIGN=1), Verdict.ABSOLUTE),
    (Combination.plain(ONE=1, SIGN=1), Verdict.ABSOLUTE),
    (Combination.plain(SIGN_EXP=1), Verdict.ABSOLUTE),
    (Combination.plain(SIGN_EXP=1, ABS_EXP=1), Verdict.ABSOLUTE),
)

# Values subtracted from a reward multiply s as they are, so only k1 will do, whatever the constant.
_REWARD: Final[Patterns] = (
    (K1, Verdict.RIGHT),
    (K3, Verdict.REVERSE_MINUS_FORWARD),
    (K2, Verdict.BIASED_REWARD),
    (ABS, Verdict.BIASED_REWARD),
    (_RAMP, Verdict.BIASED_REWARD),
    (K3_INVERTED, Verdict.INVERTED),
    (_FORWARD, Verdict.FORWARD),
)


def judge_loss(
    derivative: Combination | None,
    regime: Regime = Regime.UNKNOWN,
    anchored: bool = False,
    target: Target = Target.REVERSE,
) -> Verdict:
    """Judge a term that is added to a loss by its derivative with respect to log q.

    An unknown regime is taken for on-policy, the quieter of the two: `faulty_regimes` tells the rest.
    """
    if derivative is None:
        return Verdict.NOT_JUDGED
    if not derivative:
        return Verdict.NO_GRADIENT
    if anchored:
        return _judge_anchored(derivative)
    ignored = frozenset({_RHO}) if regime is Regime.OFF else _CONSTANTS
    found = _judge_moving(derivative, ignored)
    if found is Verdict.OTHER and regime is Regime.ON:
        found = _judge_moving(_at_rho_one(derivative), ignored)
    return _aim(found, derivative, regime, target)


def judge_reward(value: Combination, weighted: bool = False, target: Target = Target.REVERSE) -> Verdict:
    """Judge a detached value by what is subtracted from the reward or advantage.

    `weighted` says that an importance ratio multiplies the value although it does not show in it (clipped,
    or a mean over tokens). The ratio of the policy gradient itself does not belong here.
    """
    moving = value.only(lambda e: e.shape is not Shape.ONE)
    if not moving:
        return Verdict.NOT_JUDGED if _RHO in value.elements else Verdict.NO_GRADIENT
    found = _match(moving.only(lambda e: not e.power).terms and moving or moving, _constant_free(_REWARD))
    return found if target is Target.REVERSE else found


def faulty_regimes(
    derivative: Combination | None, anchored: bool = False, target: Target = Target.REVERSE
) -> frozenset[Regime]:
    """Return under which regimes, ON and OFF, a loss term is at fault: for terms of unknown regime."""
    regimes = (Regime.ON, Regime.OFF)
    return frozenset(r for r in regimes if judge_loss(derivative, r, anchored, target).is_fault)
