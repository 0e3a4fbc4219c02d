"""A file could not be read, parsed or analysed.

## What it does
Reports every file that was asked for and could not be judged, with the reason: it does not exist, is no
text in its declared encoding, has a syntax error, nests too deeply, is too large or takes too long. An error of
kllint's own is reported so, too: that file may have further findings, all others have theirs.

## Why is this bad
A file that nobody looked at is not a file without pitfalls. A linter that skips it in silence says "clean"
and means "unknown"; so the exit status is 1, as for any other finding.

## Example
```console
$ kllint train.py
train.py:14:9: KL001 error: syntax error: expected ':'
```

## Use instead
Repair the file, or say that it is not meant to be linted:

```toml
[tool.kllint]
exclude = ["templates/"]
```

## How sure
Always: it is a fact about the file. kllint is no checker of syntax, though: a file without a word of a KL is not parsed,
nor is the body of a function that has nothing to do with one, so an error there may go unseen.

## Fix
None.

## References
- [Exit codes](../../README.md#exit-codes)
"""

from kllint.findings import Severity
from kllint.rules.rule import Rule

RULE = Rule("KL001", "unreadable-file", Severity.ERROR, __doc__)
