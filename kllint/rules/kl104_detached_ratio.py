"""A detached importance ratio on k1 or k3 loses the gradient that makes them right.

## What it does
Finds `rho.detach() * k1` and `rho.detach() * k3` in a loss, however the ratio was cut off: `.detach()`,
`no_grad`, a ratio computed from stored log-probs only.

## Why is this bad
The reverse-KL gradient of k1 and k3 comes *through* the ratio, whose gradient is `rho s`. Without it,

- `sg(rho) * k1` has the gradient `E_mu[rho s] = E_q[s] = 0`: no penalty at all, on-policy or off;
- `sg(rho) * k3` has the gradient `E_mu[rho (1 - p/q) s] = grad KL(p || q)`: the forward KL, properly
  weighted.

Only k2 wants its ratio detached.

## Example
```python
import torch


def step(model, old_logp, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    ratio = torch.exp(logp - old_logp)
    kl = torch.exp(ref_logp - logp) - 1 - (ref_logp - logp)
    loss = (-advantages * ratio + beta * ratio.detach() * kl).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, old_logp, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    ratio = torch.exp(logp - old_logp)
    kl = torch.exp(ref_logp - logp) - 1 - (ref_logp - logp)
    loss = (-advantages * ratio + beta * ratio * kl).mean()
    loss.backward()
```

## How sure
High: the detach is in sight.

## Fix
Not automatic: it changes the training objective.

## References
- [Liu et al. 2025, Rethinking KL Regularization in RLHF](https://arxiv.org/abs/2510.01555)
- [Wang and Zhang 2025, Choosing KL Estimators in RL](https://xihuai18.github.io/reinforcement-learning/2025/12/01/kl-estimators-en.html)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term
from kllint.theory.verdict import Verdict

EFFECT = {
    Verdict.INERT_WEIGHTED: "k1 times a detached ratio penalises nothing: its gradient is E_q[s] = 0",
    Verdict.FORWARD_WEIGHTED: "k3 times a detached ratio has the gradient of the forward KL: rho (1 - p/q)",
}


def check(term: Term) -> Violation | None:
    """sg(rho) * k1 or sg(rho) * k3."""
    effect = EFFECT.get(term.verdict)
    if effect is None:
        return None
    return Violation(
        f"{effect}; keep the ratio of {term.actor} live on k3, or keep it detached and use k2",
        f"{wording.ratio(term)} * ({wording.k3(term)})",
    )


RULE = Rule("KL104", "detached-ratio", Severity.ERROR, __doc__, check)
