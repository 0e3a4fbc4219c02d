"""A suppression comment names a rule that does not exist, or cannot be read.

## What it does
Reports `# kllint:` comments whose codes are not rules of kllint, that name no code at all, or that are
misspelt.

## Why is this bad
The author believes that a finding is silenced, or documented; it is neither. There is no blanket form on
purpose: a comment that silences everything silences what nobody has seen yet.

## Example
```python
import torch


def step(logp, ref_logp):
    kl = (logp - ref_logp).abs()  # kllint: ignore[KL1009]
    kl.mean().backward()
```

## Use instead
```python
import torch


def step(logp, ref_logp):
    kl = (logp - ref_logp).abs()  # kllint: ignore[KL109] an L1 penalty on purpose
    kl.mean().backward()
```

## How sure
Always: it is a fact about the comment.

## Fix
None; the message names the closest rule.

## References
- [Suppressions](../../README.md#suppressions)
"""

from kllint.findings import Severity
from kllint.rules.rule import Rule

RULE = Rule("KL003", "unknown-rule", Severity.WARNING, __doc__)
