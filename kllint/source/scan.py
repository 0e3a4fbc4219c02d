"""What keeps files from the costly steps: scans of their bytes."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE

# Each begins with fixed letters, which `re` finds some ten times faster than an alternation or a choice of
# letters: hence the lookbehinds after the word. What begins with the same letters is looked for together.
HINTS = tuple(
    re.compile(hint, re.VERBOSE)
    for hint in (
        rb"""k(?:l (?<![a-zA-Z]kl)(?![a-ce-z])            # kl, approx_kl, kl_coef, kldiv; not pickle, klass
              | l (?<=[rf]kl)(?![a-z])
              | [123] (?<![a-zA-Z]k[123])(?!\w))""",
        rb"KL(?<![A-Z]KL)",  # KLDivLoss, computeKL
        rb"jsd",
        rb"ivergence",
        rb"""log(?:_?p(?:rob|i|s?(?![a-z])|_)               # logp, log_probs, logps, log_pi
                | _?(?:q|mu|lik|softmax|diff|weight)
                | _?r(?:atio|(?:ho)?(?![a-z]))
                | \([^\n]*ratio
                | \([^()\n]*\)\s*-)                         # p.log() - q.log()""",
        rb"Log_?[Pp]rob",
        rb"lp(?<![a-zA-Z]lp)(?:s|robs)?(?![a-z])",
        rb"ratios?\b[^\n]*\.log",  # ratio - 1 - ratio.log(); not clip_ratio
        rb"xp(?<=exp)(?:m1|\([^)\n]*-|\(\)\s*-)",  # exp(a - b), d.exp() - 1; of all letters e is the worst to look for
        rb"-\s*(?:\w+\.)*exp\(",
    )
)

_COMMENTS = tuple(
    map(re.compile, (rb"kllint\s*:", rb"noqa\s*:[^\r\n]*[kK][lL]\d", rb"NOQA\s*:[^\r\n]*[kK][lL]\d"))
)


def may_hold_kl(raw: bytes) -> bool:
    """Whether a file may hold a KL term, or what a scan cannot tell: wide on purpose, for the price of a scan."""
    return raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or any(hint.search(raw) for hint in HINTS)


def may_suppress(raw: bytes) -> bool:
    """Whether a file may hold a comment that silences a rule."""
    return any(comment.search(raw) for comment in _COMMENTS)
