"""A temperature divides the logits of one side only.

## What it does
Finds a KL between log-probs of which one side was computed from logits divided by a temperature and the
other was not.

## Why is this bad
The two sides are then different distributions even where the models agree: `KL(q_T || q) > 0`. The penalty
pulls towards a reference at another temperature, `grad E[log q_T - log p]` is not 0 at `q = p`, and the
logged KL never reaches 0.

## Example
```python
import torch


def step(logits, ref_logits, tokens, advantages, temperature=0.7, beta=0.1):
    logp = (logits / temperature).log_softmax(-1).gather(-1, tokens)
    ref_logp = ref_logits.log_softmax(-1).gather(-1, tokens).detach()
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(logits, ref_logits, tokens, advantages, temperature=0.7, beta=0.1):
    logp = (logits / temperature).log_softmax(-1).gather(-1, tokens)
    ref_logp = (ref_logits / temperature).log_softmax(-1).gather(-1, tokens).detach()
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## How sure
Medium: both sides must be seen from their logits on.

## Fix
None.

## References
- [trl#3029](https://github.com/huggingface/trl/issues/3029)
- [OpenRLHF#853](https://github.com/OpenRLHF/OpenRLHF/issues/853)
"""

from kllint.findings import Severity
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait


def check(term: Term) -> Violation | None:
    """Known by its trait."""
    if Trait.ONE_SIDED_TEMPERATURE not in term.traits:
        return None
    return Violation(
        "a temperature divides the logits of one side of this KL only, so it is not zero where the policies "
        f"agree; compute {term.actor} and the reference at the same temperature"
    )


RULE = Rule("KL307", "one-sided-temperature", Severity.WARNING, __doc__, check)
