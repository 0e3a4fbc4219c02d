"""k1 as a loss without an importance ratio does not penalise the KL.

## What it does
Finds `log q - log p`, the estimator k1, added to a loss with its gradient on and without the ratio `rho = q
/ mu`.

## Why is this bad
Autograd differentiates the number, not the distribution that the samples came from. With `s = grad log
q(x)`,

- the derivative of k1 with respect to `log q` is 1, so the gradient is `E_mu[s]`;
- on-policy that is `E_q[s] = sum_x q(x) grad log q(x) = grad sum_x q(x) = 0`: the term is inert, it only
  adds noise;
- off-policy it is `E_mu[s] = -grad KL(mu || q)`: descent lowers the probability of whatever was sampled.

The reference `p` is in neither: the penalty that the code names does not exist, whatever its coefficient.

## Example
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    kl = logp - ref_logp
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## Use instead
k2 has the derivative `d`, hence the gradient `E_q[d s] = grad KL(q || p)`:

```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

Off-policy, `torch.exp(logp - old_logp).detach()` times k2, or the live ratio times k3.

## How sure
High where the log-probs and the loss are in sight. A penalty towards the sampler (`old_logp - logp`) has
the gradient of `KL(mu || q)` and is silent, and so is a reparameterised sample (`rsample`), whose gradient
is pathwise.

## Fix
Not automatic: it turns a penalty on that has never worked, so its coefficient has never been tuned.

## References
- [Liu et al. 2025, Rethinking KL Regularization in RLHF](https://arxiv.org/abs/2510.01555)
- [Wang and Zhang 2025, Choosing KL Estimators in RL](https://xihuai18.github.io/reinforcement-learning/2025/12/01/kl-estimators-en.html)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term, Trait
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Regime


def check(term: Term) -> Violation | None:
    """k1, or any loss whose derivative is a constant."""
    if term.verdict is not Verdict.INERT or term.weight in wording.OWN_RULE:
        return None
    if Trait.CLAMPED_POSITIVE in term.traits:  # cut off at zero it is not inert, but KL113
        return None
    match term.regime:
        case Regime.ON:
            effect = "penalises nothing: its gradient E_q[s] is zero and adds only noise"
        case Regime.OFF:
            effect = "pushes q away from every sampled token: off-policy its gradient is -grad KL(mu || q)"
        case _:
            effect = (
                "does not penalise the KL: its gradient is zero on-policy and -grad KL(mu || q) off-policy"
            )
    return Violation(f"k1 as a loss {effect}; {wording.advice(term)}", wording.loss(term))


RULE = Rule("KL101", "k1-loss-without-ratio", Severity.ERROR, __doc__, check)
