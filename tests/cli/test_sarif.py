from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from kllint.report.formats import sarif
from tests.report.code_scanning import LINK, complaints

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Kllint


@pytest.fixture
def repository(tree: Path) -> Path:
    subprocess.run(["git", "init", "-q", tree], check=True)
    return tree


def log_of(kllint: Kllint, repository: Path, *arguments: str) -> dict[str, Any]:
    """The log of a run, once nothing is wrong with it."""
    text = kllint(*arguments, "--output-format", "sarif").out
    assert complaints(text, repository) == []
    log: dict[str, Any] = json.loads(text)
    return log["runs"][0]  # type: ignore[no-any-return]


def test_a_log_is_as_code_scanning_wants_it(kllint: Kllint, repository: Path) -> None:
    (repository / "a.py").write_text('if kind == "x":\n    def f():\n        return "😀", k3\n')
    (repository / "b.py").write_text("x = k2  # kllint: ignore[KL107] meant\n")
    run = log_of(kllint, repository, ".")
    (result,) = run["results"]
    assert result["ruleId"] == "KL102"
    assert result["level"] == "error"
    location = result["locations"][0]
    assert location["physicalLocation"]["region"] == {
        "startLine": 3,
        "startColumn": 21,
        "endLine": 3,
        "endColumn": 23,
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "f", "kind": "function"}]
    said, link = result["message"]["text"].split("default. ")
    assert said == 'k3 of lp\\[mask\\] is wrong. Only when kind == "k3", the '
    assert link == "[the estimator \\[k\\] is here](1)."
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["message"]["text"] for step in steps] == ["log-probs", "the loss"]
    assert result["fixes"][0]["artifactChanges"][0]["replacements"] == [
        {"deletedRegion": location["physicalLocation"]["region"], "insertedContent": {"text": "k2"}}
    ]
    assert run["automationDetails"]["id"] == "kllint/"


def test_paths_are_those_of_the_repository(
    kllint: Kllint, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "pro ject/ä#%[x].py"
    (repository / name).parent.mkdir()
    (repository / name).write_text("x = k3\n")
    (repository / "link").symlink_to(repository / "pro ject", target_is_directory=True)
    monkeypatch.chdir(repository / "pro ject")
    for path in (".", str(repository / "link")):
        (result,) = log_of(kllint, repository, path)["results"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri == "pro%20ject/%C3%A4%23%25%5Bx%5D.py"


def test_a_notebook_is_counted_in_lines_of_its_file(kllint: Kllint, repository: Path) -> None:
    cells = [{"cell_type": "code", "source": ["y = 1\n", 'x = "é", k3\n']}]
    file = repository / "a.ipynb"
    file.write_text(json.dumps({"cells": cells, "nbformat": 4}, indent=1))
    (result,) = log_of(kllint, repository, "a.ipynb")["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    line = file.read_text().splitlines()[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "k3"
    assert "fixes" not in result  # its text would have to be JSON


@pytest.mark.parametrize("raw", [b"k3 = '\xff'\n", "# coding: latin-1\nx = 'é', k3\n".encode("latin-1")])
def test_odd_encodings_keep_the_log_valid(kllint: Kllint, repository: Path, raw: bytes) -> None:
    (repository / "a.py").write_bytes(b"\xef\xbb\xbfy = k2\r\n")
    (repository / "b.py").write_bytes(raw)
    log_of(kllint, repository, ".")


def test_unread_files_are_notifications(kllint: Kllint, repository: Path) -> None:
    (repository / "a.py").write_text("x = 1\ny = [\n")
    run = log_of(kllint, repository, ".")
    assert run["results"] == []
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["level"] == "error"
    assert notification["message"]["text"] == "not valid Python: '\\[' was never closed"
    assert notification["locations"][0]["physicalLocation"]["region"]["startLine"] == 2


def test_a_category_can_be_set(kllint: Kllint, repository: Path) -> None:
    assert (
        log_of(kllint, repository, ".", "--category", "kllint/core")["automationDetails"]["id"]
        == "kllint/core/"
    )


def test_all_rules_are_described(kllint: Kllint, repository: Path) -> None:
    from kllint.rules.registry import RULES  # noqa: PLC0415

    rules = log_of(kllint, repository, ".")["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)


def test_limits_are_kept_and_said(kllint: Kllint, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 2)
    (repository / "a.py").write_text("x = k2, k2, k3\n")
    run = log_of(kllint, repository, ".")
    assert [result["ruleId"] for result in run["results"]] == ["KL102", "KL107"]
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("3 findings, of which the 2 gravest are in this file")


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda run: run.pop("columnKind"), "columnKind"),
        (lambda run: run["results"][0].update(suppressions=[{"kind": "inSource"}]), "open alerts"),
        (lambda run: run["results"][0]["message"].update(text="no link"), "only if the message links it"),
        (lambda run: run["results"][0]["partialFingerprints"].clear(), "another fingerprint"),
        (lambda run: run["results"][0].update(level="fatal"), "schema"),
        (lambda run: run["tool"]["driver"]["rules"][0]["help"].update(markdown=""), "no help"),
    ],
)
def test_the_checker_sees_damage(kllint: Kllint, repository: Path, damage: Any, complaint: str) -> None:
    (repository / "a.py").write_text("x = k3\n")
    log = json.loads(kllint(".", "--output-format", "sarif").out)
    damage(log["runs"][0])
    assert any(complaint in said for said in complaints(json.dumps(log), repository))


def test_links_are_told_from_brackets() -> None:
    assert LINK.findall("lp\\[mask\\](1) [here \\[x\\]](2)") == ["2"]
