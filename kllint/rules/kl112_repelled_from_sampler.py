"""A loss that adds log(q / mu) drives the actor away from the policy that sampled.

## What it does
Finds `logp - old_logp` added to a loss where `old_logp` belongs to the policy that produced the samples.

## Why is this bad
The samples come from mu, which does not depend on the actor, so no ratio is missing; the sign is:

    grad E_mu[log q - log mu] = E_mu[s] = -grad KL(mu || q)

Descent *increases* the divergence from the old policy that a trust region is meant to bound.

## Example
```python
import torch


def step(model, old_logp, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    ratio = torch.exp(logp - old_logp)
    loss = (-advantages * ratio + beta * (logp - old_logp)).mean()
    loss.backward()
```

## Use instead
`old_logp - logp` is the k1 of `KL(mu || q)` and has exactly its gradient; its k3 is as right and less noisy
in value:

```python
import torch


def step(model, old_logp, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    log_ratio = logp - old_logp
    ratio = torch.exp(log_ratio)
    loss = (-advantages * ratio + beta * (ratio - 1 - log_ratio)).mean()
    loss.backward()
```

## How sure
As sure as the role of the old log-probs: high where they are seen to come from the rollout, medium by name.

## Fix
Not automatic: it turns the direction of a penalty round.

## References
- [Schulman et al. 2017, Proximal Policy Optimization Algorithms, section 4](https://arxiv.org/abs/1707.06347)
- [Schulman 2020, Approximating KL Divergence](http://joschu.net/blog/kl-approx.html)
"""

from kllint.findings import Severity
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Use


def check(term: Term) -> Violation | None:
    """+ log(q / mu) in a loss."""
    if term.verdict is not Verdict.REPELS_FROM_SAMPLER or term.use is not Use.LOSS:
        return None
    log_ratio = f"{term.actor} - old_logp"
    return Violation(
        "log(q / mu) as a loss drives q away from the sampling policy: its gradient is -grad KL(mu || q); "
        f"turn the sign round, old_logp - {term.actor}, or use k3",
        f"torch.exp({log_ratio}) - 1 - ({log_ratio})",
    )


RULE = Rule("KL112", "repelled-from-sampler", Severity.ERROR, __doc__, check)
