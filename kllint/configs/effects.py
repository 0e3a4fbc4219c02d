"""What the gradient of a penalty does, by where it goes, its weight and its estimator."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kllint.findings import Evidence
from kllint.theory.vocabulary import Estimator, Regime, Target, Use, Weight

if TYPE_CHECKING:
    from collections.abc import Mapping


class Effect(NamedTuple):
    """The code of a pitfall and what is wrong, as a clause whose subject is the estimator."""

    code: str
    clause: str
    evidence: Evidence | None = None


K1, K2, K3, ABS, FULL = Estimator.K1, Estimator.K2, Estimator.K3, Estimator.ABS, Estimator.FULL

VALUE = {K1: "d", K2: "d^2/2", K3: "exp(-d) - 1 + d", ABS: "|d|"}
SLOPE = {K1: "1", K2: "d", K3: "1 - exp(-d)", ABS: "sgn d"}

FORWARD = (
    "has the gradient of the forward KL(p || q), whose derivative is 1 - exp(-d) where KL(q || p) needs d"
)
SIGN = "has the sign of d as its derivative: that is the gradient of no KL"
CONSTANT = ("KL105", "is multiplied by a ratio that has no gradient, so nothing is corrected")
GEOMETRIC = ("KL110", "per token is multiplied by a length-normalised ratio, which is no importance weight")

PLAIN_LOSS: Mapping[Estimator, tuple[str, str]] = {
    K1: ("KL101", "has no gradient on average on-policy, and off-policy it repels from the sampled tokens"),
    K2: ("KL107", "is biased on off-policy samples, since it has no importance ratio"),
    K3: ("KL102", FORWARD),
    ABS: ("KL109", SIGN),
    Estimator.K3_INVERTED: (
        "KL301",
        "is inverted for samples from the actor: its value is not that of the KL",
    ),
}

LOSS: Mapping[Weight, Mapping[Estimator, tuple[str, str]]] = {
    Weight.NONE: PLAIN_LOSS,
    Weight.CONSTANT: dict.fromkeys((K1, K3), CONSTANT),
    Weight.RHO: {
        K1: ("KL106", "is right under the live ratio, but noisier than k3 under the same ratio"),
        K2: ("KL103", "under a live ratio has the gradient of the surrogate E_q[k2], not of KL(q || p)"),
        ABS: ("KL109", "under a live ratio has the gradient of E_q|d|, not of KL(q || p)"),
    },
    Weight.SG_RHO: {
        K1: ("KL104", "under a detached ratio has no gradient on average"),
        K3: ("KL104", "under a detached ratio has the gradient of the forward KL(p || q)"),
        ABS: ("KL109", SIGN),
    },
    Weight.GEOMETRIC_RHO: dict.fromkeys((K1, K2, K3), GEOMETRIC),
}

REWARD: Mapping[Estimator, tuple[str, str]] = {
    K2: ("KL202", "gives a biased policy gradient: only k1 gives that of KL(q || p)"),
    K3: ("KL201", "gives the gradient of the reverse KL minus that of the forward KL"),
    ABS: ("KL202", "gives a biased policy gradient: only k1 gives that of KL(q || p)"),
    FULL: ("KL207", "does not depend on the sampled token, so it has no gradient at its own position"),
    Estimator.OTHER: ("KL303", "is no estimator of a KL"),
}


def effect(
    use: Use, weight: Weight, estimator: Estimator, regime: Regime, target: Target = Target.REVERSE
) -> Effect | None:
    """What is wrong; None where the gradient is that of the KL that is meant."""
    if target is Target.FORWARD and use is Use.LOSS and estimator is K3:
        stale = regime is Regime.OFF and weight is Weight.NONE
        if weight is Weight.SG_RHO or (weight is Weight.NONE and not stale):
            return None
    if use is Use.REWARD:
        found = REWARD.get(estimator)
        if found is None and weight is not Weight.NONE:
            found = (
                "KL204",
                "is multiplied by a ratio inside the reward, which the policy gradient has already",
            )
    else:
        found = LOSS.get(weight, {}).get(estimator)
    if found is None or (found[0] == "KL107" and regime is Regime.ON):
        return None
    return Effect(found[0], found[1], _evidence(use, weight, estimator))


def _evidence(use: Use, weight: Weight, estimator: Estimator) -> Evidence | None:
    """Value and derivative with respect to log q; a reward's coefficient of the score is its value."""
    if estimator not in VALUE or weight not in {Weight.NONE, Weight.RHO, Weight.SG_RHO}:
        return None
    value, slope = VALUE[estimator], VALUE[estimator] if use is Use.REWARD else SLOPE[estimator]
    if use is Use.REWARD or weight is Weight.NONE:
        return Evidence(value, slope)
    if weight is Weight.SG_RHO:
        return Evidence(f"sg(rho) * ({value})", f"rho * ({slope})")
    return Evidence(f"rho * ({value})", f"rho * ({value} + {slope})")
