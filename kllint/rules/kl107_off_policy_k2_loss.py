"""k2 on off-policy samples lacks the importance weight.

## What it does
Finds `0.5 * d ** 2` in a loss without the ratio `rho = q / mu`, where the samples come from an older
policy: old log-probs or a ratio in the same update, several epochs or minibatches over one rollout.

## Why is this bad
The gradient of k2 is `E_mu[d s]`. It is that of `KL(q || p)` only while the samples come from q itself. On
stale samples the sum over tokens has the wrong weights, and the constant part of `d` no longer vanishes:
`E_mu[s]` is not 0.

## Example
```python
import torch


def step(model, old_logp, ref_logp, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    ratio = torch.exp(logp - old_logp)
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * ratio + beta * kl).mean()
    loss.backward()
```

## Use instead
```python
import torch


def step(model, old_logp, ref_logp, tokens, advantages, beta=0.1):
    logp = model.log_probs(tokens)
    ratio = torch.exp(logp - old_logp)
    kl = 0.5 * (logp - ref_logp) ** 2
    loss = (-advantages * ratio + beta * ratio.detach() * kl).mean()
    loss.backward()
```

## How sure
As sure as the regime: a ratio in the policy term is good evidence of off-policy samples, though with one
update for each rollout that ratio is 1 and the term right. Set `regime = "on-policy"` if that is so
everywhere.

## Fix
Not automatic: it changes the training objective.

## References
- [Wang and Zhang 2025, Choosing KL Estimators in RL](https://xihuai18.github.io/reinforcement-learning/2025/12/01/kl-estimators-en.html)
- [Liu et al. 2025, Rethinking KL Regularization in RLHF](https://arxiv.org/abs/2510.01555)
"""

from kllint.findings import Confidence, Severity
from kllint.rules import wording
from kllint.rules.rule import Rule, Violation
from kllint.rules.term import Term
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Regime, Use


def check(term: Term) -> Violation | None:
    """k2 without rho on samples of an older policy."""
    if term.verdict is not Verdict.UNWEIGHTED or term.use is not Use.LOSS or term.weight in wording.OWN_RULE:
        return None
    return Violation(
        "k2 without a ratio is biased off-policy: its gradient E_mu[d s] is that of KL(q || p) only "
        f"while the samples come from q; multiply by {wording.ratio(term)}.detach()",
        wording.loss(term),
        confidence=None if term.regime is Regime.OFF else Confidence.LOW,
    )


RULE = Rule("KL107", "off-policy-k2-loss", Severity.WARNING, __doc__, check)
