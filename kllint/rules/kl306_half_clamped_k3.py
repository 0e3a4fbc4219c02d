"""The exponential of k3 is clamped, its linear term is not.

## What it does
Finds k3 where `exp` takes a clamped log-ratio and the linear term the unclamped one, in a loss.

## Why is this bad
k3 is right because its two parts balance: the derivative is `1 - exp(-d)`. Beyond the clamp the exponential
has no derivative, and 1 is left over, which is that of k1. For a token that the actor finds far *too
unlikely*, d very negative, the true derivative is hugely negative (raise it), the clamped one is +1 (lower
it further): the sign flips exactly where the penalty is largest.

## Example
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    d = logp - ref_logp
    kl = torch.exp(torch.clamp(-d, max=10.0)) - 1 + d
    loss = (-advantages * logp + beta * torch.exp(logp - logp.detach()) * kl).mean()
    loss.backward()
```

## Use instead
k2, which needs no `exp`; without a live ratio, clamping once, before both parts, is as good:

```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## How sure
High: both parts are in one expression.

## Fix
Not automatic: it changes the gradient beyond the clamp.

## References
- [torch.clamp](https://docs.pytorch.org/docs/stable/generated/torch.clamp.html)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait
from kllint.theory.vocabulary import Use


def check(term: Term) -> Violation | None:
    """exp(clamp(-d)) - 1 + d in a loss."""
    if Trait.HALF_CLAMPED not in term.traits or term.use is not Use.LOSS:
        return None
    return Violation(
        "only the exponential of k3 is clamped: beyond the clamp the linear term alone is left, whose "
        "derivative +1 has the wrong sign where q is far below p; use k2, which needs no exp",
        wording.loss(term),
    )


RULE = Rule("KL306", "half-clamped-k3", Severity.WARNING, __doc__, check)
