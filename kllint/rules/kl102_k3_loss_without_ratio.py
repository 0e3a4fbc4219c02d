"""k3 as a loss without an importance ratio has the gradient of the forward KL.

## What it does
Finds `exp(-d) - 1 + d` with `d = log q - log p`, the estimator k3, added to a loss with its gradient on and
without the ratio `rho = q / mu`; and every other spelling whose derivative is `1 - exp(-d)`.

## Why is this bad
k3 is an unbiased *value* of `KL(q || p)`. Its gradient is another matter: autograd leaves out that the
samples depend on q. With `s = grad log q(x)` and samples from q,

    E_q[(1 - p/q) s] = -E_p[s] = grad KL(p || q)

which is the forward KL: mass-covering instead of mode-seeking, and with a weight `p/q` that explodes where
the actor has left the reference. Off-policy it is the gradient of neither. That the ratio is 1 on-policy
changes nothing: `rho * k3` has the derivative `rho * d`, because rho is 1 but its gradient is `s`.

## Example
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    kl = torch.exp(ref_logp - logp) - (ref_logp - logp) - 1
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, ref_logp, tokens, advantages, beta=0.04):
    logp = model.log_probs(tokens)
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * logp + beta * kl).mean()
    loss.backward()
```

`torch.exp(logp - logp.detach())` times k3 has the very same gradient, sample by sample; off-policy write
`torch.exp(logp - old_logp)` times k3.

## How sure
High where the log-probs and the loss are in sight. `exp(logp - old_logp) - 1 - (logp - old_logp)` against
the sampler is the k3 of `KL(mu || q)` and right. If the forward KL is what you want, say so: `target =
"forward"` in the settings.

## Fix
Not automatic: it changes the training objective.

## References
- [Liu et al. 2025, Rethinking KL Regularization in RLHF](https://arxiv.org/abs/2510.01555)
- [Zhang et al. 2025, On the Design of KL-Regularized Policy Gradient Algorithms](https://arxiv.org/abs/2505.17508)
- [DeepSeek-V3.2, the unbiased KL estimate](https://arxiv.org/abs/2512.02556)
- [Schulman 2020, Approximating KL Divergence](http://joschu.net/blog/kl-approx.html)
"""

from kllint.findings import Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Regime


def check(term: Term) -> Violation | None:
    """k3, or any loss whose derivative is 1 - exp(-d)."""
    if term.verdict is not Verdict.FORWARD or term.weight in wording.OWN_RULE:
        return None
    effect = (
        "has the gradient of no KL: its derivative 1 - p/q is that of the forward KL, under the wrong samples"
        if term.regime is Regime.OFF
        else "has the gradient of the forward KL: its derivative is 1 - p/q where KL(q || p) needs log(q/p)"
    )
    return Violation(
        f"k3 as a loss without a live ratio {effect}; {wording.advice(term)}", wording.loss(term)
    )


RULE = Rule("KL102", "k3-loss-without-ratio", Severity.ERROR, __doc__, check)
