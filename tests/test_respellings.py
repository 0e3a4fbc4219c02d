"""Respelling a program keeps what is said of it; changing what it means changes that."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from textwrap import indent
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.linting import codes, lint
from tests.spellings import AXES, Program, Spelling, files

SAID: Final = {
    Program("k1"): {"KL101"},
    Program("k2"): set(),
    Program("k3"): {"KL102"},
    Program("k1", "rho"): {"KL106"},
    Program("k2", "rho"): {"KL103"},
    Program("k3", "rho"): set(),
    Program("k1", "sg_rho"): {"KL104"},
    Program("k2", "sg_rho"): set(),
    Program("k3", "sg_rho"): {"KL104"},
    Program("k1", use="reward"): set(),
    Program("k2", use="reward"): {"KL202"},
    Program("k3", use="reward"): {"KL201"},
    Program("k1", use="live"): {"KL203"},
}
CLAMPED: Final = "KL111"  # speaks of the clamp that a spelling adds, not of the estimator

spellings: Final = st.builds(Spelling, **{axis: st.integers(0, 10) for axis in AXES})


def said(program: Program, spelling: Spelling) -> set[str]:
    with tempfile.TemporaryDirectory() as folder:
        return codes(lint(Path(folder), files(program, spelling))) - {CLAMPED}


@settings(max_examples=250, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(list(SAID)), spellings)
def test_a_respelling_keeps_what_is_said(program: Program, spelling: Spelling) -> None:
    assert said(program, spelling) == SAID[program]


# The same in every spelling: a detach dropped or added, another estimator, another weight, another use.
CHANGES: Final = (
    (Program("k2", "sg_rho"), Program("k2", "rho")),
    (Program("k3", "rho"), Program("k3", "sg_rho")),
    (Program("k3", "rho"), Program("k3")),
    (Program("k2"), Program("k3")),
    (Program("k2"), Program("k1")),
    (Program("k1", use="reward"), Program("k3", use="reward")),
    (Program("k1", use="reward"), Program("k1", use="live")),
    (Program("k1", use="reward"), Program("k1")),
)


@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(CHANGES), spellings)
def test_another_meaning_changes_what_is_said(change: tuple[Program, Program], spelling: Spelling) -> None:
    before, after = (said(program, spelling) for program in change)
    assert before != after


INERT: Final = {"KL101", "KL104"}  # k1 alone: with either sign its gradient is zero in expectation


@settings(max_examples=100, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([program for program in SAID if program.use != "live"]), spellings)
def test_another_sign_changes_what_is_said(program: Program, spelling: Spelling) -> None:
    inert = program.estimator == "k1" and program.use == "loss" and SAID[program] <= INERT
    wanted = SAID[program] if inert else {"KL302"}
    assert said(replace(program, sign=-1), spelling) == wanted


STRAIGHT_THROUGH: Final = (
    "{grad} - {grad}.detach() + {value}.detach()",
    "{value}.detach() + {grad} - {grad}.detach()",
    "{value}.detach() + ({grad} - {grad}.detach())",
    "({value} - {grad}).detach() + {grad}",
    "{grad} + ({value} - {grad}).data",
    "{value}.data - {grad}.data + {grad}",
    "jax.lax.stop_gradient({value} - {grad}) + {grad}",
)
BY_GRADIENT: Final = {"k1": {"KL101"}, "k2": set(), "k3": {"KL102"}}


@pytest.mark.parametrize("value", BY_GRADIENT)
@pytest.mark.parametrize("gradient", BY_GRADIENT)
@pytest.mark.parametrize("form", STRAIGHT_THROUGH)
def test_straight_through_is_judged_by_its_gradient(
    tmp_path: Path, form: str, gradient: str, value: str
) -> None:
    text = f"""
import jax
import torch


def step(model, tokens, ref_logp, advantages, beta):
    logp = model.log_probs(tokens)
    k1 = logp - ref_logp
    k2 = 0.5 * k1.square()
    k3 = torch.exp(-k1) - 1 + k1
    kl = {form.format(grad=gradient, value=value)}
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
"""
    assert codes(lint(tmp_path, {"trainer.py": text})) == BY_GRADIENT[gradient]


WITHOUT_GRADIENT: Final = {
    "decorator": "@torch.no_grad()\ndef penalty(logp, ref_logp):\n    return {k3}",
    "inference decorator": "@torch.inference_mode()\ndef penalty(logp, ref_logp):\n    return {k3}",
    "plain decorator": "@torch.no_grad\ndef penalty(logp, ref_logp):\n    return {k3}",
    "block": "def penalty(logp, ref_logp):\n    with torch.no_grad():\n        return {k3}",
    "switched off": "def penalty(logp, ref_logp):\n    with torch.set_grad_enabled(False):\n        return {k3}",
    "input": "def penalty(logp, ref_logp):\n    logp = logp.detach()\n    return {k3}",
    "result": "def penalty(logp, ref_logp):\n    return ({k3}).detach()",
    "lambda": "penalty = lambda logp, ref_logp: ({k3}).detach()",
}
K3: Final = "torch.exp(ref_logp - logp) - 1 - (ref_logp - logp)"


@pytest.mark.parametrize("spelling", WITHOUT_GRADIENT)
@pytest.mark.parametrize("files_", [1, 2])
def test_no_gradient_however_it_is_said(tmp_path: Path, spelling: str, files_: int) -> None:
    helper = "import torch\n\n\n" + WITHOUT_GRADIENT[spelling].format(k3=K3)
    body = """
logp = model.log_probs(tokens)
loss = (-advantages * logp + beta * penalty(logp, ref_logp)).mean()
loss.backward()"""
    step = f"\n\ndef step(model, tokens, ref_logp, advantages, beta):{indent(body, '    ')}\n"
    project = {"trainer.py": helper + step}
    if files_ == 2:
        project = {"trainer.py": f"from penalties import penalty\n{step}", "penalties.py": helper}
    assert codes(lint(tmp_path, project)) == {"KL108"}
