"""Which rules speak of which term: the table of verdicts, uses, weights and traits."""

from dataclasses import replace

import pytest

from kllint.findings import Confidence, Severity, Span
from kllint.rules.registry import violations
from kllint.rules.term import Term, Trait
from kllint.theory.combination import Combination
from kllint.theory.fit import Fit
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Estimator, Gradient, Regime, Role, Use, Weight

V = Verdict
SPAN = Span("train.py", 0, 1)
LOSS = Term(
    span=SPAN,
    sink=SPAN,
    function="step",
    estimator=Estimator.K3,
    numerator=Role.ACTOR,
    denominator=Role.REFERENCE,
    weight=Weight.NONE,
    gradient=Gradient.LIVE,
    use=Use.LOSS,
    regime=Regime.ON,
    verdict=V.RIGHT,
    fit=None,
    confidence=Confidence.HIGH,
    actor="new_logps",
)
REWARD = replace(LOSS, use=Use.REWARD, gradient=Gradient.DETACHED)
LIVE_K3 = Fit(Combination.plain(1, EXP_NEG=1, ONE=-1, D=1), Combination.plain(1, D=1))
DETACHED_K2 = Fit(Combination.plain(1, D2=0.5), Combination.plain(1, D=1))
MIXTURE = Fit(Combination.plain(D=1, ABS=1), Combination.plain(ONE=1, SIGN=1))
SLIP = Fit(Combination.plain(EXP_NEG=1, ONE=-1, D=-1), Combination.plain(EXP_NEG=-1, ONE=-1))


def loss(**change: object) -> Term:
    return replace(LOSS, **change)


def reward(**change: object) -> Term:
    return replace(REWARD, **change)


def codes(term: Term) -> list[str]:
    return [rule.code for rule, _ in violations(term)]


def traits(*names: Trait) -> frozenset[Trait]:
    return frozenset(names)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (loss(verdict=V.RIGHT), []),
        (loss(verdict=V.INERT), ["KL101"]),
        (loss(verdict=V.FORWARD), ["KL102"]),
        (loss(verdict=V.SURROGATE, weight=Weight.RHO), ["KL103"]),
        (loss(verdict=V.INERT_WEIGHTED, weight=Weight.SG_RHO), ["KL104"]),
        (loss(verdict=V.FORWARD_WEIGHTED, weight=Weight.SG_RHO), ["KL104"]),
        (loss(verdict=V.INERT, weight=Weight.CONSTANT), ["KL105"]),
        (loss(verdict=V.FORWARD, weight=Weight.CONSTANT), ["KL105"]),
        (loss(verdict=V.UNWEIGHTED, weight=Weight.CONSTANT), ["KL105"]),
        (loss(verdict=V.RIGHT, weight=Weight.CONSTANT), []),
        (loss(verdict=V.NOISY, weight=Weight.RHO), ["KL106"]),
        (loss(verdict=V.NOISY), []),
        (loss(verdict=V.UNWEIGHTED, regime=Regime.OFF), ["KL107"]),
        (loss(verdict=V.NO_GRADIENT, gradient=Gradient.DETACHED), ["KL108"]),
        (loss(verdict=V.ABSOLUTE), ["KL109"]),
        (loss(verdict=V.RIGHT, weight=Weight.GEOMETRIC_RHO), ["KL110"]),
        (loss(verdict=V.NOISY, weight=Weight.GEOMETRIC_RHO, estimator=Estimator.K1), ["KL110"]),
        (loss(verdict=V.SURROGATE, weight=Weight.GEOMETRIC_RHO, estimator=Estimator.K2), []),
        (loss(verdict=V.FORWARD_WEIGHTED, weight=Weight.GEOMETRIC_RHO), ["KL104"]),
        (loss(traits=traits(Trait.CLAMPED_OUTPUT)), ["KL111"]),
        (loss(weight=Weight.CLIPPED_RHO, fit=LIVE_K3), ["KL111"]),
        (loss(weight=Weight.CLIPPED_RHO, fit=DETACHED_K2), []),
        (loss(traits=traits(Trait.CLAMPED_OUTPUT, Trait.CLAMPED_POSITIVE)), ["KL113"]),
        (loss(verdict=V.INERT, traits=traits(Trait.CLAMPED_POSITIVE)), ["KL113"]),
        (loss(weight=Weight.RHO, traits=traits(Trait.CLAMPED_INPUT)), ["KL111"]),
        (loss(traits=traits(Trait.CLAMPED_INPUT)), []),
        (loss(verdict=V.REPELS_FROM_SAMPLER, denominator=Role.BEHAVIOUR), ["KL112"]),
        (loss(verdict=V.OTHER, fit=MIXTURE), ["KL113"]),
        (loss(verdict=V.OTHER, fit=MIXTURE, weight=Weight.INVERTED_RHO), ["KL113"]),
        (loss(verdict=V.INVERTED), ["KL301"]),
        (loss(verdict=V.WRONG_SIGN), ["KL302"]),
        (loss(verdict=V.FORWARD, traits=traits(Trait.FLIPPED_SIGN)), ["KL102", "KL302"]),
        (loss(verdict=V.INERT, traits=traits(Trait.FLIPPED_SIGN)), ["KL101"]),
        (loss(verdict=V.OTHER, fit=SLIP), ["KL303"]),
        (loss(verdict=V.NO_GRADIENT, traits=traits(Trait.SAME_TENSOR)), ["KL304"]),
        (loss(traits=traits(Trait.BOTH_LIVE)), ["KL304"]),
        (loss(traits=traits(Trait.REFERENCE_CONSTANT)), ["KL305"]),
        (loss(weight=Weight.RHO, traits=traits(Trait.HALF_CLAMPED, Trait.CLAMPED_INPUT)), ["KL306"]),
        (loss(traits=traits(Trait.ONE_SIDED_TEMPERATURE)), ["KL307"]),
        (loss(traits=traits(Trait.IN_BOTH_PATHS)), ["KL206"]),
        (loss(verdict=V.FORWARD, traits=traits(Trait.UNCLAMPED_EXP)), ["KL102", "KL401"]),
        (loss(traits=traits(Trait.LOG_OF_PROBABILITY)), ["KL402"]),
        (loss(traits=traits(Trait.UNMASKED_MEAN)), ["KL403"]),
    ],
)
def test_in_a_loss(term, expected):
    assert codes(term) == expected


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (reward(verdict=V.RIGHT, estimator=Estimator.K1), []),
        (reward(verdict=V.REVERSE_MINUS_FORWARD), ["KL201"]),
        (reward(verdict=V.BIASED_REWARD, estimator=Estimator.K2), ["KL202"]),
        (reward(verdict=V.BIASED_REWARD, traits=traits(Trait.CLAMPED_POSITIVE)), ["KL202"]),
        (reward(verdict=V.RIGHT, gradient=Gradient.LIVE, traits=traits(Trait.POLICY_GRADIENT)), ["KL203"]),
        (reward(verdict=V.WEIGHTED_REWARD, weight=Weight.RHO), ["KL204"]),
        (reward(traits=traits(Trait.CENTRED_WITH_SELF)), ["KL205"]),
        (reward(traits=traits(Trait.IN_BOTH_PATHS)), []),
        (reward(estimator=Estimator.FULL, traits=traits(Trait.ACTION_INDEPENDENT)), ["KL207"]),
        (reward(verdict=V.OTHER, fit=MIXTURE), ["KL113"]),
        (reward(verdict=V.INVERTED), ["KL301"]),
        (reward(verdict=V.WRONG_SIGN), ["KL302"]),
        (reward(traits=traits(Trait.CLAMPED_OUTPUT)), []),
        (reward(traits=traits(Trait.HALF_CLAMPED)), []),
        (reward(traits=traits(Trait.UNCLAMPED_EXP)), ["KL401"]),
    ],
)
def test_in_a_reward(term, expected):
    assert codes(term) == expected


@pytest.mark.parametrize("use", [Use.METRIC, Use.EARLY_STOP, Use.COEF, Use.LIBRARY, Use.UNKNOWN])
@pytest.mark.parametrize("verdict", list(V))
def test_whatever_does_not_train_gets_nothing(use, verdict):
    everything = frozenset(Trait) - {Trait.DROPPED, Trait.UNREACHABLE}
    assert codes(loss(use=use, verdict=verdict, fit=MIXTURE, traits=everything)) == []


@pytest.mark.parametrize("trait", [Trait.PATHWISE, Trait.SYMMETRIC, Trait.STATE_BASELINE])
@pytest.mark.parametrize("verdict", list(V))
def test_exemptions_are_silent(trait, verdict):
    both = traits(trait, Trait.BOTH_LIVE)
    assert codes(loss(verdict=verdict, traits=both)) == []
    assert codes(reward(verdict=verdict, traits=both)) == []


def test_what_was_meant_to_train_but_is_lost():
    lost = loss(use=Use.UNKNOWN, verdict=V.NOT_JUDGED)
    assert codes(replace(lost, traits=traits(Trait.DROPPED))) == ["KL208"]
    unreachable = replace(lost, traits=traits(Trait.UNREACHABLE), condition="kl_type == 'k3+'")
    ((rule, violation),) = violations(unreachable)
    assert rule.code == "KL308"
    assert "kl_type == 'k3+'" in violation.message


def one(term: Term):
    ((_, violation),) = violations(term)
    return violation


def test_k1_tells_what_its_gradient_does_in_each_regime():
    k1 = loss(estimator=Estimator.K1, verdict=V.INERT)
    on, off, unknown = (one(replace(k1, regime=regime)) for regime in (Regime.ON, Regime.OFF, Regime.UNKNOWN))
    assert "zero" in on.message
    assert "away from every sampled token" in off.message
    assert "zero on-policy and -grad KL(mu || q) off-policy" in unknown.message


def test_detached_ratio_tells_zero_from_forward():
    k1 = one(loss(verdict=V.INERT_WEIGHTED, weight=Weight.SG_RHO))
    k3 = one(loss(verdict=V.FORWARD_WEIGHTED, weight=Weight.SG_RHO))
    assert "E_q[s] = 0" in k1.message
    assert "forward KL" in k3.message


def test_k3_in_reward_tells_reverse_minus_forward():
    assert "grad KL(q || p) - grad KL(p || q)" in one(reward(verdict=V.REVERSE_MINUS_FORWARD)).message


def test_the_actor_is_spelt_as_in_the_source():
    violation = one(loss(verdict=V.FORWARD))
    assert "torch.exp(new_logps - new_logps.detach())" in violation.message
    assert violation.instead == "0.5 * (new_logps - ref_logp) ** 2"


def test_off_policy_advice_has_the_ratio_to_the_sampler():
    violation = one(loss(verdict=V.FORWARD, regime=Regime.OFF))
    assert violation.instead == "torch.exp(new_logps - old_logp).detach() * 0.5 * (new_logps - ref_logp) ** 2"


def test_an_input_clamp_under_a_live_ratio_is_worse_than_other_clamps():
    assert one(loss(traits=traits(Trait.CLAMPED_OUTPUT))).severity is None
    worse = loss(weight=Weight.RHO, traits=traits(Trait.CLAMPED_INPUT))
    assert one(worse).severity is Severity.WARNING


def test_inverted_k3_against_a_teacher_may_have_the_teachers_samples():
    distilled = loss(verdict=V.INVERTED, denominator=Role.TEACHER, regime=Regime.UNKNOWN)
    assert one(distilled).confidence is Confidence.LOW
    assert one(replace(distilled, regime=Regime.OFF)).confidence is None


def test_missing_weight_in_an_unknown_regime_is_quieter():
    assert one(loss(verdict=V.UNWEIGHTED, regime=Regime.OFF)).confidence is None
    assert one(loss(verdict=V.UNWEIGHTED, regime=Regime.UNKNOWN)).confidence is Confidence.LOW


def test_a_slip_that_leaves_the_gradient_right_is_information():
    assert one(loss(verdict=V.OTHER, fit=SLIP)).severity is None
    assert (
        one(
            replace(
                LOSS,
                verdict=V.NOISY,
                fit=SLIP,
                weight=Weight.SG_RHO,
                use=Use.REWARD,
                gradient=Gradient.DETACHED,
            )
        ).severity
        is Severity.INFO
    )


def test_other_gradient_is_printed():
    assert "sign(d)" in one(loss(verdict=V.OTHER, fit=MIXTURE)).message
