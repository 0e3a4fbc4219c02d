"""What keeps files from the costly steps: scans of their bytes."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE

# Each begins with fixed letters, which `re` finds some ten times faster than an alternation or a choice of
# letters: hence the lookbehinds after the word.
HINTS = tuple(
    map(
        re.compile,
        (
            rb"kl(?<![a-zA-Z]kl)(?![a-ce-z])",  # kl, approx_kl, kl_coef, kldiv; not pickle, klass
            rb"KL(?<![A-Z]KL)",  # KLDivLoss, computeKL
            rb"kl(?<=[rf]kl)(?![a-z])",
            rb"k[123](?<![a-zA-Z]k[123])(?!\w)",
            rb"jsd",
            rb"ivergence",
            rb"log_?p(?:rob|i|s?(?![a-z])|_)",  # logp, log_probs, logps, log_pi
            rb"Log_?[Pp]rob",
            rb"log_?(?:q|mu|lik)",
            rb"lp(?<![a-zA-Z]lp)(?:s|robs)?(?![a-z])",
            rb"log_?softmax",
            rb"log_?(?:ratio|r(?:ho)?(?![a-z])|diff|weight)",
            rb"ratios?\b[^\n]*\.log",  # ratio - 1 - ratio.log(); not clip_ratio
            rb"log\([^\n]*ratio",
            rb"expm1",
            rb"exp\((?:[^)\n]*-|\)\s*-)",  # exp(a - b), d.exp() - 1
            rb"-\s*(?:\w+\.)*exp\(",
            rb"log\([^()\n]*\)\s*-",  # p.log() - q.log()
        ),
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
