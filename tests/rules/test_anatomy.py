"""Every rule is complete, documented everywhere, and named so that it reads well after "allow"."""

import ast
import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import kllint.rules
from kllint.rules import docs
from kllint.rules.registry import RULES
from kllint.rules.rule import HEADINGS, Rule

ROOT = Path(__file__).parents[2]
EVERY_RULE = [pytest.param(rule, id=code) for code, rule in RULES.items()]
SERIES = {"KL00": 3, "KL1": 13, "KL2": 8, "KL3": 8, "KL40": 3}
CODES = [f"{series}{n:0{5 - len(series)}}" for series, count in SERIES.items() for n in range(1, count + 1)]


def test_codes_are_the_public_ones_in_order():
    assert list(RULES) == CODES


def test_every_module_holds_the_rule_that_its_name_says():
    modules = [
        module.name for module in iter_modules(kllint.rules.__path__) if re.match(r"kl\d", module.name)
    ]
    rules = [import_module(f"kllint.rules.{name}").RULE for name in modules]
    assert [f"{rule.code}_{rule.name}".lower().replace("-", "_") for rule in rules] == modules
    assert len({rule.code for rule in rules}) == len({rule.name for rule in rules}) == len(RULES)


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_name_reads_well_after_allow(rule: Rule):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert not rule.name.startswith(("avoid-", "do-not-", "use-", "prefer-", "no-"))


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_text_has_a_summary_and_all_headings(rule: Rule):
    assert re.fullmatch(r"[A-Za-z].{10,100}\.", rule.summary)
    assert tuple(rule.sections) == HEADINGS
    assert all(rule.sections.values())


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_snippets_parse(rule: Rule):
    for heading in ("Example", "Use instead"):
        fences = re.findall(r"```(\w+)\n(.*?)```", rule.sections[heading], flags=re.DOTALL)
        assert fences
        for language, code in fences:
            assert language in {"python", "toml", "console"}
            if language == "python":
                ast.parse(code)


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_url_points_to_the_page(rule: Rule):
    assert rule.url.endswith(f"docs/rules/{rule.code}.md")


def test_generated_documentation_is_current():
    assert docs.stale(ROOT) == []


def test_readme_holds_the_table():
    assert docs.table(lambda rule: f"docs/rules/{rule.code}.md") in (ROOT / "README.md").read_text("utf-8")


def test_writing_brings_everything_up_to_date(tmp_path: Path):
    (tmp_path / "README.md").write_text(f"# kllint\n\n{docs.BEGIN}\nold\n{docs.END}\n\nmore\n", "utf-8")
    (tmp_path / "docs" / "rules").mkdir(parents=True)
    (tmp_path / "docs" / "rules" / "KL999.md").write_text("of a rule that is gone", "utf-8")
    docs.write(tmp_path)
    assert docs.stale(tmp_path) == []
    assert "old" not in (tmp_path / "README.md").read_text("utf-8")
    assert not (tmp_path / "docs" / "rules" / "KL999.md").exists()
