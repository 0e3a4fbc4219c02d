"""Centring a reward with a mean that includes itself shrinks the KL in it.

## What it does
Finds a reward with a KL in it from which the mean over the same group or batch is subtracted.

## Why is this bad
The mean contains the sample's own KL, which is correlated with its score. In expectation the KL gradient is
multiplied by `1 - 1/n` with n samples in the mean: a half for n = 2, a few per cent for the usual groups.
The same holds of the reward, so the balance is kept; but the effective coefficient is not the one in the
configuration.

## Example
```python
import torch


def step(model, ref_logp, tokens, rewards, beta=0.05):
    logp = model.log_probs(tokens)
    shaped = rewards - beta * (logp - ref_logp).detach()
    advantages = shaped - shaped.mean()
    loss = -(advantages * logp).mean()
    loss.backward()
```

## Use instead
The mean of the others (leave-one-out):

```python
import torch


def step(model, ref_logp, tokens, rewards, beta=0.05):
    logp = model.log_probs(tokens)
    shaped = rewards - beta * (logp - ref_logp).detach()
    others = (shaped.sum() - shaped) / (shaped.numel() - 1)
    loss = -((shaped - others) * logp).mean()
    loss.backward()
```

## How sure
High, and small for large groups: this is for information only.

## Fix
None.

## References
- [Wang and Zhang 2025, Choosing KL Estimators in RL, section 8](https://xihuai18.github.io/reinforcement-learning/2025/12/01/kl-estimators-en.html)
"""

from kllint.findings import Severity
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait
from kllint.theory.vocabulary import Use


def check(term: Term) -> Violation | None:
    """A reward centred with a mean that includes the sample."""
    if Trait.CENTRED_WITH_SELF not in term.traits or term.use is not Use.REWARD:
        return None
    return Violation(
        "the mean that is subtracted from this reward includes the sample's own KL, which scales the KL "
        "gradient by 1 - 1/n; subtract the mean of the other n - 1 samples",
        "(x.sum() - x) / (n - 1) as the baseline of x",
    )


RULE = Rule("KL205", "self-centred-kl-reward", Severity.INFO, __doc__, check)
