"""The importance ratio is a constant, so it neither weights nor carries a gradient.

## What it does
Finds a KL loss multiplied by a ratio that is one by construction: `torch.ones_like(...)`, or `exp(a - a)`
of one and the same live tensor.

## Why is this bad
On-policy the ratio is 1 in value, but its gradient is not 0: `grad (q / sg(q)) = s`. That gradient is all
that makes k1 and k3 right as a loss. A literal one, or `exp(logp - logp)` with both sides live, has the
gradient `s - s = 0`: the term falls back to k1 alone (inert) or k3 alone (the forward KL).

## Example
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    ratio = torch.exp(logp - logp)
    kl = torch.exp(ref_logp - logp) - 1 - (ref_logp - logp)
    loss = (-advantages * ratio + beta * ratio * kl).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    ratio = torch.exp(logp - logp.detach())
    kl = torch.exp(ref_logp - logp) - 1 - (ref_logp - logp)
    loss = (-advantages * ratio + beta * ratio * kl).mean()
    loss.backward()
```

## How sure
High: the ratio is in sight. A constant ratio on an estimator that is right without one is silent.

## Fix
Not automatic: it changes the training objective.

## References
- [Wang and Zhang 2025, Choosing KL Estimators in RL](https://xihuai18.github.io/reinforcement-learning/2025/12/01/kl-estimators-en.html)
- [Liu et al. 2025, Rethinking KL Regularization in RLHF](https://arxiv.org/abs/2510.01555)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Use, Weight

LEFT = {
    Verdict.INERT: "k1, whose gradient is zero on-policy",
    Verdict.FORWARD: "k3, whose gradient is that of the forward KL(p || q)",
    Verdict.UNWEIGHTED: "k2, which off-policy lacks the weight of the samples",
}


def check(term: Term) -> Violation | None:
    """A ratio of ones, or exp(a - a), on an estimator that needs a real one."""
    if term.weight is not Weight.CONSTANT or term.use is not Use.LOSS or term.verdict not in LEFT:
        return None
    return Violation(
        f"the ratio is constant, so its gradient is zero and what is left is {LEFT[term.verdict]}; "
        f"write the ratio as {wording.ratio(term)}",
        wording.ratio(term),
    )


RULE = Rule("KL105", "constant-ratio", Severity.ERROR, __doc__, check)
