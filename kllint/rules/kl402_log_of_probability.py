"""A log-probability is computed as the logarithm of a probability.

## What it does
Finds KL terms whose log-probs come from `log(softmax(x))`, `softmax(x).log()` or the logarithm of a mean of
probabilities.

## Why is this bad
Small probabilities underflow to 0 before the logarithm sees them: the value is -inf and the gradient nan,
in half precision from `x - max < -17` on. The logarithm of a *mean* of probabilities is moreover not the
mean of the log-probabilities, so the derivative is not that of `log q(x)`.

## Example
```python
import torch


def step(logits, ref_logp, tokens, advantages, beta=0.1):
    logp = torch.log(torch.softmax(logits, dim=-1)).gather(-1, tokens)
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(logits, ref_logp, tokens, advantages, beta=0.1):
    logp = torch.log_softmax(logits, dim=-1).gather(-1, tokens)
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## How sure
High: both functions are in sight.

## Fix
Not automatic yet; `log_softmax` is the same function computed well.

## References
- [torch.nn.functional.log_softmax](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html)
"""

from kllint.findings import Severity
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait


def check(term: Term) -> Violation | None:
    """Known by its trait."""
    if Trait.LOG_OF_PROBABILITY not in term.traits:
        return None
    return Violation(
        "the log-probs of this KL are the log of a probability, which underflows: -inf with a nan gradient; "
        "use log_softmax of the logits, or logsumexp for a mean",
        "torch.log_softmax(logits, dim=-1)",
    )


RULE = Rule("KL402", "log-of-probability", Severity.WARNING, __doc__, check)
