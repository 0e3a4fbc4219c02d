"""The snippets of the documentation: each example has what its rule finds, and its correction has nothing."""

import re
from pathlib import Path

import pytest

from kllint.findings import Severity
from kllint.rules.registry import RULES
from kllint.rules.rule import Rule
from tests.test_cases import run

OF_TERMS = [pytest.param(rule, id=code) for code, rule in RULES.items() if not code.startswith("KL0")]


def findings(rule: Rule, heading: str, folder: Path) -> list[tuple[str, Severity]]:
    (code,) = re.findall(r"```python\n(.*?)```", rule.sections[heading], flags=re.DOTALL)
    (folder / "train.py").write_text(code, "utf-8")
    return [(finding.rule, finding.severity) for finding in run(folder).findings]


@pytest.mark.parametrize("rule", OF_TERMS)
def test_example_has_it(rule: Rule, tmp_path: Path):
    assert rule.code in {code for code, _ in findings(rule, "Example", tmp_path)}


@pytest.mark.parametrize("rule", OF_TERMS)
def test_correction_has_nothing_to_show(rule: Rule, tmp_path: Path):
    found = findings(rule, "Use instead", tmp_path)
    assert rule.code not in {code for code, _ in found}
    assert [code for code, severity in found if severity is not Severity.INFO] == []
