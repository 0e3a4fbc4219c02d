"""Every literate case of tests/cases: what is marked is found, and nothing else, whatever its severity."""

import ast
from pathlib import Path

import pytest

from kllint.analysis import analyse
from kllint.findings import Analysis, Span
from kllint.rules.registry import RULES
from kllint.settings.options import AnalysisOptions
from tests.literate import Case, Mark, read

CASES = [case for path in sorted(Path(__file__).with_name("cases").glob("*.md")) for case in read(path)]


def run(folder: Path) -> Analysis:
    return analyse([folder])


def findings_alone(folder: Path) -> Analysis:
    """As `kllint check` asks for them: less is looked into than for the inventory."""
    return analyse([], AnalysisOptions(folder, inventory=False))


def found(analysis: Analysis, folder: Path) -> set[tuple[str, int, str]]:
    return {(*place(finding.span, folder), finding.rule) for finding in analysis.findings}


def place(span: Span, folder: Path) -> tuple[str, int]:
    path = Path(span.path)
    line = path.read_bytes()[: span.start].count(b"\n") + 1
    return path.relative_to(folder).as_posix(), line


def expected(marks: list[Mark]) -> set[tuple[str, int, str]]:
    return {(mark.path, mark.line, mark.rule) for mark in marks if not mark.todo}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, tmp_path: Path):
    case.write(tmp_path)
    analysis = findings_alone(tmp_path)
    assert found(analysis, tmp_path) == expected(case.marks), case.sentence
    conditions = {(*place(f.span, tmp_path), f.rule): f.condition or "always" for f in analysis.findings}
    for mark in case.marks:
        if mark.condition:
            assert mark.condition in conditions[mark.path, mark.line, mark.rule]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_invariants(case: Case, tmp_path: Path):
    case.write(tmp_path)
    for path, text in case.files.items():
        if path.endswith(".py"):
            ast.parse(text)
    analysis = run(tmp_path)
    assert analysis.problems == ()
    assert analysis == run(tmp_path)
    assert analysis.findings == findings_alone(tmp_path).findings
    for finding in analysis.findings:
        assert finding.message
        for span in (finding.span, *(note.span for note in (*finding.related, *finding.flow))):
            inside(span, tmp_path)
    for site in analysis.sites:
        inside(site.span, tmp_path)


def inside(span: Span, folder: Path) -> None:
    path = Path(span.path)
    assert path.is_relative_to(folder)
    assert 0 <= span.start < span.end <= path.stat().st_size
    path.read_bytes()[span.start : span.end].decode("utf-8")


def test_every_rule_of_a_term_has_cases():
    marked = {mark.rule for case in CASES for mark in case.marks}
    assert marked == {code for code in RULES if not code.startswith("KL0")}
