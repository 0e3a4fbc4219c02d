"""`kllint trace` on code: the steps over files, with the formulas at each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Kllint

TRAINER = """\
from estimators import penalty


def train(model, batch, args):
    logp = model.log_probs(batch["tokens"])
    kl = penalty(logp, batch["ref_logp"], args.kl_type)
    loss = -(batch["advantages"] * logp).mean() + args.beta * kl.mean()
    loss.backward()
"""

ESTIMATORS = """\
import torch


def penalty(logp, ref_logp, kind):
    log_ratio = ref_logp - logp
    if kind == "k1":
        return -log_ratio
    return torch.exp(log_ratio) - 1 - log_ratio
"""

TO_LOSS = """\
estimators.py:8:12: k3 on its way to the loss in train, when args.kl_type != "k1"
  1. trainer.py:6:24: ref_logp is log p, the reference's, without gradient
     | kl = penalty(logp, batch["ref_logp"], args.kl_type)
  2. trainer.py:5:12: read from model.log_probs(batch["tokens"]); logp is log q, with gradient
     | logp = model.log_probs(batch["tokens"])
  3. estimators.py:5:5: log_ratio
     | log_ratio = ref_logp - logp
     value: -d
     derivative: -1
  4. estimators.py:8:12: k3
     | return torch.exp(log_ratio) - 1 - log_ratio
     value: exp(-d) - 1 + d
     derivative: 1 - exp(-d)
  5. trainer.py:6:10: returned by penalty; kl
     | kl = penalty(logp, batch["ref_logp"], args.kl_type)
  6. trainer.py:7:63: mean; times args.beta; added to the rest
     | loss = -(batch["advantages"] * logp).mean() + args.beta * kl.mean()
     derivative: args.beta * (1 - exp(-d))
  7. trainer.py:8:5: reaches the loss here
     | loss.backward()
"""

REWARD = """\
def train(model, batch, beta):
    logp = model.log_probs(batch["tokens"])
    kl = batch["old_logp"] - batch["ref_logp"]
    rewards = batch["scores"] - beta * kl.detach()
    loss = -(rewards * logp).mean()
    loss.backward()
"""


@pytest.fixture
def trace(command_line: Kllint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trainer.py").write_text(TRAINER)
    (tmp_path / "estimators.py").write_text(ESTIMATORS)
    (tmp_path / "reward.py").write_text(REWARD)

    def run(place: str) -> str:
        done = command_line("trace", place, "--isolated", "--no-cache", "--project-root", ".")
        assert done.code == 0, done.err
        return done.out

    return run


def test_the_way_leads_over_files(trace: Callable[[str], str]) -> None:
    assert TO_LOSS in trace("estimators.py:8")


def test_any_line_of_the_way_shows_it(trace: Callable[[str], str]) -> None:
    shown = trace("trainer.py:6")
    assert TO_LOSS in shown
    assert 'k1 on its way to the loss in train, when args.kl_type == "k1"' in shown


def test_a_reward_is_the_coefficient_of_its_gradient(trace: Callable[[str], str]) -> None:
    shown = trace("reward.py:3")
    assert "detached: no gradient from here on" in shown
    assert "a reward, whose value is the coefficient of its gradient" in shown
    assert "     value: beta * (-d)" in shown.splitlines()
    assert "     derivative: beta * d" in shown.splitlines()
