"""A clamp switches the KL gradient off where the penalty is needed most.

## What it does
Finds a KL loss whose estimator, log-ratio or importance ratio is clamped.

## Why is this bad
The derivative of a clamp is 0 outside its range, and outside its range is where the actor is far from the
reference:

- `clamp(k3, max=c)`: tokens with a KL above `c` get no penalty at all;
- `clamp(rho, 1 - e, 1 + e) * k3`: clipped tokens fall back to `rho (1 - p/q)`, the forward-KL gradient;
- `clamp(d)` inside an estimator that is multiplied by a live ratio: beyond the clamp only the ratio has a
  gradient, `rho * k >= 0`, which pushes the token *down* even where the actor already gives it too little.
  This one has the wrong sign and is a warning.

## Example
```python
import torch


def step(model, old_logp, ref_logp, tokens, beta=0.04):
    logp = model.log_probs(tokens)
    d = torch.clamp(logp - ref_logp, -5.0, 5.0)
    loss = beta * (torch.exp(logp - old_logp) * (torch.exp(-d) - 1 + d)).mean()
    loss.backward()
```

## Use instead
A bounded weight outside the gradient, and k2, which needs no `exp`:

```python
import torch


def step(model, old_logp, ref_logp, tokens, beta=0.04):
    logp = model.log_probs(tokens)
    ratio = torch.exp(logp - old_logp).detach()
    loss = beta * (ratio * 0.5 * (logp - ref_logp) ** 2).mean()
    loss.backward()
```

## How sure
High that the gradient is dead; whether the range is ever left depends on the run, so most of these are
information.

## Fix
Not automatic: it changes the training objective.

## References
- [torch.clamp](https://docs.pytorch.org/docs/stable/generated/torch.clamp.html)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait
from kllint.theory.estimators import weight_of
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Gradient, Use, Weight

SILENT = frozenset({Verdict.NOT_JUDGED, Verdict.NO_GRADIENT})
OF_OTHERS = frozenset({Trait.HALF_CLAMPED, Trait.CLAMPED_POSITIVE})  # KL306, KL113
WRONG_SIGN = (
    "beyond the clamp only the live ratio has a gradient, "
    "and it pushes the token down even where q is already far below p"
)


def check(term: Term) -> Violation | None:
    """A clamp on the result, on a live ratio, or inside an estimator that a live ratio multiplies."""
    if term.use is not Use.LOSS or term.gradient is Gradient.DETACHED or term.verdict in SILENT:
        return None
    effect = _effect(term)
    if effect is None:
        return None
    bounded = f"torch.clamp({wording.ratio(term)}, max=2.0).detach() * 0.5 * ({wording.log_ratio(term)}) ** 2"
    return Violation(
        f"{effect}; bound a detached ratio of {term.actor} instead, on k2",
        bounded,
        Severity.WARNING if effect is WRONG_SIGN else None,
    )


def _effect(term: Term) -> str | None:
    if term.traits & OF_OTHERS:
        return None
    if Trait.CLAMPED_INPUT in term.traits and term.weight is Weight.RHO:
        return WRONG_SIGN
    if Trait.CLAMPED_OUTPUT in term.traits:
        return "the KL has no gradient where the clamp cuts it, which is where it is largest"
    if term.weight is Weight.CLIPPED_RHO and term.fit and weight_of(term.fit) is Weight.RHO:
        return "where the ratio is clipped it has no gradient, and the term falls back to the bare estimator"
    return None


RULE = Rule("KL111", "gradient-dead-clamp", Severity.INFO, __doc__, check)
