"""The KL is rewarded instead of penalised.

## What it does
Finds a KL that is subtracted from a loss or added to a reward, once every sign between the estimator and
the sink is counted: `loss - beta * kl`, `reward + beta * kl`, `advantage + tau * (logp - ref_logp)`.

## Why is this bad
Descent on `-KL(q || p)` drives the actor *away* from the reference, faster the farther it is. The formula
is often copied from a paper that maximises `J - beta KL` into code that minimises a loss.

## Example
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * logp - beta * kl).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## How sure
High where every sign up to `backward()` is in sight; a coefficient is taken to be positive.

## Fix
Not automatic: it turns the direction of a penalty round.

## References
- [Wang and Zhang 2025, Choosing KL Estimators in RL](https://xihuai18.github.io/reinforcement-learning/2025/12/01/kl-estimators-en.html)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Use

SIGNLESS = frozenset(
    {
        Verdict.INERT,
        Verdict.INERT_WEIGHTED,
        Verdict.NO_GRADIENT,
        Verdict.NOT_JUDGED,
        Verdict.REPELS_FROM_SAMPLER,
    }
)
"""Verdicts under which the sign means nothing, or is what the verdict is about."""


def check(term: Term) -> Violation | None:
    """Minus a KL in a loss, plus a KL in a reward."""
    flipped = term.verdict is Verdict.WRONG_SIGN or Trait.FLIPPED_SIGN in term.traits
    if not flipped or term.verdict in SIGNLESS:
        return None
    if term.use is Use.REWARD:
        return Violation(
            "this reward grows with the KL, so the policy gradient drives q away from the reference; "
            "subtract the KL from the reward",
            f"reward - beta * {wording.reward(term)}",
        )
    return Violation(
        "this loss falls as the KL grows, so descent drives q away from the reference; add the KL instead",
        "loss + beta * kl",
    )


RULE = Rule("KL302", "wrong-sign", Severity.ERROR, __doc__, check)
