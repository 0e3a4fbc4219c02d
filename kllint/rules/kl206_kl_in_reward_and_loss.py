"""The same KL is penalised in the reward and in the loss.

## What it does
Finds a KL towards the same reference that enters both the reward and the loss of one update, with no switch
between.

## Why is this bad
Both paths have the gradient of the KL, so the effective coefficient is their sum, which nobody has written
down:

    gradient = beta_reward E_q[d s] + beta_loss E_q[d s]

Tuning one of them never switches the penalty off.

## Example
```python
import torch


def step(model, ref_logp, tokens, rewards, beta=0.05):
    logp = model.log_probs(tokens)
    returns = rewards - beta * (logp - ref_logp).detach()
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-returns * logp + beta * kl).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, ref_logp, tokens, rewards, beta=0.05):
    logp = model.log_probs(tokens)
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-rewards * logp + beta * kl).mean()
    loss.backward()
```

## How sure
Medium: both paths must be seen to be on at once. A KL towards the reference in the reward and one towards
the old policy in the loss are two penalties and silent.

## Fix
None: which path was meant is for the author to say.

## References
- [Wang and Zhang 2025, Choosing KL Estimators in RL, section 8](https://xihuai18.github.io/reinforcement-learning/2025/12/01/kl-estimators-en.html)
"""

from kllint.findings import Severity
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait
from kllint.theory.vocabulary import Use


def check(term: Term) -> Violation | None:
    """Reported once, at the loss."""
    if Trait.IN_BOTH_PATHS not in term.traits or term.use is not Use.LOSS:
        return None
    return Violation(
        f"this KL of {term.actor} is already in the reward, so it is penalised twice and its coefficients "
        "add up; keep one of the two paths"
    )


RULE = Rule("KL206", "kl-in-reward-and-loss", Severity.WARNING, __doc__, check)
