"""Both sides of the KL are the actor, or both carry its gradient.

## What it does
Finds a KL of a tensor with itself, and a KL whose reference or old log-probs were computed with the
gradient on by the very parameters that are trained.

## Why is this bad
A penalty needs a fixed point to pull towards. With both sides live, `d = log q - log q = 0` in value and in
gradient where they are one tensor; and where they are two passes of one model, the gradient flows into
both, and the "reference" moves along with the actor. Log-probs kept from the rollout and not detached also
keep its whole graph alive.

## Example
```python
import torch


def step(model, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    old_logp = model.log_probs(tokens)
    kl = 0.5 * (logp - old_logp) ** 2
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, tokens, advantages, ref_model, beta=0.1):
    logp = model.log_probs(tokens)
    with torch.no_grad():
        ref_logp = ref_model.log_probs(tokens)
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## How sure
High for one tensor, medium for two passes. Both sides live on purpose is silent where both directions are
summed (R-Drop, mutual learning, VAT), and so is the KL of `pi.detach()` and `pi`, whose Hessian is the
Fisher matrix.

## Fix
Not automatic: it changes the training objective.

## References
- [Schulman et al. 2015, Trust Region Policy Optimization, appendix C](https://arxiv.org/abs/1502.05477)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait


def check(term: Term) -> Violation | None:
    """One tensor twice, or two live ones."""
    if Trait.SAME_TENSOR in term.traits:
        return Violation(
            f"both sides of this KL are {term.actor}, so it is zero and so is its gradient; "
            "compare with the log-probs of the reference"
        )
    if Trait.BOTH_LIVE in term.traits:
        return Violation(
            "the gradient flows into both sides of this KL, so the reference moves along with q; "
            f"compute it under torch.no_grad(), or detach it: {wording.reference(term)}.detach()",
            f"{wording.reference(term)}.detach()",
        )
    return None


RULE = Rule("KL304", "self-kl", Severity.ERROR, __doc__, check)
