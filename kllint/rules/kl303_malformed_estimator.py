"""A formula that is no estimator of the KL.

## What it does
Finds k3 with a slip in it: a wrong sign inside, or the `- 1` forgotten.

## Why is this bad
An estimator of the KL is 0 where the policies agree, and has the KL as its mean. k3 is `r - 1 - log r` with
`r = p/q`. `r - 1 + log r` in its place has the mean `-KL(q || p)`; `r - log r` is off by one everywhere,
which a loss does not feel but every logged value and every reward does.

## Example
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    log_ratio = ref_logp - logp
    kl = torch.exp(log_ratio) - 1 + log_ratio
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    log_ratio = ref_logp - logp
    kl = 0.5 * log_ratio**2
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## How sure
High for the formula, which is fitted exactly; information only where the gradient is right all the same.

## Fix
None.

## References
- [Schulman 2020, Approximating KL Divergence](http://joschu.net/blog/kl-approx.html)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term
from kllint.theory.estimators import recognise
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Use

HARMLESS = frozenset({Verdict.RIGHT, Verdict.NOISY})


def check(term: Term) -> Violation | None:
    """k3 without its -1, with another constant or with a wrong sign inside."""
    found = recognise(term.fit.value, term.fit.anchored) if term.fit else None
    if term.fit is None or found is None or not found.malformed:
        return None
    return Violation(
        f"this formula of {term.actor} is {term.fit.value}, which estimates no KL: "
        "k3 is exp(-d) - 1 + d with d = log q - log p",
        wording.reward(term) if term.use is Use.REWARD else wording.k3(term),
        Severity.INFO if term.verdict in HARMLESS else None,
    )


RULE = Rule("KL303", "malformed-estimator", Severity.WARNING, __doc__, check)
