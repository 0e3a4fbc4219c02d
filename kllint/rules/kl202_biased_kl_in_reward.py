"""A squared, absolute or one-sided log-ratio in a reward gives a biased policy gradient.

## What it does
Finds k2, `abs(d)` and `clamp(d, min=0)` with `d = log q - log p`, detached, in a reward, return or
advantage.

## Why is this bad
In a reward the number itself multiplies the score, so only a number equal to `d` (up to a constant) gives
`E_q[d s] = grad KL(q || p)`. These three have lost the sign of `d`, or half of it: with k2 the policy
gradient gets `E_q[d^2 / 2 s]`, which also punishes tokens that the actor finds *less* likely than the
reference does.

## Example
```python
import torch


def step(model, ref_logp, tokens, rewards, beta=0.05):
    logp = model.log_probs(tokens)
    kl = 0.5 * (logp - ref_logp) ** 2
    returns = rewards - beta * kl.detach()
    loss = -(returns * logp).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, ref_logp, tokens, rewards, beta=0.05):
    logp = model.log_probs(tokens)
    kl = logp - ref_logp
    returns = rewards - beta * kl.detach()
    loss = -(returns * logp).mean()
    loss.backward()
```

## How sure
High where the reward is seen to reach a policy gradient, medium where it is known by its name.

## Fix
Not automatic: it changes the training objective.

## References
- [Shah et al. 2025, A Comedy of Estimators](https://arxiv.org/abs/2512.21852)
- [Liu et al. 2025, Rethinking KL Regularization in RLHF](https://arxiv.org/abs/2510.01555)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Estimator, Use

WHAT = {Estimator.K2: "k2", Estimator.ABS: "|log q - log p|"}


def check(term: Term) -> Violation | None:
    """k2, |d| or max(d, 0) in a reward."""
    one_sided = Trait.CLAMPED_POSITIVE in term.traits
    if term.use is not Use.REWARD or not (one_sided or term.verdict is Verdict.BIASED_REWARD):
        return None
    if Trait.ACTION_INDEPENDENT in term.traits:
        return None
    what = "a log-ratio cut off at zero" if one_sided else WHAT.get(term.estimator, "this estimator")
    return Violation(
        f"{what} as a reward loses the sign of log q - log p, so the policy gradient is biased; "
        f"only k1, {wording.log_ratio(term)}, adds the gradient of KL(q || p)",
        wording.reward(term),
    )


RULE = Rule("KL202", "biased-kl-in-reward", Severity.WARNING, __doc__, check)
