"""A KL term whose gradient is that of no KL.

## What it does
Finds terms made of log-ratios and ratios whose fitted coefficient belongs to no divergence: an importance
ratio turned upside down (`exp(old_logp - logp)`), mixtures of estimators, a one-sided estimator such as
`relu(logp - ref_logp)`, an importance weight left live in `w * logp * advantage`.

## Why is this bad
Up to a positive scale and a zero-mean score term, the coefficient c in `gradient = E_mu[c s]` must be

- `rho d` for `KL(q || p)`, with rho = 1 on-policy;
- `rho (1 - p/q)`, that is `-p/mu`, for `KL(p || q)`;
- `-1` for `KL(mu || q)`, and `rho log(q/mu)` for `KL(q || mu)`.

What is left over is a force that nobody asked for. An inverted ratio is the usual case: `1/rho` has the
gradient `-s / rho`, so the score term enters with the wrong sign.

## Example
```python
import torch


def step(model, old_logp, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    inverted = torch.exp(old_logp - logp)
    kl = torch.exp(ref_logp - logp) - 1 + (logp - ref_logp)
    loss = (-advantages * torch.exp(logp - old_logp) + beta * inverted * kl).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, old_logp, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    ratio = torch.exp(logp - old_logp)
    kl = torch.exp(ref_logp - logp) - 1 + (logp - ref_logp)
    loss = (-advantages * ratio + beta * ratio * kl).mean()
    loss.backward()
```

## How sure
The coefficient is fitted, not guessed, and shown with the finding; what is not sure is that a KL was meant.

## Fix
None: which divergence was meant is for the author to say.

## References
- [Zhang et al. 2025, On the Design of KL-Regularized Policy Gradient Algorithms](https://arxiv.org/abs/2505.17508)
- [Tang and Munos 2025, On a few pitfalls in KL divergence gradient estimation for RL](https://arxiv.org/abs/2506.09477)
"""

from kllint.findings import Severity
from kllint.rules import kl303_malformed_estimator as malformed
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Use, Weight


def check(term: Term) -> Violation | None:
    """A term that fits the basis, with a coefficient that fits no target; or k1 cut off at zero."""
    if Trait.CLAMPED_POSITIVE in term.traits and term.use is Use.LOSS:
        return Violation(
            "a log-ratio cut off at zero has the derivative 1 or 0, which is that of no KL; "
            f"{wording.advice(term)}",
            wording.loss(term),
        )
    if term.verdict is not Verdict.OTHER or term.fit is None or malformed.check(term):
        return None
    if term.use is Use.REWARD:
        return Violation(
            f"as a reward, {term.fit.value} gives a policy gradient that is that of no KL; "
            f"only k1, {wording.log_ratio(term)}, gives that of KL(q || p)",
            wording.reward(term),
        )
    if term.weight is Weight.INVERTED_RHO:
        return Violation(
            "the importance ratio is upside down: mu/q weighs the samples the wrong way and its gradient "
            f"has the wrong sign; write {wording.ratio(term)}",
            wording.ratio(term),
        )
    return Violation(
        f"the derivative of this term is {wording.derivative(term)}, which is that of no KL: "
        f"KL(q || p) needs d = log q - log p; {wording.advice(term)}",
        wording.loss(term),
    )


RULE = Rule("KL113", "other-kl-gradient", Severity.WARNING, __doc__, check)
