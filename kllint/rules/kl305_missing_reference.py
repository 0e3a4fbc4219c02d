"""The reference log-probs are a constant.

## What it does
Finds a KL whose reference side is filled with zeros or another constant, as a placeholder that was never
replaced.

## Why is this bad
With `log p = 0` the log-ratio is `log q` itself: k1 in a reward becomes an entropy bonus of the wrong name,
k2 drives every log-prob towards 0, and k3 is `1/q - 1 + log q`, which explodes on rare tokens. None of them
knows a reference.

## Example
```python
import torch


def step(model, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    ref_logp = torch.zeros_like(logp)
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, ref_model, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    with torch.no_grad():
        ref_logp = ref_model.log_probs(tokens)
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## How sure
Medium: a placeholder may be replaced on a path that is not in sight.

## Fix
None.

## References
- [Wang and Zhang 2025, Choosing KL Estimators in RL](https://xihuai18.github.io/reinforcement-learning/2025/12/01/kl-estimators-en.html)
"""

from kllint.findings import Severity
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait


def check(term: Term) -> Violation | None:
    """Known by its trait."""
    if Trait.REFERENCE_CONSTANT not in term.traits:
        return None
    return Violation(
        f"the reference of this KL is a constant, so it penalises {term.actor} itself and not its distance "
        "from a policy; compute the log-probs of the reference model under torch.no_grad()"
    )


RULE = Rule("KL305", "missing-reference", Severity.WARNING, __doc__, check)
