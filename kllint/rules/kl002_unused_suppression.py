"""A suppression comment that suppresses nothing.

## What it does
Reports `# kllint: ignore[...]` and `# kllint: file-ignore[...]` comments whose rule finds nothing at that
place.

## Why is this bad
The comment outlives the pitfall that it excused. It then hides the next one, which nobody has looked at.

## Example
```python
import torch


def step(logp, ref_logp):
    kl = 0.5 * (logp - ref_logp) ** 2  # kllint: ignore[KL102] forward KL is what we want
    kl.mean().backward()
```

## Use instead
```python
import torch


def step(logp, ref_logp):
    kl = 0.5 * (logp - ref_logp) ** 2
    kl.mean().backward()
```

## How sure
Always, for the rules that ran: a suppression of a rule that is not selected is left alone.

## Fix
Delete the code from the comment, and the comment with its last code.

## References
- [Suppressions](../../README.md#suppressions)
"""

from kllint.findings import Severity
from kllint.rules.rule import Rule

RULE = Rule("KL002", "unused-suppression", Severity.WARNING, __doc__)
