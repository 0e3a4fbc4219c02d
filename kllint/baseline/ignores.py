"""Writing `# kllint: ignore[...]` comments for what is found."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kllint import atomic
from kllint.report.plain import plain
from kllint.source.comments import statement_lines
from kllint.source.discover import Kind, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kllint.findings import Finding
    from kllint.source.files import Sources
    from kllint.source.text import Source

_WITHOUT_COMMENTS = {
    Kind.JSON: "JSON has no comments: use a baseline",
    Kind.NOTEBOOK: "is a notebook: use a baseline",
}


@dataclass(frozen=True, slots=True)
class Added:
    """How many comments were written into how many files, and what was left alone, with the reason."""

    comments: int
    files: int
    left: tuple[tuple[str, str], ...]


def add_ignores(findings: Iterable[Finding], sources: Sources, reason: str) -> Added:
    """Put a comment above each statement with findings: there, no formatter moves it."""
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_file[finding.span.path].append(finding)
    comments = files = 0
    left: list[tuple[str, str]] = []
    for path, found in by_file.items():
        source = sources.source(path)
        kind = kind_of(path) or Kind.PYTHON
        codes = {} if kind in _WITHOUT_COMMENTS else _codes_by_line(source, found, kind)
        if None in codes or not codes:
            left.append((path, _WITHOUT_COMMENTS.get(kind, "its statements cannot be told apart")))
            continue
        atomic.write(Path(path), _with_comments(source, codes, plain(" ".join(reason.split()))))
        comments += len(codes)
        files += 1
    return Added(comments, files, tuple(left))


def _codes_by_line(source: Source, findings: list[Finding], kind: Kind) -> dict[int | None, set[str]]:
    """The codes to silence by the first line of the statement they are in; None if that cannot be told."""
    codes: dict[int | None, set[str]] = defaultdict(set)
    for finding in findings:
        line = source.position(finding.span.start).line
        codes[_first_line(source, line, kind)].add(finding.rule)
    return codes


def _first_line(source: Source, line: int, kind: Kind) -> int | None:
    if kind is Kind.PYTHON:
        lines = statement_lines(source, line)
        return lines.start if lines else None
    while line > 1 and source.line(line - 1).rstrip().endswith("\\"):
        line -= 1
    return line


def _with_comments(source: Source, codes: dict[int | None, set[str]], reason: str) -> bytes:
    raw, end = source.raw, _line_end(source.raw)
    for line in sorted((line for line in codes if line is not None), reverse=True):
        text = source.line(line)
        indent = re.match(r"\s*", text)[0]  # type: ignore[index]  # it matches every text
        comment = f"{indent}# kllint: ignore[{', '.join(sorted(codes[line]))}] {reason}".rstrip()
        at = source.offset(line)
        raw = raw[:at] + comment.encode(source.encoding, "backslashreplace") + end + raw[at:]
    return raw


def _line_end(raw: bytes) -> bytes:
    found = re.search(rb"\r\n|\r|\n", raw)
    return found[0] if found else b"\n"
