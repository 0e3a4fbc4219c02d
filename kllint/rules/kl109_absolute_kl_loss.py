"""The absolute log-ratio as a loss is no KL penalty.

## What it does
Finds `abs(log q - log p)` in a loss.

## Why is this bad
Its derivative is the sign of `d`: every token pulls with the same force, however close the policies are.
The gradient `E_q[sign(d) s]` is that of no KL, `KL(q || p)` needs `E_q[d s]`; with a live ratio it is that
of `E_q[abs(d)]`, which is not the KL either.

## Example
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    kl = (logp - ref_logp).abs()
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
High where the log-probs and the loss are in sight.

## Fix
Not automatic: it changes the training objective.

## References
- [Liu et al. 2025, Rethinking KL Regularization in RLHF](https://arxiv.org/abs/2510.01555)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Use


def check(term: Term) -> Violation | None:
    """|d| in a loss, weighted or not."""
    if term.verdict is not Verdict.ABSOLUTE or term.use is not Use.LOSS:
        return None
    return Violation(
        "the derivative of |log q - log p| is only its sign, that of no KL: every token pulls equally "
        f"hard, however close the policies are; {wording.advice(term)}",
        wording.loss(term),
    )


RULE = Rule("KL109", "absolute-kl-loss", Severity.WARNING, __doc__, check)
