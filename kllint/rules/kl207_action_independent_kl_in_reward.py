"""A KL summed over the vocabulary, used as a detached reward, has no gradient of its own.

## What it does
Finds a full-vocabulary or top-k KL, detached, in a reward or advantage of the same position.

## Why is this bad
The sum no longer depends on the token that was sampled. As a reward it multiplies a score with mean zero:

    E_q[s * sg(KL)] = sg(KL) * E_q[s] = 0

At its own position it penalises nothing and only adds noise. What is left is the influence of early tokens
on later states, and only with reward-to-go. The exact KL is worth having as a *loss*, where it needs no
sampling at all.

## Example
```python
import torch


def step(logits, ref_logits, tokens, rewards, beta=0.05):
    log_q, log_p = logits.log_softmax(-1), ref_logits.log_softmax(-1)
    kl = (log_q.exp() * (log_q - log_p)).sum(-1)
    logp = log_q.gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    advantages = rewards - beta * kl.detach()
    loss = -(advantages * logp).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(logits, ref_logits, tokens, rewards, beta=0.05):
    log_q, log_p = logits.log_softmax(-1), ref_logits.log_softmax(-1)
    kl = (log_q.exp() * (log_q - log_p)).sum(-1)
    logp = log_q.gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    loss = (-rewards * logp + beta * kl).mean()
    loss.backward()
```

## How sure
High where the sum over the vocabulary is in sight. As a *baseline* of the advantage such a sum is right,
and silent.

## Fix
None: loss or sampled k1 is for the author to choose.

## References
- [Amini et al. 2025, Better Estimation of the KL Divergence](https://arxiv.org/abs/2504.10637)
- [Shah et al. 2025, A Comedy of Estimators](https://arxiv.org/abs/2512.21852)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait
from kllint.theory.vocabulary import Gradient, Use


def check(term: Term) -> Violation | None:
    """A detached sum over the vocabulary in a reward."""
    if Trait.ACTION_INDEPENDENT not in term.traits or term.use is not Use.REWARD:
        return None
    if term.gradient is Gradient.LIVE:
        return None
    return Violation(
        "a KL summed over the vocabulary does not depend on the sampled token, so as a reward it has no "
        "policy gradient at its own position; use it live as a loss, or k1 of that token as the reward",
        wording.reward(term),
    )


RULE = Rule("KL207", "action-independent-kl-in-reward", Severity.WARNING, __doc__, check)
