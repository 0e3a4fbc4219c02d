"""A length-normalised ratio times a per-token KL is not an importance weight.

## What it does
Finds a per-token KL loss multiplied by a ratio whose logarithm was averaged over tokens before `exp`, as
sequence-level GSPO does: `exp((log q - log mu).mean(-1))`.

## Why is this bad
The geometric mean over T tokens is not `q / mu`, and its gradient is that of each token divided by T. With
live `R_geo * k3`, on-policy,

    gradient = 1/T * grad KL(q || p) + (1 - 1/T) * (the per-token forward-KL gradients)

so for long answers the term is k3 without a ratio (KL102), and `R_geo * k1` is all but inert (KL101).

## Example
```python
import torch


def step(model, old_logp, ref_logp, tokens, mask, beta=0.04):
    logp = model.log_probs(tokens)
    log_ratio = ((logp - old_logp) * mask).sum(-1) / mask.sum(-1)
    ratio = torch.exp(log_ratio).unsqueeze(-1)
    kl = torch.exp(ref_logp - logp) - 1 - (ref_logp - logp)
    loss = ((beta * ratio * kl) * mask).sum() / mask.sum()
    loss.backward()
```

## Use instead
The per-token ratio for the KL, whatever the policy term uses:

```python
import torch


def step(model, old_logp, ref_logp, tokens, mask, beta=0.04):
    logp = model.log_probs(tokens)
    ratio = torch.exp(logp - old_logp)
    kl = torch.exp(ref_logp - logp) - 1 - (ref_logp - logp)
    loss = ((beta * ratio * kl) * mask).sum() / mask.sum()
    loss.backward()
```

## How sure
High where the mean and the product are in one function. A ratio from an unnormalised `.sum(-1)` is the
exact sequence weight and silent, and so is a detached one on k2, whose direction is right.

## Fix
Not automatic: it changes the training objective.

## References
- [Zheng et al. 2025, Group Sequence Policy Optimization](https://arxiv.org/abs/2507.18071)
- [Tang and Munos 2025, On a few pitfalls in KL divergence gradient estimation for RL](https://arxiv.org/abs/2506.09477)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Estimator, Use, Weight

OTHERWISE_JUDGED = frozenset(
    {
        Verdict.NOT_JUDGED,
        Verdict.NO_GRADIENT,
        Verdict.INERT_WEIGHTED,
        Verdict.FORWARD_WEIGHTED,
        Verdict.ABSOLUTE,
    }
)
LEFT = {
    Estimator.K1: "inert but for one part in T",
    Estimator.K3: "that of the forward KL but for one part in T",
}


def check(term: Term) -> Violation | None:
    """R_geo * k, live; k2 keeps its direction."""
    if term.weight is not Weight.GEOMETRIC_RHO or term.use is not Use.LOSS:
        return None
    if term.estimator is Estimator.K2 or term.verdict in OTHERWISE_JUDGED:
        return None
    left = LEFT.get(term.estimator, "not that of the weighted KL")
    return Violation(
        "a ratio averaged over the T tokens of a sequence is no importance weight for a per-token KL: "
        f"the gradient is {left}; weight the KL by the per-token ratio {wording.ratio(term)}",
        f"{wording.ratio(term)} * ({wording.k3(term)})",
    )


RULE = Rule("KL110", "geometric-mean-ratio", Severity.WARNING, __doc__, check)
