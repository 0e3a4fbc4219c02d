"""Fingerprints: what a finding is, said without the line it is on."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from kllint.report.places import relative

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kllint.findings import Finding
    from kllint.source.files import Sources


def fingerprint(finding: Finding, sources: Sources, root: Path) -> str:
    """The same for equal code in the same function of the same file, wherever its lines move.

    `root` is the project's folder, so that it does not matter where kllint is called.
    """
    span = finding.span
    path = relative(str(Path(span.path).resolve()), root)
    code = sources.source(span.path).slice(span.start, span.end)
    return digest(finding.rule, path, finding.function, normal(code), finding.condition or "")


def digest(*facts: str) -> str:
    """A short name for some facts."""
    from hashlib import sha256  # noqa: PLC0415  # a clean run needs none

    return sha256("\0".join(facts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def counted(prints: Iterable[str]) -> list[str]:
    """Equal fingerprints told apart by their order."""
    seen: Counter[str] = Counter()
    numbered = []
    for mark in prints:
        seen[mark] += 1
        numbered.append(f"{mark}:{seen[mark]}")
    return numbered


def normal(code: str) -> str:
    """Code without comments, spacing, trailing commas and the kind of quotes: formatting changes nothing."""
    squeezed = re.sub(r"\s+", "", re.sub(r"#[^\r\n]*", "", code))
    return re.sub(r",(?=[)\]}])", "", squeezed).replace("'", '"')
