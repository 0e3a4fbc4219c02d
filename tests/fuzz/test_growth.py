"""Values that are used twice by what is used twice again: nothing may look at each way through them."""

from __future__ import annotations

from typing import Final

import pytest

from tests.fuzz import verdict

STEP: Final = """import torch


def kl_loss(logp, ref_logp, x, beta, config):
    kl = (torch.exp(ref_logp - logp) - 1 - (ref_logp - logp)).mean()
{steps}
    return kl


def step(model, tokens, ref_logp, advantages, beta, config):
    loss = kl_loss(model.log_probs(tokens), ref_logp, advantages, beta, config)
    loss.backward()
"""
LINES: Final = {
    "added": "    x = x + x",
    "added to itself": "    kl = kl + kl",
    "times itself": "    kl = kl * kl",
    "through itself": "    kl = kl / kl",
    "minus itself": "    kl = kl - kl.detach()",
    "chosen": "    kl = kl if x else kl + 1",
    "chosen again": "    kl = kl + (kl if beta else x)",
    "where": "    kl = torch.where(x > 0, kl, kl * 2)",
    "the same branches": "    if config.a:\n        kl = kl * 2\n    else:\n        kl = kl + x",
    "called": "    kl = unknown(kl, kl)",
    "in a tuple": "    kl = (kl, kl)[0] + kl",
    "in a dictionary": '    x = {"a": x, "b": x}',
    "in a list": "    x = [x, x]",
    "in a loop": "    for i in x:\n        kl = kl + kl",
    "an attribute": "    config.x = config.x + config.x",
    "an item": "    kl[x] = kl[x] + kl",
    "formatted": '    x = f"{x}{x}"',
    "compared": "    x = x < x",
    "truths": "    x = x and x or x",
    "lambdas": "    x = lambda y: x(x(y))",
    "clamped": "    kl = torch.clamp(kl, -1, 1) + torch.clamp(kl, -2, 2)",
    "maximum": "    kl = torch.max(kl, kl.mean())",
    "exponentials": "    kl = torch.exp(kl) + kl",
    "logarithms": "    logp = torch.log_softmax(logp, -1) + logp",
    "log-ratios": "    logp = logp - (ref_logp - logp)",
    "stacked": "    kl = torch.stack([kl, kl]).mean(0)",
    "a policy": "    kl = kl * torch.exp(logp - ref_logp) * x",
    "signs": "    x = -x * -x",
}


@pytest.mark.parametrize("name", LINES)
def test_doubling_is_no_explosion(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(verdict, "SLOW", 20.0)
    text = STEP.format(steps="\n".join([LINES[name]] * 32))
    assert verdict.complaint({"train.py": text.encode()}) is None
