"""The table of effects against the gradients themselves, by enumeration of a small categorical."""

import math

import pytest

from kllint.configs.effects import effect
from kllint.theory.vocabulary import Estimator, Regime, Use, Weight

P = (0.5, 0.2, 0.2, 0.1)
Q = (0.1, 0.4, 0.3, 0.2)
MU = (0.25, 0.25, 0.3, 0.2)
STEP = 1e-6

VALUES = {
    Estimator.K1: lambda d: d,
    Estimator.K2: lambda d: d * d / 2,
    Estimator.K3: lambda d: math.exp(-d) - 1 + d,
    Estimator.ABS: abs,
}


def coefficient(
    use: Use, weight: Weight, estimator: Estimator, logq: float, logp: float, logmu: float
) -> float:
    """The derivative of the term with respect to log q; for a reward the value that multiplies the score."""
    value = VALUES[estimator]
    rho = math.exp(logq - logmu)
    if use is Use.REWARD:
        return rho * value(logq - logp)

    def loss(x: float) -> float:
        live = {Weight.NONE: 1.0, Weight.RHO: math.exp(x - logmu), Weight.SG_RHO: rho}[weight]
        return live * value(x - logp)

    return (loss(logq + STEP) - loss(logq - STEP)) / (2 * STEP)


def gradient(coefficients: list[float], samples: tuple[float, ...]) -> list[float]:
    """E_mu[c * grad log q(x)] of a softmax: component j is E[c * (1[x = j] - q_j)]."""
    mean = sum(weight * c for weight, c in zip(samples, coefficients, strict=True))
    return [s * c - q * mean for s, c, q in zip(samples, coefficients, Q, strict=True)]


def reverse_kl() -> list[float]:
    return gradient([math.log(q / p) for q, p in zip(Q, P, strict=True)], Q)


def parallel(one: list[float], other: list[float]) -> bool:
    norm = math.sqrt(sum(x * x for x in one) * sum(y * y for y in other))
    return norm > 1e-9 and sum(x * y for x, y in zip(one, other, strict=True)) / norm > 1 - 1e-6


@pytest.mark.parametrize("regime", [Regime.ON, Regime.OFF])
@pytest.mark.parametrize("estimator", list(VALUES))
@pytest.mark.parametrize(
    ("use", "weight"),
    [(Use.LOSS, Weight.NONE), (Use.LOSS, Weight.RHO), (Use.LOSS, Weight.SG_RHO), (Use.REWARD, Weight.NONE)],
)
def test_silent_exactly_where_the_gradient_is_that_of_the_reverse_kl(
    use: Use, weight: Weight, estimator: Estimator, regime: Regime
) -> None:
    samples = Q if regime is Regime.ON else MU
    coefficients = [
        coefficient(use, weight, estimator, math.log(q), math.log(p), math.log(mu))
        for q, p, mu in zip(Q, P, samples, strict=True)
    ]
    right = parallel(gradient(coefficients, samples), reverse_kl())
    found = effect(use, weight, estimator, regime)
    assert (found is None or found.code == "KL106") == right
