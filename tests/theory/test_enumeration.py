"""The table once more without torch: duals at the outcomes themselves, gradients by the score function."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING

import pytest

from kllint.theory import dual
from kllint.theory.basis import points
from kllint.theory.dual import Dual, detach, exp, frozen, square, variable
from kllint.theory.fit import Combination, fit
from tests.oracle import WORLDS, Direction, World, references

if TYPE_CHECKING:
    from collections.abc import Callable

    Term = Callable[[Dual, Dual, Dual], Dual]

ESTIMATORS: dict[str, Callable[[Dual], Dual]] = {
    "k1": lambda d: d,
    "k2": lambda d: square(d) / 2,
    "k3": lambda d: exp(-d) - 1 + d,
    "abs": dual.absolute,
    "k3_inverted": lambda d: exp(d) - 1 - d,
}
WEIGHTS: dict[str, Callable[[Dual], Dual | float]] = {
    "none": lambda _: 1.0,
    "rho": lambda rho: rho,
    "sg_rho": detach,
}
COEFFICIENTS = {
    ("k1", "none"): "1",
    ("k2", "none"): "d",
    ("k3", "none"): "1 - exp(-d)",
    ("abs", "none"): "sign(d)",
    ("k3_inverted", "none"): "exp(d) - 1",
    ("k1", "rho"): "rho * (1 + d)",
    ("k2", "rho"): "rho * (d + 0.5 * d^2)",
    ("k3", "rho"): "rho * d",
    ("abs", "rho"): "rho * (|d| + sign(d))",
    ("k3_inverted", "rho"): "rho * (2 * exp(d) - 2 - d)",
    ("k1", "sg_rho"): "rho",
    ("k2", "sg_rho"): "rho * d",
    ("k3", "sg_rho"): "rho * (1 - exp(-d))",
    ("abs", "sg_rho"): "rho * sign(d)",
    ("k3_inverted", "sg_rho"): "rho * (exp(d) - 1)",
}
RIGHT = {("k2", "sg_rho"), ("k3", "rho"), ("k1", "rho")}


def log_softmax(logits: tuple[float, ...]) -> tuple[float, ...]:
    top = math.log(math.fsum(map(math.exp, logits)))
    return tuple(x - top for x in logits)


def term(estimator: str, weight: str, log_q: Dual, log_p: Dual, log_mu: Dual) -> Dual:
    return WEIGHTS[weight](exp(log_q - log_mu)) * ESTIMATORS[estimator](log_q - log_p)


def expected_gradient(coefficients: tuple[float, ...], world: World) -> list[float]:
    """Return E_mu[c * s], where s_j = [x = j] - q_j is the score of a softmax."""
    q, mu = ([math.exp(x) for x in log_softmax(logits)] for logits in (world.q, world.mu))
    total = math.fsum(m * c for m, c in zip(mu, coefficients, strict=True))
    return [m * c - total * p for m, c, p in zip(mu, coefficients, q, strict=True)]


def evaluate(combination: Combination, world: World) -> list[float]:
    """Evaluate a fitted formula at the outcomes, where it was not fitted."""
    log_q, log_p, log_mu = map(log_softmax, (world.q, world.p, world.mu))
    return [
        math.fsum(c * e.shape.at(q - p) * math.exp(q - m) ** e.power for e, c in combination.terms)
        for q, p, m in zip(log_q, log_p, log_mu, strict=True)
    ]


@pytest.mark.parametrize(("estimator", "weight"), COEFFICIENTS)
def test_fitted_coefficient_reads_as_in_the_table(estimator: str, weight: str) -> None:
    at = points()
    found = fit(term(estimator, weight, variable(at.log_q), frozen(at.log_p), frozen(at.log_mu)))
    assert found is not None
    assert str(found.derivative) == COEFFICIENTS[estimator, weight]


@pytest.mark.parametrize(("estimator", "weight"), COEFFICIENTS)
def test_fit_holds_beyond_the_sample_points(estimator: str, weight: str) -> None:
    at = points()
    found = fit(term(estimator, weight, variable(at.log_q), frozen(at.log_p), frozen(at.log_mu)))
    assert found is not None
    assert found.derivative is not None
    for world in WORLDS:
        sides = map(log_softmax, (world.q, world.p, world.mu))
        log_q, log_p, log_mu = sides
        exact = term(estimator, weight, variable(log_q), frozen(log_p), frozen(log_mu))
        assert evaluate(found.value, world) == pytest.approx(exact.values, abs=1e-9)
        assert evaluate(found.derivative, world) == pytest.approx(exact.slopes, abs=1e-9)


@pytest.mark.parametrize(
    ("estimator", "weight", "on_policy"), [(*key, on) for key, on in product(COEFFICIENTS, (True, False))]
)
def test_right_ones_equal_the_gradient_of_the_divergence(
    estimator: str, weight: str, on_policy: bool
) -> None:
    for base in WORLDS:
        world = base.on_policy if on_policy else base
        log_q, log_p, log_mu = map(log_softmax, (world.q, world.p, world.mu))
        slopes = term(estimator, weight, variable(log_q), frozen(log_p), frozen(log_mu)).slopes
        reverse = pytest.approx(references(world)[Direction.REVERSE], abs=1e-10)
        is_right = (estimator, weight) in RIGHT or (on_policy and (estimator, weight) == ("k2", "none"))
        assert (expected_gradient(slopes, world) == reverse) is is_right


@pytest.mark.parametrize("on_policy", [True, False])
def test_identities(on_policy: bool) -> None:
    """Check what the messages claim: forward KL, zero, the sampler, reverse minus forward."""
    for base in WORLDS:
        world = base.on_policy if on_policy else base
        log_q, log_p, log_mu = map(log_softmax, (world.q, world.p, world.mu))
        sides = (variable(log_q), frozen(log_p), frozen(log_mu))
        known = references(world)
        forward = expected_gradient(term("k3", "sg_rho", *sides).slopes, world)
        nothing = expected_gradient(term("k1", "sg_rho", *sides).slopes, world)
        away = expected_gradient(term("k1", "none", *sides).slopes, world)
        reward = expected_gradient(term("k3", "rho", *sides).values, world)
        square_live = expected_gradient(term("k2", "rho", *sides).slopes, world)
        assert forward == pytest.approx(known[Direction.FORWARD], abs=1e-12)
        assert nothing == pytest.approx([0.0] * 6, abs=1e-12)
        assert away == pytest.approx(known[Direction.FROM_SAMPLER], abs=1e-12)
        assert reward == pytest.approx(known[Direction.REVERSE_MINUS_FORWARD], abs=1e-12)
        assert square_live == pytest.approx(known[Direction.SURROGATE], abs=1e-12)


def test_score_function_has_zero_mean() -> None:
    for base in WORLDS:
        assert expected_gradient((1.0,) * 6, base.on_policy) == pytest.approx([0.0] * 6, abs=1e-15)
        log_q, log_mu = log_softmax(base.q), log_softmax(base.mu)
        rho = tuple(math.exp(q - m) for q, m in zip(log_q, log_mu, strict=True))
        assert expected_gradient(rho, base) == pytest.approx([0.0] * 6, abs=1e-15)


def test_penalty_on_old_log_probs_drives_towards_the_reference_and_from_the_sampler() -> None:
    """PPO's reward, whose KL has the old log-probs: grad[KL(q||p) - KL(q||mu)] (theory.md section 2)."""
    for world in WORLDS:
        log_q, log_p, log_mu = map(log_softmax, (world.q, world.p, world.mu))
        coefficients = tuple(math.exp(q - m) * (m - p) for q, p, m in zip(log_q, log_p, log_mu, strict=True))
        known = references(world)
        pairs = zip(known[Direction.REVERSE], known[Direction.REVERSE_TO_SAMPLER], strict=True)
        wanted = [a - b for a, b in pairs]
        assert expected_gradient(coefficients, world) == pytest.approx(wanted, abs=1e-12)
