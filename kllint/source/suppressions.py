"""`# kllint: ignore[KL102] reason`, `# kllint: file-ignore[KL102]` and `# noqa: KL102`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kllint.errors import suggestion
from kllint.findings import Confidence, Finding, Severity, Span
from kllint.source.comments import comments
from kllint.source.discover import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from kllint.source.comments import Comment
    from kllint.source.text import Source

UNUSED, UNKNOWN = "KL002", "KL003"
_ABOUT_FILES = frozenset({"KL001", UNUSED, UNKNOWN})

_OWN = re.compile(r"#\s*kllint\s*:\s*(?P<verb>[\w-]*)\s*(?P<list>\[(?P<codes>[^\]]*)\])?")
_NOQA = re.compile(r"#\s*noqa\s*:\s*(?P<codes>[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*)", re.IGNORECASE)


class Suppression(NamedTuple):
    """One rule code in one comment, and the lines it silences; None for the whole file."""

    code: str
    span: Span
    lines: range | None

    def covers(self, code: str, lines: range) -> bool:
        """Whether a finding of a rule on some lines is silenced."""
        here = self.lines is None or (self.lines.start < lines.stop and lines.start < self.lines.stop)
        return code == self.code and here


class Outcome(NamedTuple):
    """What comments leave of the findings of one file, and what there is to say of the comments."""

    kept: tuple[Finding, ...]
    silenced: tuple[Finding, ...]
    complaints: tuple[Finding, ...]


def apply(
    source: Source, findings: Sequence[Finding], known: Collection[str], ran: Callable[[str], bool]
) -> Outcome:
    """Silence the findings of one file by its comments.

    A comment is unused only if its rule ran and found nothing there; `known` are all rule codes.
    """
    kind = kind_of(source.path)
    is_python = kind is None or kind.is_code
    parts = [
        part for comment in comments(source, is_python=is_python) for part in _parse(source, comment, known)
    ]
    found = [part for part in parts if isinstance(part, Suppression)]
    complaints = [part for part in parts if isinstance(part, Finding)]
    used: set[Suppression] = set()
    kept: list[Finding] = []
    silenced: list[Finding] = []
    for finding in findings:
        lines = _lines(source, finding.span)
        by = [suppression for suppression in found if suppression.covers(finding.rule, lines)]
        used.update(by)
        (silenced if by else kept).append(finding)
    complaints += [
        _unused(suppression)
        for suppression in found
        if suppression not in used and suppression.code not in _ABOUT_FILES and ran(suppression.code)
    ]
    said = [
        complaint
        for complaint in sorted(complaints, key=lambda complaint: complaint.span)
        if ran(complaint.rule)
        and not any(one.covers(complaint.rule, _lines(source, complaint.span)) for one in found)
    ]
    return Outcome(tuple(kept), tuple(silenced), tuple(said))


def _lines(source: Source, span: Span) -> range:
    return range(source.position(span.start).line, source.position(max(span.end - 1, span.start)).line + 1)


def _parse(source: Source, comment: Comment, known: Collection[str]) -> Iterator[Suppression | Finding]:
    for match in _NOQA.finditer(comment.text):
        ours = [word for word in _words(source, comment, match) if word[0].upper().startswith("KL")]
        yield from _suppressions([(code.upper(), span) for code, span in ours], comment.lines, known)
    for match in _OWN.finditer(comment.text):
        span = _span(source, comment, *match.span())
        whole_file = match["verb"] == "file-ignore"
        words = _words(source, comment, match) if match["list"] else []
        if match["verb"] not in {"ignore", "file-ignore"}:
            hint = suggestion(match["verb"], ("ignore", "file-ignore"))
            yield _complaint(UNKNOWN, f"`kllint: {match['verb']}` is no directive of kllint's{hint}", span)
        elif not words:
            yield _complaint(
                UNKNOWN, f"name the rules to silence: `# kllint: {match['verb']}[KL102] reason`", span
            )
        elif whole_file and not comment.alone:
            yield _complaint(UNKNOWN, "`kllint: file-ignore` must stand on a line of its own", span)
        else:
            yield from _suppressions(words, None if whole_file else comment.lines, known)


def _suppressions(
    words: list[tuple[str, Span]], lines: range | None, known: Collection[str]
) -> Iterator[Suppression | Finding]:
    for code, span in words:
        if code in known:
            yield Suppression(code, span, lines)
        else:
            yield _complaint(UNKNOWN, f"there is no rule {code}{suggestion(code, known)}", span)


def _words(source: Source, comment: Comment, match: re.Match[str]) -> list[tuple[str, Span]]:
    start = match.start("codes")
    return [
        (word[0], _span(source, comment, start + word.start(), start + word.end()))
        for word in re.finditer(r"[^\s,]+", match["codes"])
    ]


def _span(source: Source, comment: Comment, start: int, end: int) -> Span:
    place = (source.offset(comment.line, comment.column + at) for at in (start, end))
    return Span(source.path, *place)


def _unused(suppression: Suppression) -> Finding:
    where = "this file" if suppression.lines is None else "this statement"
    return _complaint(
        UNUSED, f"nothing to silence: {suppression.code} is not found in {where}", suppression.span
    )


def _complaint(rule: str, message: str, span: Span) -> Finding:
    return Finding(rule, Severity.WARNING, Confidence.HIGH, message, span)
