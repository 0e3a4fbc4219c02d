"""The ratio times k1 is right, but noisier than it need be.

## What it does
Finds `rho * k1` in a loss with a live ratio `rho = q / mu`.

## Why is this bad
The gradient `E_mu[rho (d + 1) s]` is that of `KL(q || p)`, since `E_mu[rho s] = 0`. But each sample carries
that `rho s` as noise of order 1, even where the actor equals the reference and the KL is 0. `rho * k3` and
`sg(rho) * k2` have the gradient `rho d s`, sample by sample, without it: about a third of the variance in
small examples.

## Example
```python
import torch


def step(model, old_logp, ref_logp, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    ratio = torch.exp(logp - old_logp)
    loss = (-advantages * ratio + beta * ratio * (logp - ref_logp)).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, old_logp, ref_logp, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    ratio = torch.exp(logp - old_logp)
    kl = torch.exp(ref_logp - logp) - 1 + (logp - ref_logp)
    loss = (-advantages * ratio + beta * ratio * kl).mean()
    loss.backward()
```

## How sure
High, and harmless: the term is unbiased, so this is for information only.

## Fix
Not automatic; the expected gradient stays the same.

## References
- [Wang and Zhang 2025, Choosing KL Estimators in RL](https://xihuai18.github.io/reinforcement-learning/2025/12/01/kl-estimators-en.html)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Use, Weight

WEIGHTS = frozenset({Weight.RHO, Weight.CLIPPED_RHO})


def check(term: Term) -> Violation | None:
    """rho * k1."""
    if term.verdict is not Verdict.NOISY or term.use is not Use.LOSS or term.weight not in WEIGHTS:
        return None
    return Violation(
        "the ratio times k1 is unbiased but noisy: each sample carries an extra zero-mean rho s; "
        f"the ratio of {term.actor} times k3 has the same mean with less variance",
        f"{wording.ratio(term)} * ({wording.k3(term)})",
    )


RULE = Rule("KL106", "noisy-k1-loss", Severity.INFO, __doc__, check)
