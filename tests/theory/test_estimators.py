"""Names of values: estimators, slips and what is none."""

from __future__ import annotations

import pytest

from kllint.theory.estimators import recognise, weight_of
from kllint.theory.fit import Combination, Fit
from kllint.theory.verdict import Verdict, judge_loss, judge_reward
from kllint.theory.vocabulary import Estimator, Regime, Target, Weight
from tests.oracle import Direction, agrees, direction
from tests.theory.traced import trace

D = "(logp - ref_logp)"
RHO = "torch.exp(logp - old_logp)"


@pytest.mark.parametrize(
    ("value", "estimator", "sign", "scale"),
    [
        ("logp - ref_logp", Estimator.K1, 1, 1.0),
        ("ref_logp - logp", Estimator.K1, -1, 1.0),
        ("logp - ref_logp + 3", Estimator.K1, 1, 1.0),
        (f"{D} ** 2", Estimator.K2, 1, 2.0),
        (f"0.1 * {D}.abs()", Estimator.ABS, 1, 0.1),
        ("torch.exp(ref_logp - logp) - (ref_logp - logp) - 1", Estimator.K3, 1, 1.0),
        ("torch.expm1(ref_logp - logp) + logp - ref_logp", Estimator.K3, 1, 1.0),
        ("torch.exp(ref_logp) / torch.exp(logp) - 1 + logp - ref_logp", Estimator.K3, 1, 1.0),
        ("torch.exp(logp - ref_logp) - 1 - (logp - ref_logp)", Estimator.K3_INVERTED, 1, 1.0),
        (f"-{RHO} + 0.04 * (torch.exp(-{D}) - 1 + {D})", Estimator.K3, 1, 0.04),
    ],
)
def test_estimators(value: str, estimator: Estimator, sign: int, scale: float) -> None:
    fit = trace(f"loss = {value}")
    assert fit is not None
    found = recognise(fit.value)
    assert found is not None
    assert (found.estimator, found.sign, found.malformed) == (estimator, sign, False)
    assert found.scale == pytest.approx(scale)


@pytest.mark.parametrize(
    ("value", "malformed"),
    [
        (f"torch.exp(-{D}) + {D}", True),
        (f"torch.exp(-{D}) - 2 + {D}", True),
        (f"torch.exp(-{D}) + 1 + {D}", True),
        (f"torch.exp(-{D}) - 1 - {D}", True),
        (f"torch.exp({D}) - {D}", True),
        (f"{RHO} * (torch.exp(-{D}) + {D})", True),
        (f"torch.exp(-{D}) - 1 + 3 * {D}", False),
        (f"{D} + {D} ** 2", False),
        (f"{D} + {D}.abs()", False),
        (f"-{D} * torch.exp(-{D})", False),
        (f"{D} + {RHO} * {D}", False),
        (f"torch.exp({D}) + torch.exp(-{D}) - 2", False),
    ],
)
def test_others(value: str, malformed: bool) -> None:
    fit = trace(f"loss = {value}")
    assert fit is not None
    found = recognise(fit.value)
    assert found is not None
    assert found.estimator is Estimator.OTHER
    assert found.malformed is malformed


@pytest.mark.parametrize(
    "value", ["logp * 0 + 2", RHO, f"-{RHO}", f"torch.exp({D})", f"torch.exp(-{D}) - 1", f"2 / {RHO}"]
)
def test_weights_and_constants_are_none(value: str) -> None:
    fit = trace(f"loss = {value}")
    assert fit is not None
    assert recognise(fit.value) is None
    assert weight_of(fit) is Weight.NONE


def test_weight_without_gradient_is_what_it_shows() -> None:
    fit = trace(f"loss = ({RHO} * {D}).detach()")
    assert fit is not None
    assert weight_of(fit) is Weight.RHO


def test_weight_squared_is_still_a_weight() -> None:
    fit = trace(f"loss = {RHO} * {RHO} * {D}")
    assert fit is not None
    assert weight_of(fit) is Weight.RHO


class TestCorners:
    def test_unfitted_derivative_is_not_judged(self) -> None:
        assert judge_loss(None) is Verdict.NOT_JUDGED
        assert not Verdict.NOT_JUDGED.is_fault

    def test_constant_reward(self) -> None:
        assert judge_reward(Combination()) is Verdict.NO_GRADIENT
        assert judge_reward(Combination.plain(ONE=2)) is Verdict.NO_GRADIENT
        assert judge_reward(Combination.plain(1, ONE=1)) is Verdict.NOT_JUDGED

    def test_hidden_weight_in_reward(self) -> None:
        assert judge_reward(Combination.plain(D=1), weighted=True) is Verdict.WEIGHTED_REWARD
        assert judge_reward(Combination.plain(D2=1), weighted=True) is Verdict.BIASED_REWARD
        assert judge_reward(Combination.plain(D=-1), weighted=True) is Verdict.WRONG_SIGN

    def test_mixed_weights_in_reward(self) -> None:
        mixed = Combination.plain(D=1) + Combination.plain(1, D=1)
        assert judge_reward(mixed) is Verdict.OTHER

    def test_constant_in_reward_counts_for_nothing(self) -> None:
        assert judge_reward(Combination.plain(D=0.1, ONE=5)) is Verdict.RIGHT
        assert judge_reward(Combination.plain(EXP_NEG=1, D=1)) is Verdict.REVERSE_MINUS_FORWARD

    def test_k1_beside_k2_is_right_on_policy_only(self) -> None:
        both = Combination.plain(ONE=1, D=1)
        assert judge_loss(both, Regime.ON) is Verdict.NOISY
        assert judge_loss(both, Regime.OFF) is Verdict.OTHER

    def test_rho_is_one_on_policy(self) -> None:
        both = Combination.plain(D=1) + Combination.plain(1, D=1)
        assert judge_loss(both, Regime.ON) is Verdict.RIGHT
        assert judge_loss(both, Regime.OFF) is Verdict.OTHER

    def test_fit_of_nothing_has_no_weight(self) -> None:
        assert weight_of(Fit(Combination(), Combination())) is Weight.NONE

    def test_forward_target_in_reward(self) -> None:
        weight = "-torch.exp(ref_logp - logp).detach()"
        fit = trace(f"loss = {weight}")
        assert fit is not None
        assert judge_reward(fit.value) is Verdict.FORWARD
        assert judge_reward(fit.value, target=Target.FORWARD) is Verdict.RIGHT
        assert judge_reward(Combination.plain(D=1), target=Target.FORWARD) is Verdict.OTHER
        snippet = f"loss = ({RHO} * {weight}).mean()"
        assert direction(snippet, Regime.OFF) is Direction.FORWARD

    def test_slips_in_k3_by_their_gradients(self) -> None:
        """Without its -1 a weighted k3 is only noisier; with a wrong sign inside it is worse than useless."""
        for value, on, off in [
            (f"torch.exp(-{D}) + {D}", Verdict.FORWARD, Verdict.FORWARD),
            (f"{RHO} * (torch.exp(-{D}) + {D})", Verdict.NOISY, Verdict.NOISY),
            (f"torch.exp(-{D}) - 1 - {D}", Verdict.FORWARD, Verdict.OTHER),
            (f"{RHO} * (torch.exp(-{D}) - 1 - {D})", Verdict.WRONG_SIGN, Verdict.WRONG_SIGN),
        ]:
            snippet = f"loss = ({value}).mean()"
            fit = trace(snippet)
            assert fit is not None
            for regime, wanted in ((Regime.ON, on), (Regime.OFF, off)):
                assert judge_loss(fit.derivative, regime) is wanted
                assert agrees(wanted, direction(snippet, regime), regime)
