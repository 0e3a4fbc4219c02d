from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import jsonschema
import pytest

from kllint.report.formats import Format

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Kllint

POSITION = {
    "type": "object",
    "properties": {"line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}},
    "required": ["line", "column"],
    "additionalProperties": False,
}
PLACE = {"path": {"type": "string"}, "cell": {"type": "integer"}, "start": POSITION, "end": POSITION}
TEXT = {"type": ["string", "null"]}


def exactly(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    """The schema of an object with these keys and no others."""
    required = [name for name in properties if name not in {*optional, "cell"}]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


NOTE = exactly({**PLACE, "message": {"type": "string"}})
FINDING = exactly(
    {
        **PLACE,
        "rule": {"pattern": "^KL[0-9]{3}$"},
        "name": {"type": "string"},
        "severity": {"enum": ["error", "warning", "info"]},
        "confidence": {"enum": ["high", "medium", "low"]},
        "message": {"type": "string"},
        "condition": TEXT,
        "selected_by_default": {"type": ["boolean", "null"]},
        "evidence": {"anyOf": [{"type": "null"}, exactly({"value": TEXT, "derivative": TEXT})]},
        "related": {"type": "array", "items": NOTE},
        "flow": {"type": "array", "items": NOTE},
        "fixes": {
            "type": "array",
            "items": exactly(
                {
                    "title": {"type": "string"},
                    "applicability": {"enum": ["safe", "unsafe", "display"]},
                    "edits": {"type": "array", "items": exactly({**PLACE, "text": {"type": "string"}})},
                }
            ),
        },
        "fingerprint": {"type": "string"},
        "url": {"type": "string"},
    }
)
CHECK = exactly(
    {
        "version": {"const": 1},
        "findings": {"type": "array", "items": FINDING},
        "errors": {"type": "array", "items": {"required": ["rule", "path", "message", "start", "end"]}},
        "summary": {"type": "object"},
    }
)
SITE_WORDS = (
    *("function", "kind", "estimator", "numerator", "denominator"),
    *("weight", "grad", "use", "regime", "verdict"),
)
SITE = exactly(
    {
        **PLACE,
        **{name: {"type": "string"} for name in SITE_WORDS},
        **dict.fromkeys(("condition", "value", "derivative"), TEXT),
    }
)


def report(kllint: Kllint, format_: str, *arguments: str) -> Any:
    return json.loads(kllint(*(arguments or (".",)), "--output-format", format_).out)


def test_json_keeps_its_contract(kllint: Kllint, tree: Path) -> None:
    (tree / "a.py").write_text('kind = "k"; x = "é", k3\n')
    (tree / "b.py").write_text("x = (\n")
    made = report(kllint, "json")
    jsonschema.validate(made, CHECK)
    (finding,) = made["findings"]
    assert finding["path"] == "a.py"
    assert (finding["start"], finding["end"]) == ({"line": 1, "column": 22}, {"line": 1, "column": 24})
    assert (finding["condition"], finding["selected_by_default"]) == ('kind == "k3"', True)
    assert finding["evidence"] == {"value": "exp(-d) - 1 + d", "derivative": "1 - exp(-d)"}
    assert [note["message"] for note in finding["flow"]] == ["log-probs", "the loss"]
    (error,) = made["errors"]
    assert (error["rule"], error["path"], error["start"]) == ("KL001", "b.py", {"line": 1, "column": 5})
    assert made["summary"]["by_rule"] == {"KL102": 1}


def test_json_paths_are_seen_from_the_working_directory(
    kllint: Kllint, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / "sub").mkdir()
    (tree / "sub/a.py").write_text("x = k3\n")
    assert report(kllint, "json", str(tree))["findings"][0]["path"] == "sub/a.py"
    monkeypatch.chdir(tree / "sub")
    assert report(kllint, "json", "../sub")["findings"][0]["path"] == "../sub/a.py"


def test_inventory_json_keeps_its_contract(kllint: Kllint, tree: Path) -> None:
    (tree / "a.py").write_text("def f():\n    return k3\n")
    made = json.loads(kllint("inventory", "--output-format", "json").out)
    jsonschema.validate(made["sites"], {"type": "array", "items": SITE, "minItems": 1})
    assert made["version"] == 1
    assert made["sites"][0]["function"] == "f"


def test_fingerprints_outlive_moves_and_formatting(kllint: Kllint, tree: Path) -> None:
    def prints(code: str) -> list[str]:
        (tree / "a.py").write_text(code)
        return [finding["fingerprint"] for finding in report(kllint, "json")["findings"]]

    first = prints("def f():\n    return k3(a, 'b')\n")
    assert prints('import x\n\n\ndef f():\n    return k3(\n        a,  # why\n        "b",\n    )\n') == first
    assert prints("def g():\n    return k3(a, 'b')\n") != first
    assert prints("def f():\n    return k3(a, 'c')\n") != first
    twice = prints("def f():\n    return k3, k3\n")
    assert len(set(twice)) == 2


def test_github_annotations(kllint: Kllint, tree: Path) -> None:
    (tree / "a,b:c%.py").write_text("x = 1\ny = k3\n")
    (line,) = kllint(".", "--output-format", "github").out.splitlines()
    assert line == (
        "::error title=KL102 k3-loss-without-ratio,file=a%2Cb%3Ac%25.py,line=2,col=5,endLine=2,endColumn=7"
        "::k3 of lp[mask] is wrong"
    )


def test_github_is_said_to_hide_what_is_too_much(kllint: Kllint, tree: Path) -> None:
    (tree / "a.py").write_text("x = [" + "k2, " * 14 + "k3]\n")
    lines = kllint(".", "--output-format", "github").out.splitlines()
    assert lines[0].startswith("::error")  # the gravest come first
    assert "4 of those above are in this log only" in lines[-1]


def test_gitlab_code_quality(kllint: Kllint, tree: Path) -> None:
    (tree / "a.py").write_text("x = k3, k3\n")
    (tree / "b.py").write_text("x = (\n")
    issues = report(kllint, "gitlab")
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 3
    assert issues[1] | {"fingerprint": ""} == {
        "type": "issue",
        "check_name": "KL102",
        "description": "KL102: k3 of lp[mask] is wrong",
        "categories": ["Bug Risk"],
        "severity": "critical",
        "location": {"path": "a.py", "lines": {"begin": 1, "end": 1}},
        "fingerprint": "",
    }


def test_junit(kllint: Kllint, tree: Path) -> None:
    (tree / "a<&.py").write_text('x = k2, k3 # "\n')
    (tree / "b.py").write_text("x = (\n")
    suites = ElementTree.fromstring(kllint(".", "--output-format", "junit").out)  # noqa: S314
    assert {name: suites.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "2",
        "errors": "1",
    }
    assert [suite.get("name") for suite in suites] == ["b.py", "a<&.py"]
    failure = suites[1][0][0]
    assert (failure.tag, failure.get("type"), failure.text) == ("failure", "warning", "a<&.py:1:5")


def test_junit_of_a_clean_run_has_a_case(kllint: Kllint, tree: Path) -> None:
    suites = ElementTree.fromstring(kllint(".", "--output-format", "junit").out)  # noqa: S314
    assert suites.get("tests") == "1"
    assert suites.get("failures") == "0"


def test_rdjson_counts_bytes(kllint: Kllint, tree: Path) -> None:
    (tree / "a.py").write_text('x = "é😀", k3\n')
    (diagnostic,) = report(kllint, "rdjson")["diagnostics"]
    assert diagnostic["severity"] == "ERROR"
    assert diagnostic["location"]["range"] == {
        "start": {"line": 1, "column": 15},
        "end": {"line": 1, "column": 17},
    }
    assert diagnostic["suggestions"][0]["text"] == "k2"


def test_concise_is_one_line_each(kllint: Kllint, tree: Path) -> None:
    (tree / "a.py").write_text('kind = "k"; x = k3, k2\n')
    assert kllint("a.py", "-q").out.splitlines() == [
        'a.py:1:17: KL102 error: k3 of lp[mask] is wrong (when kind == "k3", the default)',
        "a.py:1:21: KL107 warning: k2 of lp[mask] is wrong (medium confidence)",
    ]


def test_full_shows_code_evidence_and_advice(kllint: Kllint, tree: Path) -> None:
    (tree / "a.py").write_text('kind = "k"\ndef f():\n\tx = lp[mask], k3\n')
    assert kllint("a.py", "-q", "--output-format", "full").out.splitlines() == [
        "KL102 error: k3-loss-without-ratio: k3 of lp[mask] is wrong",
        " --> a.py:3:16 in f",
        "  |",
        "2 | def f():",
        "3 |     x = lp[mask], k3",
        "  |                   ^^",
        "  |",
        "  = value: exp(-d) - 1 + d",
        "  = derivative: 1 - exp(-d), with respect to log q",
        '  = only: when kind == "k3", the default',
        "  = note: a.py:3:16: the estimator [k] is here",
        "  = instead: 0.5 * d[mask] ** 2",
        "  = fix: Write k2 (unsafe)",
        "",
    ]


@pytest.mark.parametrize("format_", list(Format))
def test_the_order_of_arguments_changes_nothing(kllint: Kllint, tree: Path, format_: Format) -> None:
    for name in ("b", "a", "c/d"):
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / f"{name}.py").write_text("x = k3, k2\n")
    once = kllint(".", "--output-format", format_).out
    assert kllint("setup.py", "c", "b.py", "a.py", "--output-format", format_).out == once
