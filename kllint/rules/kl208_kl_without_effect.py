"""A KL is computed for training and then dropped.

## What it does
Finds a KL penalty whose result reaches neither loss nor reward: an expression statement that nobody
assigns, a KL of which only the shape is used (`torch.ones_like(kl) * reward`), a penalised advantage that
is overwritten.

## Why is this bad
The gradient of the penalty is 0 because there is no penalty: the code reads `advantages - beta * kl` and
trains on `advantages`.

## Example
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.05):
    logp = model.log_probs(tokens)
    kl = (logp - ref_logp).detach()
    (advantages - beta * kl)
    loss = -(advantages * logp).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.05):
    logp = model.log_probs(tokens)
    kl = (logp - ref_logp).detach()
    advantages = advantages - beta * kl
    loss = -(advantages * logp).mean()
    loss.backward()
```

## How sure
High for an expression statement. A KL that is logged, returned or kept in an attribute is not dropped.

## Fix
None.

## References
- [Python reference, expression statements](https://docs.python.org/3/reference/simple_stmts.html#expression-statements)
"""

from kllint.findings import Severity
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait


def check(term: Term) -> Violation | None:
    """Known by its trait alone: there is no sink to judge."""
    if Trait.DROPPED not in term.traits:
        return None
    return Violation(
        f"this KL of {term.actor} reaches neither the loss nor the reward, so nothing is penalised; "
        "use the result where it was meant to go, or delete it"
    )


RULE = Rule("KL208", "kl-without-effect", Severity.WARNING, __doc__, check)
