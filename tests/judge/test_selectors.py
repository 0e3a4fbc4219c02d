"""Which estimator a selector picks by default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.linting import lint

if TYPE_CHECKING:
    from pathlib import Path

POLICY = """
import torch


def penalty(log_ratio, kind):
    if kind == "k1":
        return log_ratio.mean()
    return (log_ratio**2 / 2).mean()


class Policy:
    config = dict(learn=dict(kl_type="k1"))

    def __init__(self, cfg):
        self._kl_type = cfg.learn.kl_type

    def step(self, model, ref_logp, old_logp, tokens, advantages, beta):
        logp = model.log_probs(tokens)
        kl = penalty(logp - ref_logp, self._kl_type)
        loss = -(advantages * torch.exp(logp - old_logp)).mean() + beta * kl
        loss.backward()
"""


def test_what_is_kept_under_a_private_name_is_set_under_the_public_one(tmp_path: Path) -> None:
    found = {one.rule: one.selected_by_default for one in lint(tmp_path, {"policy.py": POLICY}).findings}
    assert found == {"KL101": True, "KL107": False}
