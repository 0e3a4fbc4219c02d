"""A documented selector value picks an estimator that cannot be reached.

## What it does
Finds a selector value, such as `kl_type == "k3+"`, that code or documentation offers and that ends in
`raise` before it reaches the branch written for it.

## Why is this bad
Whoever follows the advice to choose it gets an exception at the first update; whoever reads the branch
believes that a right estimator is on offer. The derivative of a branch that never runs is beside the point.

## Example
```python
import torch


def penalty(logp, ref_logp, kind):
    if kind == "k1":
        return logp - ref_logp
    if kind == "k2":
        return 0.5 * (logp - ref_logp) ** 2
    raise NotImplementedError(kind)


def straight_through(logp, ref_logp, kind):
    value = penalty(logp, ref_logp, kind)
    if not kind.endswith("+"):
        return value
    gradient = penalty(logp, ref_logp, "k2")
    return gradient - gradient.detach() + value.detach()


def step(model, ref_logp, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    kl = straight_through(logp, ref_logp, "k1+")
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## Use instead
```python
import torch


def penalty(logp, ref_logp, kind):
    if kind == "k1":
        return logp - ref_logp
    if kind == "k2":
        return 0.5 * (logp - ref_logp) ** 2
    raise NotImplementedError(kind)


def straight_through(logp, ref_logp, kind):
    value = penalty(logp, ref_logp, kind.removesuffix("+"))
    if not kind.endswith("+"):
        return value
    gradient = penalty(logp, ref_logp, "k2")
    return gradient - gradient.detach() + value.detach()


def step(model, ref_logp, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    kl = straight_through(logp, ref_logp, "k1+")
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## How sure
Medium: every branch between the selector and the `raise` must be decidable.

## Fix
None.

## References
- [verl#6058](https://github.com/volcengine/verl/pull/6058)
"""

from kllint.findings import Severity
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait


def check(term: Term) -> Violation | None:
    """Known by its trait alone: no sink is reached."""
    if Trait.UNREACHABLE not in term.traits:
        return None
    return Violation(
        f"{term.condition or 'the selector'} picks this estimator but ends in raise before it gets here, so it can never run; "
        "pass on the value that the branch compares with, or take it off the list"
    )


RULE = Rule("KL308", "unreachable-estimator", Severity.WARNING, __doc__, check)
