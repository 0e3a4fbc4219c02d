"""A formula that is no estimator of the KL.

## What it does
Finds formulas over one log-ratio that resemble an estimator and are none: k3 with a wrong sign inside, a linear term
of another scale than the exponential, a probability weight on sampled tokens (`p * log(p / q)`, where the sampling
already is the weight).

## Why is this bad
An estimator of the KL is 0 where the policies agree, and has the KL as its mean. k3 is `r - 1 - log r` with `r = p/q`;
`r - 1 + log r` in its place has the mean `-KL(q || p)`, and `p * log(p/q)` on a sampled token weights it by a
probability for the second time.

## Example
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    log_ratio = ref_logp - logp
    kl = torch.exp(2 * log_ratio) - 1 - log_ratio
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    log_ratio = ref_logp - logp
    kl = 0.5 * log_ratio**2
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## How sure
Medium: the formula is fitted exactly, but what it was meant to be is a guess. A formula that is off by a constant
only has the right gradient and is judged by that.

## Fix
None.

## References
- [Schulman 2020, Approximating KL Divergence](http://joschu.net/blog/kl-approx.html)
"""

from kllint.findings import Severity
from kllint.judge.term import Term
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Estimator, Use, Weight


def check(term: Term) -> Violation | None:
    """A formula without a weight that is none of the known estimators."""
    if (
        term.verdict is not Verdict.OTHER
        or term.estimator is not Estimator.OTHER
        or term.weight is not Weight.NONE
    ):
        return None
    return Violation(
        f"this formula of {term.actor} is no estimator of a KL: k1 is d, k2 is d^2 / 2, k3 is exp(-d) - 1 + d "
        "with d = log q - log p",
        wording.reward(term) if term.use is Use.REWARD else wording.loss(term),
    )


RULE = Rule("KL303", "malformed-estimator", Severity.WARNING, __doc__, check)
