"""A KL term without gradient is added to a loss.

## What it does
Finds KL terms in a loss through which no gradient reaches `log q`: computed under `torch.no_grad()` or a
function decorated with it, detached, or built from stored log-probs instead of those of the current forward
pass.

## Why is this bad
The derivative is 0, so the term changes the printed loss and nothing else: `grad (beta * sg(kl)) = 0`. The
KL curve in the log looks as usual, while nothing holds the actor near the reference.

## Example
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    with torch.no_grad():
        kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * logp + beta * kl).mean()
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
High where the detach is in sight, medium where stored log-probs are known by their name. A detached KL in a
reward is as it should be, and a KL against the detached actor itself (the Fisher product of TRPO) is
silent.

## Fix
Not automatic: it changes the training objective.

## References
- [Locally disabling gradient computation](https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Use

SELF_KL = frozenset({Trait.SAME_TENSOR, Trait.BOTH_LIVE})


def check(term: Term) -> Violation | None:
    """A loss term whose derivative is zero."""
    if term.verdict is not Verdict.NO_GRADIENT or term.use is not Use.LOSS or term.traits & SELF_KL:
        return None
    return Violation(
        "no gradient reaches log q through this KL, so it changes the loss but penalises nothing; "
        f"compute it with the gradient on from {term.actor}, and {wording.advice(term)}",
        wording.loss(term),
    )


RULE = Rule("KL108", "detached-kl-loss", Severity.ERROR, __doc__, check)
