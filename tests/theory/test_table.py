"""The coefficient table of theory.md section 1, cell by cell: verdict = what autograd does."""

from __future__ import annotations

import pytest

from kllint.theory.estimators import recognise, weight_of
from kllint.theory.verdict import Verdict, faulty_regimes, judge_loss, judge_reward
from kllint.theory.vocabulary import Estimator, Regime, Target, Weight
from tests.oracle import Direction, agrees, direction, measure, references, worlds
from tests.theory.traced import trace

REGIMES = (Regime.ON, Regime.OFF)

ESTIMATORS = {
    Estimator.K1: "diff",
    Estimator.K2: "0.5 * diff.square()",
    Estimator.K3: "torch.exp(-diff) - 1 + diff",
    Estimator.ABS: "diff.abs()",
    Estimator.K3_INVERTED: "torch.exp(diff) - 1 - diff",
}
WEIGHTS = {
    "none": "1.0",
    "rho": "torch.exp(logp - old_logp)",
    "sg_rho": "torch.exp(logp - old_logp).detach()",
    "ones": "torch.ones_like(logp)",
    "self": "torch.exp(logp - logp)",
    "live_one": "torch.exp(logp - logp.detach())",
}

ON_AND_OFF = {
    ("none", Estimator.K1): (Verdict.INERT, Verdict.INERT),
    ("none", Estimator.K2): (Verdict.RIGHT, Verdict.UNWEIGHTED),
    ("none", Estimator.K3): (Verdict.FORWARD, Verdict.FORWARD),
    ("none", Estimator.ABS): (Verdict.ABSOLUTE, Verdict.ABSOLUTE),
    ("none", Estimator.K3_INVERTED): (Verdict.INVERTED, Verdict.INVERTED),
    ("rho", Estimator.K1): (Verdict.NOISY, Verdict.NOISY),
    ("rho", Estimator.K2): (Verdict.SURROGATE, Verdict.SURROGATE),
    ("rho", Estimator.K3): (Verdict.RIGHT, Verdict.RIGHT),
    ("rho", Estimator.ABS): (Verdict.ABSOLUTE, Verdict.ABSOLUTE),
    ("rho", Estimator.K3_INVERTED): (Verdict.INVERTED, Verdict.INVERTED),
    ("sg_rho", Estimator.K1): (Verdict.INERT_WEIGHTED, Verdict.INERT_WEIGHTED),
    ("sg_rho", Estimator.K2): (Verdict.RIGHT, Verdict.RIGHT),
    ("sg_rho", Estimator.K3): (Verdict.FORWARD_WEIGHTED, Verdict.FORWARD_WEIGHTED),
    ("sg_rho", Estimator.ABS): (Verdict.ABSOLUTE, Verdict.ABSOLUTE),
    ("sg_rho", Estimator.K3_INVERTED): (Verdict.INVERTED, Verdict.INVERTED),
    ("live_one", Estimator.K1): (Verdict.NOISY, Verdict.OTHER),
    ("live_one", Estimator.K2): (Verdict.SURROGATE, Verdict.SURROGATE),
    ("live_one", Estimator.K3): (Verdict.RIGHT, Verdict.UNWEIGHTED),
    ("live_one", Estimator.ABS): (Verdict.ABSOLUTE, Verdict.ABSOLUTE),
    ("live_one", Estimator.K3_INVERTED): (Verdict.INVERTED, Verdict.INVERTED),
}
REWARDS = {
    Estimator.K1: Verdict.RIGHT,
    Estimator.K2: Verdict.BIASED_REWARD,
    Estimator.K3: Verdict.REVERSE_MINUS_FORWARD,
    Estimator.ABS: Verdict.BIASED_REWARD,
    Estimator.K3_INVERTED: Verdict.INVERTED,
}


def loss_snippet(weight: str, estimator: Estimator) -> str:
    return f"""
        rho = {WEIGHTS[weight]}
        diff = logp - ref_logp
        kl = {ESTIMATORS[estimator]}
        loss = 0.05 * (rho * kl).mean()
    """


def reward_snippet(weight: str, estimator: Estimator) -> str:
    return f"""
        rho = {WEIGHTS[weight]}
        diff = logp - ref_logp
        kl = {ESTIMATORS[estimator]}
        penalty = (rho * kl).detach()
        ratio = torch.exp(logp - old_logp)
        loss = -(ratio * (advantages - 0.05 * penalty)).mean()
    """


def expected(weight: str, estimator: Estimator, regime: Regime) -> Verdict:
    key = weight if (weight, estimator) in ON_AND_OFF else "none"  # constants weigh nothing
    return ON_AND_OFF[key, estimator][regime is Regime.OFF]


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("weight", WEIGHTS)
def test_loss(weight: str, estimator: Estimator, regime: Regime) -> None:
    snippet = loss_snippet(weight, estimator)
    fit = trace(snippet)
    assert fit is not None
    verdict = judge_loss(fit.derivative, regime)
    assert verdict is expected(weight, estimator, regime)
    assert agrees(verdict, direction(snippet, regime), regime)


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("weight", ["none", "rho", "sg_rho", "ones", "self"])
def test_reward(weight: str, estimator: Estimator, regime: Regime) -> None:
    snippet = reward_snippet(weight, estimator)
    fit = trace(snippet, "penalty")
    assert fit is not None
    verdict = judge_reward(fit.value)
    heavy = weight in {"rho", "sg_rho"}
    plain = REWARDS[estimator]
    assert verdict is (Verdict.WEIGHTED_REWARD if heavy and plain is Verdict.RIGHT else plain)
    found = direction(snippet, regime)
    if heavy and regime is Regime.OFF:
        assert found is Direction.OTHER  # rho^2 * k is never right
    else:
        assert agrees(verdict, found, regime)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("weight", WEIGHTS)
def test_negated_loss_has_wrong_sign(weight: str, estimator: Estimator) -> None:
    fit = trace(loss_snippet(weight, estimator))
    assert fit is not None
    assert fit.derivative is not None
    inert = {Verdict.INERT, Verdict.INERT_WEIGHTED, Verdict.OTHER}
    for regime in REGIMES:
        right = judge_loss(fit.derivative, regime)
        wrong = judge_loss(fit.derivative.negate(), regime)
        assert wrong is (right if right in inert else Verdict.WRONG_SIGN)
        negated = loss_snippet(weight, estimator).replace("0.05 *", "-0.05 *")
        assert agrees(wrong, direction(negated, regime), regime)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_negated_reward_has_wrong_sign(estimator: Estimator) -> None:
    fit = trace(reward_snippet("none", estimator), "penalty")
    assert fit is not None
    assert judge_reward(fit.value.negate()) is Verdict.WRONG_SIGN


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("weight", ["none", "rho", "sg_rho", "ones", "self", "live_one"])
def test_estimator_and_weight_are_recognised(weight: str, estimator: Estimator) -> None:
    fit = trace(loss_snippet(weight, estimator))
    assert fit is not None
    found = recognise(fit.value)
    assert found is not None
    assert (found.estimator, found.sign, found.malformed) == (estimator, 1, False)
    assert found.scale == pytest.approx(0.05)
    assert found.weighted is (weight in {"rho", "sg_rho"})
    weights = {"rho": Weight.RHO, "live_one": Weight.RHO, "sg_rho": Weight.SG_RHO}
    assert weight_of(fit) is weights.get(weight, Weight.NONE)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("weight", WEIGHTS)
def test_unknown_regime_is_on_policy_or_quieter(weight: str, estimator: Estimator) -> None:
    fit = trace(loss_snippet(weight, estimator))
    assert fit is not None
    unknown, on = judge_loss(fit.derivative), judge_loss(fit.derivative, Regime.ON)
    assert unknown is on
    faulty = faulty_regimes(fit.derivative)
    assert faulty == {r for r in REGIMES if expected(weight, estimator, r).is_fault}


FORWARD_LOSSES = {
    ("none", Estimator.K3): (Verdict.RIGHT, Verdict.UNWEIGHTED),
    ("sg_rho", Estimator.K3): (Verdict.RIGHT, Verdict.RIGHT),
    ("none", Estimator.K2): (Verdict.OTHER, Verdict.OTHER),
    ("rho", Estimator.K3): (Verdict.OTHER, Verdict.OTHER),
    ("none", Estimator.K1): (Verdict.INERT, Verdict.INERT),
}


@pytest.mark.parametrize(("weight", "estimator"), FORWARD_LOSSES)
def test_forward_target(weight: str, estimator: Estimator) -> None:
    snippet = loss_snippet(weight, estimator)
    fit = trace(snippet)
    assert fit is not None
    for regime, wanted in zip(REGIMES, FORWARD_LOSSES[weight, estimator], strict=True):
        assert judge_loss(fit.derivative, regime, target=Target.FORWARD) is wanted
        is_forward = direction(snippet, regime) is Direction.FORWARD
        assert is_forward is (wanted is Verdict.RIGHT)


def test_importance_weighted_likelihood_is_the_forward_kl() -> None:
    # -p / mu is the coefficient of KL(p || q) itself, with samples from mu (theory.md section 6).
    snippet = """
        weight = torch.exp(ref_logp - old_logp)
        loss = (weight * (ref_logp - logp)).mean()
    """
    fit = trace(snippet)
    assert fit is not None
    assert fit.value.render() == "-rho * d * exp(-d)"
    assert judge_loss(fit.derivative, Regime.OFF) is Verdict.FORWARD_WEIGHTED
    assert judge_loss(fit.derivative, Regime.OFF, target=Target.FORWARD) is Verdict.RIGHT
    assert direction(snippet, Regime.OFF) is Direction.FORWARD


INVERTED_RHO = {
    "loss = ((old_logp - logp).exp() * (logp - ref_logp)).mean()": (Verdict.WRONG_SIGN, Verdict.OTHER),
    "loss = ((old_logp - logp).exp() * 0.5 * (logp - ref_logp) ** 2).mean()": (Verdict.OTHER, Verdict.OTHER),
    "loss = ((old_logp - logp).exp().detach() * 0.5 * (logp - ref_logp) ** 2).mean()": (
        Verdict.RIGHT,
        Verdict.OTHER,
    ),
}


@pytest.mark.parametrize("snippet", INVERTED_RHO)
def test_inverted_ratio(snippet: str) -> None:
    fit = trace(snippet)
    assert fit is not None
    assert weight_of(fit) is Weight.INVERTED_RHO
    for regime, wanted in zip(REGIMES, INVERTED_RHO[snippet], strict=True):
        assert judge_loss(fit.derivative, regime) is wanted
        assert agrees(wanted, direction(snippet, regime), regime)


STRAIGHT_THROUGH = {
    "k1+": ("diff", "k2", Verdict.RIGHT),
    "k3+": ("torch.exp(-diff) - 1 + diff", "k2", Verdict.RIGHT),
    "k2 that learns from k3": ("0.5 * diff ** 2", "k3", Verdict.FORWARD),
}


@pytest.mark.parametrize("case", STRAIGHT_THROUGH)
def test_straight_through_is_judged_by_its_gradient(case: str) -> None:
    # The form of verl's `k1+` and `k3+` (theory.md section 6).
    forward, backward, wanted = STRAIGHT_THROUGH[case]
    snippet = f"""
        diff = logp - ref_logp
        k2 = 0.5 * diff ** 2
        k3 = torch.exp(-diff) - 1 + diff
        forward = {forward}
        kl = {backward} - {backward}.detach() + forward.detach()
        loss = kl.mean()
    """
    fit = trace(snippet)
    plain = trace(snippet, "forward")
    assert fit is not None
    assert plain is not None
    assert fit.value.is_close(plain.value)
    assert judge_loss(fit.derivative, Regime.ON) is wanted
    assert agrees(wanted, direction(snippet, Regime.ON), Regime.ON)


@pytest.mark.parametrize(
    "snippet",
    [
        "loss = (logp - ref_logp).detach().mean()",
        "loss = (old_logp - ref_logp).mean() + 0.0 * logp.mean()",
        "loss = (0.5 * (logp.detach() - ref_logp) ** 2).mean()",
    ],
)
def test_no_gradient_is_no_gradient(snippet: str) -> None:
    for regime in REGIMES:
        assert direction(snippet, regime) is Direction.NOTHING


def test_detached_loss_is_judged_so() -> None:
    fit = trace("loss = (logp - ref_logp).detach().mean()")
    assert fit is not None
    assert not fit.is_live
    assert judge_loss(fit.derivative) is Verdict.NO_GRADIENT


def test_published_numbers() -> None:
    """k3 in a loss points elsewhere than the reverse KL, and as a reward further still (theory.md 1)."""
    for world in worlds(Regime.ON):
        reverse = references(world)[Direction.REVERSE]
        k2 = measure(loss_snippet("none", Estimator.K2), world)
        k3 = measure(loss_snippet("none", Estimator.K3), world)
        reward = measure(reward_snippet("none", Estimator.K3), world)
        assert k2.cosine(reverse) == pytest.approx(1.0, abs=1e-12)
        assert 0.8 < k3.cosine(reverse) < 0.999
        assert reward.cosine(reverse) < k3.cosine(reverse)
