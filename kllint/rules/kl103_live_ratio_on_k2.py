"""A live importance ratio on k2 optimises a surrogate, not the KL.

## What it does
Finds `rho * 0.5 * d ** 2` in a loss where the gradient also flows through the ratio `rho = q / mu`.

## Why is this bad
k2 is right as a loss because its own derivative is already `d`. A live ratio adds the score term of the
samples, which belongs to estimators whose derivative lacks it:

    grad E_mu[rho k2] = E_mu[rho (d + d^2 / 2) s] = grad E_q[d^2 / 2]

That is the gradient of the mean squared log-ratio. It agrees with the KL only close to `q = p`; far away it
is too large and points elsewhere.

## Example
```python
import torch


def step(model, old_logp, ref_logp, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    ratio = torch.exp(logp - old_logp)
    kl = ratio * 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * ratio + beta * kl).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, old_logp, ref_logp, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    ratio = torch.exp(logp - old_logp)
    kl = ratio.detach() * 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * ratio + beta * kl).mean()
    loss.backward()
```

## How sure
High: ratio, estimator and gradient are usually in one function.

## Fix
Not automatic: `.detach()` on the ratio changes the training objective.

## References
- [Wang and Zhang 2025, Choosing KL Estimators in RL](https://xihuai18.github.io/reinforcement-learning/2025/12/01/kl-estimators-en.html)
- [Liu et al. 2025, Rethinking KL Regularization in RLHF](https://arxiv.org/abs/2510.01555)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term
from kllint.theory.verdict import Verdict


def check(term: Term) -> Violation | None:
    """rho * k2 with the gradient through rho."""
    if term.verdict is not Verdict.SURROGATE or term.weight in wording.OWN_RULE:
        return None
    return Violation(
        "the live ratio on k2 optimises E_q[d^2 / 2], not the KL: "
        f"its derivative is rho (d + d^2 / 2) where KL(q || p) needs rho d; detach the ratio of {term.actor}",
        f"{wording.ratio(term)}.detach() * 0.5 * ({wording.log_ratio(term)}) ** 2",
    )


RULE = Rule("KL103", "live-ratio-on-k2", Severity.ERROR, __doc__, check)
