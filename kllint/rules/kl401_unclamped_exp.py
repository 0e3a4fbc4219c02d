"""The exponential of an unbounded log-ratio can overflow.

## What it does
Finds `exp` of a log-ratio that nothing bounds, in a loss or a reward. A clamp of the *result* does not
count.

## Why is this bad
One token with `log p - log q > 88.7` makes `exp` infinite in float32 (11.1 in float16). A clamp of the
result makes the value finite again, but the gradient is `0 * inf = nan`, and one nan reaches every
parameter.

## Example
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    kl = torch.exp(ref_logp - logp) - 1 + (logp - ref_logp)
    loss = (-advantages * logp + beta * torch.exp(logp - logp.detach()) * kl).mean()
    loss.backward()
```

## Use instead
k2 has the same gradient and no `exp`:

```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## How sure
High that nothing bounds it in sight; whether it ever overflows depends on the run, so this is information.
The `exp` of the importance ratio is not counted: actor and sampler are seldom that far apart.

## Fix
None.

## References
- [OpenRLHF#1160](https://github.com/OpenRLHF/OpenRLHF/issues/1160)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait
from kllint.theory.vocabulary import Use, Weight


def check(term: Term) -> Violation | None:
    """Known by its trait."""
    if Trait.UNCLAMPED_EXP not in term.traits:
        return None
    clamped_later = Trait.CLAMPED_OUTPUT in term.traits
    effect = (
        "a clamp of the result leaves the gradient nan" if clamped_later else "one extreme token makes it inf"
    )
    if term.use is Use.REWARD:
        return Violation(
            f"exp of an unbounded log-ratio can overflow, and {effect}; k1 needs no exp", wording.reward(term)
        )
    remedy = "use k2, which needs no exp"
    if term.weight is Weight.NONE:  # under a live ratio a clamp would trade this for KL111
        remedy += f", or clamp {wording.log_ratio(term)} before exp"
    return Violation(
        f"exp of an unbounded log-ratio can overflow, and {effect}; {remedy}", wording.loss(term)
    )


RULE = Rule("KL401", "unclamped-exp", Severity.INFO, __doc__, check)
