"""k3 with its ratio turned upside down.

## What it does
Finds `exp(d) - 1 - d` with `d = log q - log p` and samples from q, in a loss or a reward.

## Why is this bad
k3 of `KL(q || p)` is `exp(-d) - 1 + d`: the ratio is `p/q` under samples from q. With the ratio inverted
the value is

    E_q[exp(d) - 1 - d] = chi^2(q || p) - KL(q || p)

and as a loss its gradient is half that of `chi^2(q || p)`: it explodes where the actor is more certain than
the reference, and no coefficient makes it a KL.

## Example
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    log_ratio = logp - ref_logp
    kl = torch.exp(log_ratio) - 1 - log_ratio
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## Use instead
As a loss k3 would still need a live ratio (KL102), so k2 is the simplest:

```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    log_ratio = logp - ref_logp
    kl = 0.5 * log_ratio**2
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## How sure
Who sampled decides, not the order of the operands: `exp(new - old) - 1 - (new - old)` with samples from
`old` is the k3 of `KL(old || new)`, right and silent. Medium where the sampler is known by name only.

## Fix
Not automatic: it changes the training objective.

## References
- [Schulman 2020, Approximating KL Divergence](http://joschu.net/blog/kl-approx.html)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Use


def check(term: Term) -> Violation | None:
    """exp(d) - 1 - d under samples from q, or its mirror image under samples from mu."""
    if term.verdict is not Verdict.INVERTED:
        return None
    if term.towards_sampler:
        log_ratio = f"{term.actor} - old_logp"
        return Violation(
            "k3 is inverted: with samples from the old policy, KL(mu || q) is exp(d) - 1 - d "
            f"with d = {log_ratio}",
            f"torch.exp({log_ratio}) - 1 - ({log_ratio})",
        )
    remedy = f"use k1, {wording.log_ratio(term)}" if term.use is Use.REWARD else wording.advice(term)
    return Violation(
        "k3 is inverted: with samples from q, exp(d) - 1 - d estimates chi^2(q || p) - KL(q || p), "
        f"k3 is exp(-d) - 1 + d; {remedy}",
        wording.reward(term) if term.use is Use.REWARD else wording.loss(term),
    )


RULE = Rule("KL301", "inverted-k3", Severity.WARNING, __doc__, check)
