"""k3 in a reward gives the reverse minus the forward KL gradient.

## What it does
Finds the estimator k3, detached, subtracted from a reward, return or advantage.

## Why is this bad
In a reward the number itself multiplies the score: the policy gradient adds `E_q[k s]`. Only k1 gives the
wanted `E_q[d s] = grad KL(q || p)`. With k3,

    E_q[(p/q - 1 + d) s] = grad KL(q || p) - grad KL(p || q)

Close to the reference the two cancel to first order and hardly a penalty is left; far away their difference
points where neither does. That k3 is the unbiased estimate with the least variance is true of its value and
beside the point: it is the covariance with the score that trains.

## Example
```python
import torch


def step(model, ref_logp, tokens, rewards, beta=0.05):
    logp = model.log_probs(tokens)
    kl = torch.exp(ref_logp - logp) - 1 - (ref_logp - logp)
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
- [Wang and Zhang 2025, Choosing KL Estimators in RL](https://xihuai18.github.io/reinforcement-learning/2025/12/01/kl-estimators-en.html)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Use


def check(term: Term) -> Violation | None:
    """k3 in a reward, weighted or not."""
    if term.verdict is not Verdict.REVERSE_MINUS_FORWARD or term.use is not Use.REWARD:
        return None
    if Trait.ACTION_INDEPENDENT in term.traits:
        return None
    return Violation(
        "k3 as a reward adds grad KL(q || p) - grad KL(p || q) to the policy gradient; "
        f"only k1, {wording.log_ratio(term)}, adds the gradient of KL(q || p)",
        wording.reward(term),
    )


RULE = Rule("KL201", "k3-in-reward", Severity.ERROR, __doc__, check)
