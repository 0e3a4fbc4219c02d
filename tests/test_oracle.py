"""The linter beside autograd, cell by cell: what is linted is what is executed.

Every cell of the table in docs/theory.md is one snippet. `expected` says which rule speaks of it,
`MEANING` what that rule says that autograd does; silence says that the gradient is that of KL(q || p).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

import pytest

from kllint.theory.vocabulary import Estimator, Regime, Use
from tests.linting import codes, lint
from tests.oracle import Direction, direction, module_text

if TYPE_CHECKING:
    from pathlib import Path

REGIMES: Final = (Regime.ON, Regime.OFF)

ESTIMATORS: Final = {
    Estimator.K1: "diff",
    Estimator.K2: "0.5 * diff.square()",
    Estimator.K3: "torch.exp(-diff) - 1 + diff",
    Estimator.ABS: "diff.abs()",
    Estimator.K3_INVERTED: "torch.exp(diff) - 1 - diff",
}
WEIGHTS: Final = {
    "none": None,
    "rho": "torch.exp(logp - old_logp)",
    "sg_rho": "torch.exp(logp - old_logp).detach()",
    "ones": "torch.ones_like(logp)",
    "self": "torch.exp(logp - logp)",
}

# The rule that speaks of a loss, on-policy and off-policy; None where the gradient is right.
LOSSES: Final = {
    ("none", Estimator.K1): ("KL101", "KL101"),
    ("none", Estimator.K2): (None, "KL107"),
    ("none", Estimator.K3): ("KL102", "KL102"),
    ("rho", Estimator.K1): ("KL106", "KL106"),
    ("rho", Estimator.K2): ("KL103", "KL103"),
    ("rho", Estimator.K3): (None, None),
    ("sg_rho", Estimator.K1): ("KL104", "KL104"),
    ("sg_rho", Estimator.K2): (None, None),
    ("sg_rho", Estimator.K3): ("KL104", "KL104"),
    ("constant", Estimator.K1): ("KL105", "KL105"),
    ("constant", Estimator.K2): (None, "KL105"),
    ("constant", Estimator.K3): ("KL105", "KL105"),
}
# Whatever weighs them.
WRONG_LOSSES: Final = {Estimator.ABS: "KL109", Estimator.K3_INVERTED: "KL301"}
REWARDS: Final = {
    Estimator.K1: None,
    Estimator.K2: "KL202",
    Estimator.K3: "KL201",
    Estimator.ABS: "KL202",
    Estimator.K3_INVERTED: "KL301",
}

_OTHER: Final = frozenset({Direction.OTHER})
_REVERSE: Final = frozenset({Direction.REVERSE})
_ABSOLUTE: Final = frozenset({Direction.ABSOLUTE, Direction.OTHER})

# What each rule says that autograd does, on-policy and off-policy.
MEANING: Final = {
    None: (_REVERSE, _REVERSE),
    "KL101": (frozenset({Direction.ZERO}), frozenset({Direction.FROM_SAMPLER})),
    "KL102": (frozenset({Direction.FORWARD}), _OTHER),
    "KL103": (frozenset({Direction.SURROGATE}),) * 2,
    "KL104": (frozenset({Direction.ZERO, Direction.FORWARD}),) * 2,
    "KL105": (frozenset({Direction.ZERO, Direction.FORWARD}), _OTHER | {Direction.FROM_SAMPLER}),
    "KL106": (_REVERSE, _REVERSE),
    "KL107": (frozenset(), _OTHER),
    "KL109": (_ABSOLUTE, _ABSOLUTE),
    "KL201": (frozenset({Direction.REVERSE_MINUS_FORWARD}),) * 2,
    "KL202": (_OTHER, _OTHER),
    "KL204": (frozenset(), _OTHER),
    "KL301": (_OTHER, _OTHER),
    "KL302": (frozenset({Direction.MINUS_REVERSE, Direction.MINUS_FORWARD, Direction.OTHER}),) * 2,
}

CELLS: Final = [
    pytest.param(use, weight, estimator, regime, id=f"{use}-{weight}-{estimator}-{regime}")
    for use, weight, estimator, regime in product((Use.LOSS, Use.REWARD), WEIGHTS, ESTIMATORS, REGIMES)
]


def snippet_of(use: Use, weight: str, estimator: Estimator) -> str:
    rho = WEIGHTS[weight]
    lines = ["diff = logp - ref_logp", f"kl = {ESTIMATORS[estimator]}"]
    if rho is not None:
        lines += [f"rho = {rho}", "kl = rho * kl"]
    if use is Use.LOSS:
        lines += ["loss = 0.05 * kl.mean()"]
    else:
        lines += ["ratio = torch.exp(logp - old_logp)"]
        lines += ["loss = -(ratio * (advantages - 0.05 * kl.detach())).mean()"]
    return "\n".join(lines)


def expected(use: Use, weight: str, estimator: Estimator, regime: Regime) -> str | None:
    off = regime is Regime.OFF
    weight = "constant" if weight in {"ones", "self"} else weight
    if use is Use.LOSS:
        return WRONG_LOSSES.get(estimator) or LOSSES[weight, estimator][off]
    return "KL204" if off and estimator is Estimator.K1 and "rho" in weight else REWARDS[estimator]


@pytest.mark.parametrize(("use", "weight", "estimator", "regime"), CELLS)
def test_the_linter_says_what_autograd_does(
    tmp_path: Path, use: Use, weight: str, estimator: Estimator, regime: Regime
) -> None:
    snippet = snippet_of(use, weight, estimator)
    wanted = expected(use, weight, estimator, regime)
    analysis = lint(tmp_path, {"trainer.py": module_text(snippet)}, regime)
    assert codes(analysis) == ({wanted} if wanted else set())
    found = direction(snippet, regime)
    squared = use is Use.REWARD and "rho" in weight and regime is Regime.OFF
    meaning = _OTHER if squared else MEANING[wanted][regime is Regime.OFF]
    assert found in meaning


@pytest.mark.parametrize("use", [Use.LOSS, Use.REWARD])
@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_an_unknown_regime_is_no_louder(tmp_path: Path, use: Use, weight: str, estimator: Estimator) -> None:
    analysis = lint(tmp_path, {"trainer.py": module_text(snippet_of(use, weight, estimator))})
    either = {expected(use, weight, estimator, regime) for regime in REGIMES}
    assert codes(analysis) <= either


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_negated_loss_has_the_wrong_sign(
    tmp_path: Path, weight: str, estimator: Estimator, regime: Regime
) -> None:
    snippet = snippet_of(Use.LOSS, weight, estimator).replace("0.05 *", "-0.05 *")
    spoken = codes(lint(tmp_path, {"trainer.py": module_text(snippet)}, regime))
    found = direction(snippet, regime)
    if found in {Direction.ZERO, Direction.TO_SAMPLER} and estimator is Estimator.K1:
        assert spoken == {expected(Use.LOSS, weight, estimator, regime)}  # inert with either sign
    else:
        assert spoken == {"KL302"}
        assert found in MEANING["KL302"][0]


K3 = "torch.exp(-diff) - 1 + diff"
# Where the ratio is, or is not: in the policy gradient's factor, in the KL, in both. On-policy, off-policy.
POLICIES: Final = {
    "log q": ("logp", "diff", (None, None)),
    "log q, weighted KL": ("logp", "rho * diff", (None, None)),
    "weighted log q": ("rho.detach() * logp", "diff", (None, None)),
    "weighted log q, weighted KL": ("rho.detach() * logp", "rho * diff", (None, "KL204")),
    "ratio, weighted KL": ("rho", "rho * diff", (None, "KL204")),
    "weighted log q, k3": ("rho.detach() * logp", K3, ("KL201", "KL201")),
    "log q, weighted k3": ("logp", f"rho * ({K3})", ("KL201", "KL201")),
}
UNWEIGHTED: Final = (
    "log q"  # off-policy all of the policy gradient lacks its ratio, which is no rule's subject
)


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("named", [False, True], ids=["inline", "named"])
@pytest.mark.parametrize("policy", POLICIES)
def test_the_ratio_counts_once(tmp_path: Path, policy: str, regime: Regime, *, named: bool) -> None:
    factor, kl, wanted = POLICIES[policy]
    snippet = f"""
        rho = torch.exp(logp - old_logp)
        diff = logp - ref_logp
        kl = {kl}
        loss = -({factor} * (advantages - 0.05 * kl.detach())).mean()
    """
    if named:
        snippet = snippet.replace("loss =", "shaped = advantages - 0.05 * kl.detach()\n        loss =")
        snippet = snippet.replace("(advantages - 0.05 * kl.detach())).", "shaped).")
    spoken = wanted[regime is Regime.OFF]
    assert codes(lint(tmp_path, {"trainer.py": module_text(snippet)}, regime)) == ({spoken} - {None})
    if (policy, regime) != (UNWEIGHTED, Regime.OFF):
        assert direction(snippet, regime) in MEANING[spoken][regime is Regime.OFF]


@pytest.mark.xfail(strict=True, reason="a live KL in a reward is judged as if it were detached")
def test_a_live_k3_inside_a_live_ratio_is_right(tmp_path: Path) -> None:
    snippet = f"""
        diff = logp - ref_logp
        ratio = torch.exp(logp - old_logp)
        loss = -(ratio * (advantages - 0.05 * ({K3}))).mean()
    """
    assert direction(snippet, Regime.OFF) is Direction.REVERSE
    assert codes(lint(tmp_path, {"trainer.py": module_text(snippet)}, Regime.OFF)) <= {"KL203"}
