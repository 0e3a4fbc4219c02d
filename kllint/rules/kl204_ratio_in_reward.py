"""An importance weight inside the shaped reward is applied twice.

## What it does
Finds a KL multiplied by the ratio `q / mu` inside a reward, return or advantage.

## Why is this bad
Off-policy the ratio multiplies the whole policy-gradient term, reward included: `E_mu[rho (r - beta k1)
s]`. A second ratio on the KL alone gives `E_mu[rho^2 d s]`, which is biased and of far higher variance.

## Example
```python
import torch


def step(model, old_logp, ref_logp, tokens, rewards, beta=0.05):
    logp = model.log_probs(tokens)
    ratio = torch.exp(logp - old_logp)
    kl = (ratio * (logp - ref_logp)).detach()
    advantages = rewards - beta * kl
    loss = -(ratio * advantages).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, old_logp, ref_logp, tokens, rewards, beta=0.05):
    logp = model.log_probs(tokens)
    ratio = torch.exp(logp - old_logp)
    kl = (logp - ref_logp).detach()
    advantages = rewards - beta * kl
    loss = -(ratio * advantages).mean()
    loss.backward()
```

## How sure
High where ratio and reward are in one function.

## Fix
Not automatic: it changes the training objective.

## References
- [Wang and Zhang 2025, Choosing KL Estimators in RL](https://xihuai18.github.io/reinforcement-learning/2025/12/01/kl-estimators-en.html)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Use


def check(term: Term) -> Violation | None:
    """rho * k in a reward."""
    if term.verdict is not Verdict.WEIGHTED_REWARD or term.use is not Use.REWARD:
        return None
    return Violation(
        "the importance ratio already weights the whole policy-gradient term; inside the reward it counts "
        f"twice, rho^2 d instead of rho d; subtract plain k1, {wording.log_ratio(term)}",
        wording.reward(term),
    )


RULE = Rule("KL204", "ratio-in-reward", Severity.WARNING, __doc__, check)
