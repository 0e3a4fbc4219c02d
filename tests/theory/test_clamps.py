"""Clamps (theory.md section 4): what they do to the gradient, and what the fit makes of them."""

from __future__ import annotations

import math

import pytest
import torch

from kllint.theory.estimators import recognise
from kllint.theory.verdict import Verdict, judge_loss, judge_reward
from kllint.theory.vocabulary import Estimator, Regime
from tests.oracle import WORLDS, Direction, direction, measure, references
from tests.theory.traced import trace

K3 = "torch.exp(ref_logp - logp) - 1 + (logp - ref_logp)"
RHO = "torch.exp(logp - old_logp)"


@pytest.mark.parametrize(
    ("kl", "estimator"),
    [
        ("torch.exp((ref_logp - logp).clamp(-20, 20)) - 1 - (ref_logp - logp).clamp(-20, 20)", Estimator.K3),
        (f"torch.clamp({K3}, min=-10, max=10)", Estimator.K3),
        ("torch.expm1(ref_logp - logp) + (logp - ref_logp)", Estimator.K3),
        ("torch.exp(torch.clamp(ref_logp - logp, max=10.0)) - 1 + logp - ref_logp", Estimator.K3),
        ("torch.clamp(logp - ref_logp, min=-100.0)", Estimator.K1),
    ],
)
def test_wide_clamps_leave_the_formula_alone(kl: str, estimator: Estimator) -> None:
    fit = trace(f"loss = ({kl}).mean()")
    assert fit is not None
    found = recognise(fit.value)
    assert found is not None
    assert found.estimator is estimator


@pytest.mark.parametrize(
    "kl",
    [
        f"torch.clamp({RHO}, 0.8, 1.2) * ({K3})",
        f"torch.minimum({RHO} * ({K3}), torch.clamp({RHO}, 0.8, 1.2) * ({K3}))",
        f"torch.clamp({K3}, max=0.5)",
        "torch.clamp(logp - ref_logp, -0.5, 0.5)",
    ],
)
def test_narrow_clamps_do_not_fit_and_change_the_gradient(kl: str) -> None:
    snippet = f"loss = ({kl}).mean()"
    assert trace(snippet) is None
    assert direction(snippet, Regime.OFF) is Direction.OTHER


def test_detached_clipped_ratio_on_k2_comes_closer_than_a_live_one_on_k3() -> None:
    live = f"loss = (torch.clamp({RHO}, 0.8, 1.2) * ({K3})).mean()"
    detached = f"loss = (torch.clamp({RHO}, 0.8, 1.2).detach() * 0.5 * (logp - ref_logp) ** 2).mean()"
    for world in WORLDS:
        reverse = references(world)[Direction.REVERSE]
        assert measure(detached, world).cosine(reverse) > measure(live, world).cosine(reverse)


def test_clamped_k1_is_biased_as_a_reward_and_absolute_as_a_loss() -> None:
    for kl in ("torch.clamp(logp - ref_logp, min=0)", "torch.relu(logp - ref_logp)"):
        fit = trace(f"loss = ({kl}).mean()")
        assert fit is not None
        assert fit.value.render() == "0.5 * (d + |d|)"
        assert judge_reward(fit.value) is Verdict.BIASED_REWARD
        for regime in (Regime.ON, Regime.OFF):
            assert judge_loss(fit.derivative, regime) is Verdict.ABSOLUTE
    snippet = "loss = (logp * torch.clamp(logp - ref_logp, min=0).detach()).mean()"
    assert direction(snippet, Regime.ON) is Direction.OTHER


def gradient_at(d: float, k3: str) -> float:
    logp = torch.tensor(d, dtype=torch.float64, requires_grad=True)
    value: torch.Tensor = eval(k3, {"torch": torch, "d": logp})  # noqa: S307 (our own text)
    torch.autograd.backward(value)
    assert logp.grad is not None
    return float(logp.grad)


def test_half_clamped_k3_flips_the_sign() -> None:
    assert gradient_at(-25.0, "torch.exp(-d) - 1 + d") < -1e10
    assert gradient_at(-25.0, "torch.exp(torch.clamp(-d, max=10.0)) - 1 + d") == 1.0


def test_clamped_output_has_no_gradient_where_it_is_needed() -> None:
    assert gradient_at(-5.0, "torch.clamp(torch.exp(-d) - 1 + d, max=10.0)") == 0.0


def test_later_clamp_does_not_save_the_backward_pass() -> None:
    assert math.isnan(gradient_at(-2000.0, "torch.clamp(torch.exp(-d) - 1 + d, max=10.0)"))


def test_input_clamp_times_live_ratio_pushes_down_what_is_too_low() -> None:
    # With q << p the reverse KL wants q up (negative gradient); the dead estimator leaves rho * k3 > 0.
    clamped = (
        "torch.exp(d - d.detach()) * (torch.exp(-torch.clamp(d, min=-2.0)) - 1 + torch.clamp(d, min=-2.0))"
    )
    assert gradient_at(-5.0, clamped) > 0
    assert gradient_at(-5.0, "torch.exp(d - d.detach()) * (torch.exp(-d) - 1 + d)") < 0
