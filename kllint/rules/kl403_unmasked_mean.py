"""The KL is averaged over padding.

## What it does
Finds a mean over tokens of a KL in a loss or a reward, where a mask is at hand that the mean ignores.

## Why is this bad
Padding has a log-ratio of 0 at best, so the KL is diluted by the share of padding, which varies from batch
to batch: with 3 of 10 tokens real, a KL of 1.00 becomes 0.30. Where only one side fills its padding with a
sentinel, the mean is inf or nan. The policy term next to it is masked, so the effective coefficient, `beta`
times the share of real tokens in the gradient, drifts.

## Example
```python
import torch


def step(model, ref_logp, tokens, mask, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    kl = (0.5 * (logp - ref_logp) ** 2).mean()
    policy = -(advantages * logp * mask).sum() / mask.sum()
    loss = policy + beta * kl
    loss.backward()
```

## Use instead
```python
import torch


def step(model, ref_logp, tokens, mask, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    kl = (0.5 * (logp - ref_logp) ** 2 * mask).sum() / mask.sum()
    policy = -(advantages * logp * mask).sum() / mask.sum()
    loss = policy + beta * kl
    loss.backward()
```

## How sure
Medium: a mask is known by its name, and the tensor may have been unpadded before.

## Fix
None.

## References
- [Liu et al. 2025, Understanding R1-Zero-Like Training (length bias of masked means)](https://arxiv.org/abs/2503.20783)
"""

from kllint.findings import Severity
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait


def check(term: Term) -> Violation | None:
    """Known by its trait."""
    if Trait.UNMASKED_MEAN not in term.traits:
        return None
    return Violation(
        f"the mean of this KL of {term.actor} counts padding although a mask is at hand, which dilutes it; "
        "divide the masked sum by the sum of the mask",
        "(kl * mask).sum() / mask.sum()",
    )


RULE = Rule("KL403", "unmasked-mean", Severity.WARNING, __doc__, check)
