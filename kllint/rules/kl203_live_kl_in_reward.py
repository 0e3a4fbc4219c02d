"""A KL in a reward is not detached.

## What it does
Finds a KL with its gradient on inside a reward, return or advantage that the policy gradient multiplies.

## Why is this bad
A reward is data: the policy gradient is `E[A s]` with A constant. A live KL in A adds its own derivative a
second time,

    grad E[(r - beta k) log q] = E[(r - beta k) s - beta log q * k' s]

and the last part, weighted by `log q`, is the gradient of nothing. It also keeps the whole graph of the
rollout alive.

## Example
```python
import torch


def step(model, ref_logp, tokens, rewards, beta=0.05):
    logp = model.log_probs(tokens)
    advantages = rewards - beta * (logp - ref_logp)
    loss = -(advantages * logp).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, ref_logp, tokens, rewards, beta=0.05):
    logp = model.log_probs(tokens)
    advantages = rewards - beta * (logp - ref_logp).detach()
    loss = -(advantages * logp).mean()
    loss.backward()
```

## How sure
High: fires only where the gradient is seen to be on; log-probs of unknown origin are taken as detached.

## Fix
Not automatic, though `.detach()` is nearly always meant: it changes the training objective.

## References
- [Wang and Zhang 2025, Choosing KL Estimators in RL](https://xihuai18.github.io/reinforcement-learning/2025/12/01/kl-estimators-en.html)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Gradient, Use


def check(term: Term) -> Violation | None:
    """A reward term whose gradient is on."""
    if term.use is not Use.REWARD or term.gradient is not Gradient.LIVE or term.verdict is Verdict.NOT_JUDGED:
        return None
    if Trait.POLICY_GRADIENT not in term.traits:
        return None  # a local name alone: nobody differentiates it here
    return Violation(
        f"the KL in this reward still has its gradient through {term.actor}, so the loss differentiates the "
        "reward too; detach it before it enters the reward",
        wording.reward(term),
    )


RULE = Rule("KL203", "live-kl-in-reward", Severity.WARNING, __doc__, check)
