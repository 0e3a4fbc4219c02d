"""Penalties towards the sampler (theory.md section 2): who is the sampler decides, not operand order."""

from __future__ import annotations

import pytest

from kllint.theory.estimators import recognise, weight_of
from kllint.theory.verdict import Verdict, faulty_regimes, judge_loss, judge_reward
from kllint.theory.vocabulary import Estimator, Regime, Target, Weight
from tests.oracle import WORLDS, Direction, agrees, direction, measure, references
from tests.theory.traced import trace

LOSSES = {
    "old_logp - logp": (Verdict.RIGHT, Direction.TO_SAMPLER),
    "logp - old_logp": (Verdict.REPELS_FROM_SAMPLER, Direction.FROM_SAMPLER),
    "torch.exp(logp - old_logp) - 1 - (logp - old_logp)": (Verdict.RIGHT, Direction.TO_SAMPLER),
    "-(torch.exp(logp - old_logp) - 1 - (logp - old_logp))": (
        Verdict.REPELS_FROM_SAMPLER,
        Direction.FROM_SAMPLER,
    ),
    "torch.exp(old_logp - logp) - 1 - (old_logp - logp)": (Verdict.INVERTED, Direction.OTHER),
    "torch.exp(logp - old_logp) * (logp - old_logp)": (Verdict.RIGHT, Direction.REVERSE_TO_SAMPLER),
    "torch.exp(logp - old_logp).detach() * (logp - old_logp)": (Verdict.INERT_WEIGHTED, Direction.ZERO),
    "torch.exp(logp - old_logp) * (old_logp - logp)": (Verdict.WRONG_SIGN, Direction.REVERSE_FROM_SAMPLER),
    "torch.exp(logp - old_logp) * (torch.exp(old_logp - logp) - 1 + logp - old_logp)": (
        Verdict.RIGHT,
        Direction.REVERSE_TO_SAMPLER,
    ),
    "torch.exp(logp - old_logp).detach() * 0.5 * (logp - old_logp) ** 2": (
        Verdict.RIGHT,
        Direction.REVERSE_TO_SAMPLER,
    ),
    "torch.exp(logp - old_logp) * 0.5 * (logp - old_logp) ** 2": (Verdict.SURROGATE, Direction.OTHER),
    "(logp - old_logp).abs()": (Verdict.ABSOLUTE, Direction.OTHER),
    "torch.exp(logp - old_logp) * (logp - old_logp).abs()": (Verdict.ABSOLUTE, Direction.OTHER),
    "(old_logp - logp).clamp(min=0)": (Verdict.ABSOLUTE, Direction.OTHER),
    "torch.exp(logp - old_logp) * (torch.exp(logp - old_logp) - 1 - (logp - old_logp))": (
        Verdict.INVERTED,
        Direction.OTHER,
    ),
    "(logp - old_logp).detach()": (Verdict.NO_GRADIENT, Direction.NOTHING),
}


@pytest.mark.parametrize("kl", LOSSES)
def test_loss(kl: str) -> None:
    snippet = f"loss = 0.1 * ({kl}).mean()"
    verdict, wanted = LOSSES[kl]
    fit = trace(snippet, anchored=True)
    assert fit is not None
    assert judge_loss(fit.derivative, Regime.OFF, anchored=True) is verdict
    found = direction(snippet, Regime.OFF)
    assert found is wanted
    assert agrees(verdict, found, Regime.OFF, anchored=True)


@pytest.mark.parametrize("kl", LOSSES)
def test_regime_and_target_do_not_matter(kl: str) -> None:
    fit = trace(f"loss = ({kl}).mean()", anchored=True)
    assert fit is not None
    verdicts = {
        judge_loss(fit.derivative, regime, anchored=True, target=target)
        for regime in Regime
        for target in Target
    }
    assert verdicts == {LOSSES[kl][0]}
    assert len(faulty_regimes(fit.derivative, anchored=True)) == (2 if LOSSES[kl][0].is_fault else 0)


def test_half_the_square_is_nearly_right() -> None:
    snippet = "loss = (0.5 * (logp - old_logp) ** 2).mean()"
    fit = trace(snippet, anchored=True)
    assert fit is not None
    assert judge_loss(fit.derivative, anchored=True) is Verdict.RIGHT
    for world in WORLDS:
        assert measure(snippet, world).cosine(references(world)[Direction.TO_SAMPLER]) > 0.97


def test_symmetric_penalty_is_right() -> None:
    snippet = "loss = (old_logp - logp + torch.exp(logp - old_logp) * (logp - old_logp)).mean()"
    fit = trace(snippet, anchored=True)
    assert fit is not None
    assert judge_loss(fit.derivative, anchored=True) is Verdict.RIGHT
    for world in WORLDS:
        towards = references(world)
        both = zip(towards[Direction.TO_SAMPLER], towards[Direction.REVERSE_TO_SAMPLER], strict=True)
        assert measure(snippet, world).gradient == pytest.approx([a + b for a, b in both], abs=1e-12)


def test_without_anchor_the_same_text_is_another_term() -> None:
    fit = trace("loss = torch.exp(logp - ref_logp) - 1 - (logp - ref_logp)")
    assert fit is not None
    assert judge_loss(fit.derivative) is Verdict.INVERTED


@pytest.mark.parametrize(
    ("kl", "estimator", "sign", "weight"),
    [
        ("old_logp - logp", Estimator.K1, -1, Weight.NONE),
        ("torch.exp(logp - old_logp) - 1 - (logp - old_logp)", Estimator.K3, 1, Weight.NONE),
        ("torch.exp(old_logp - logp) - 1 - (old_logp - logp)", Estimator.K3_INVERTED, 1, Weight.NONE),
        ("(logp - old_logp) ** 2 / 2", Estimator.K2, 1, Weight.NONE),
        ("torch.exp(logp - old_logp) * (logp - old_logp)", Estimator.K1, 1, Weight.RHO),
        ("torch.exp(logp - old_logp).detach() * (logp - old_logp)", Estimator.K1, 1, Weight.SG_RHO),
        ("torch.exp(logp - old_logp).detach() * (logp - old_logp) ** 2 / 2", Estimator.K2, 1, Weight.SG_RHO),
        ("torch.exp(logp - old_logp) * (logp - old_logp).abs()", Estimator.ABS, 1, Weight.RHO),
        (
            "torch.exp(logp - old_logp) * (torch.exp(old_logp - logp) - 1 + logp - old_logp)",
            Estimator.K3,
            1,
            Weight.RHO,
        ),
        (
            "torch.exp(logp - old_logp).detach() * (torch.exp(old_logp - logp) - 1 + logp - old_logp)",
            Estimator.K3,
            1,
            Weight.SG_RHO,
        ),
    ],
)
def test_estimators(kl: str, estimator: Estimator, sign: int, weight: Weight) -> None:
    fit = trace(f"loss = ({kl}).mean()", anchored=True)
    assert fit is not None
    found = recognise(fit.value, anchored=True)
    assert found is not None
    assert (found.estimator, found.sign, found.malformed) == (estimator, sign, False)
    assert found.scale == pytest.approx(1.0)
    assert weight_of(fit) is weight


@pytest.mark.parametrize(
    "policy_term",
    [
        "torch.exp(logp - old_logp)",
        "-torch.exp(logp - old_logp)",
        "(torch.exp(logp - old_logp) - 1) ** 2",
        "torch.exp(old_logp - logp)",
    ],
)
def test_polynomials_in_the_ratio_are_no_estimators(policy_term: str) -> None:
    fit = trace(f"loss = ({policy_term}).mean()", anchored=True)
    assert fit is None or recognise(fit.value, anchored=True) is None


def test_rewards() -> None:
    ratio = "torch.exp(logp - old_logp)"
    cases = {
        "logp - old_logp": Verdict.RIGHT,
        "old_logp - logp": Verdict.WRONG_SIGN,
        f"{ratio} * (logp - old_logp)": Verdict.WEIGHTED_REWARD,
        "(logp - old_logp).abs()": Verdict.BIASED_REWARD,
    }
    for kl, wanted in cases.items():
        fit = trace(f"penalty = ({kl}).detach()", "penalty", anchored=True)
        assert fit is not None
        assert judge_reward(fit.value, anchored=True) is wanted
    snippet = f"""
        penalty = (logp - old_logp).detach()
        loss = -({ratio} * (advantages - penalty)).mean()
    """
    assert direction(snippet, Regime.OFF) is Direction.REVERSE_TO_SAMPLER
