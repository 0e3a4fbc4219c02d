"""The commands other than check and baseline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kllint.rules.registry import RULES
from kllint.settings.keys import KEYS
from kllint.settings.schema import schema
from tests.cli.test_check import plant

if TYPE_CHECKING:
    from tests.cli.conftest import Kllint

ROOT = Path(__file__).parents[2]


def test_inventory_lists_every_term(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"a.py": "def f():\n    return k3, k1\n", "b.py": "x = (\n"})
    done = kllint("inventory")
    assert done.code == 1  # one file was not read
    header, rule, *rows = done.out.splitlines()
    assert header.split()[:3] == ["place", "function", "estimator"]
    assert set(rule) == {"─", " "}
    assert [row.split()[:3] for row in rows[:2]] == [["a.py:2:12", "f", "k3"], ["a.py:2:16", "f", "k2"]]
    assert "b.py:1:5: KL001 error: not valid Python: '(' was never closed" in rows
    assert rows[-1] == "2 KL terms in 3 files."


def test_an_empty_inventory_says_so(kllint: Kllint, tree: Path) -> None:
    assert kllint("inventory").out == "0 KL terms in 1 file.\n"


def test_trace_shows_the_way(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"a.py": "kind = 1\ndef f():\n    return k3\n"})
    done = kllint("trace", "a.py:3")
    assert done.code == 0
    for line in (
        "a.py:3:12 in f",
        "3 |     return k3",
        "  value: exp(-d) - 1 + d",
        "  derivative: 1 - exp(-d), with respect to log q",
        '  only when: kind == "k3"',
        '  KL102 error: k3 of lp[mask] is wrong (when kind == "k3")',
        'a.py:3:12: k3 on its way to the loss in f, when kind == "k3"',
        "  1. a.py:1:1: log-probs",
        "     | kind = 1",
        "  2. a.py:3:12: the loss",
        "     | return k3",
        "     value: exp(-d) - 1 + d",
        "     derivative: 1 - exp(-d)",
    ):
        assert line in done.out.splitlines()
    assert kllint("trace", "a.py:3:12") == done  # as it is written in a report


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("a.py:2", "a.py:2: no KL term is found there\n  there are some on line 3"),
        ("b.py:1", "b.py:1: no KL term is found there\n  there is none in this file"),
        ("a.py", "a.py: not a file and a line\n  write FILE:LINE"),
        ("gone.py:1", "gone.py: no such file or folder"),
    ],
)
def test_trace_of_nothing_is_wrong_use(kllint: Kllint, tree: Path, place: str, error: str) -> None:
    plant(tree, {"a.py": "\n\nx = k3\n", "b.py": ""})
    done = kllint("trace", place)
    assert done.code == 2
    assert done.err.startswith(f"kllint: {error}")


def test_rules_are_listed(kllint: Kllint) -> None:
    lines = kllint("rule").out.splitlines()
    assert [line.split()[0] for line in lines] == list(RULES)
    assert all(RULES[line.split()[0]].summary in line for line in lines)


@pytest.mark.parametrize("word", ["KL102", "kl102", "k3-loss-without-ratio"])
def test_a_rule_is_explained(kllint: Kllint, word: str) -> None:
    rule = RULES["KL102"]
    assert kllint("rule", word).out == f"{rule.doc.rstrip()}\n\n{rule.url}\n"
    (made,) = json.loads(kllint("rule", word, "--output-format", "json").out)
    assert (made["code"], made["severity"], made["doc"]) == ("KL102", "error", rule.doc)


def test_an_unknown_rule_is_wrong_use(kllint: Kllint) -> None:
    done = kllint("rule", "KL1O2")
    assert (done.code, done.out) == (2, "")
    assert done.err == "kllint: no rule KL1O2; did you mean KL112?\n  `kllint rule` lists all rules\n"


def test_config_tells_keys_and_schema(kllint: Kllint) -> None:
    assert [line.split()[0] for line in kllint("config", "keys").out.splitlines()] == list(KEYS)
    assert json.loads(kllint("config", "schema").out) == schema()


@pytest.mark.parametrize(
    ("words", "expected"),
    [("kllint in", "inventory"), ("kllint check --out", "--output-format"), ("kllint a.py --se", "--select")],
)
def test_shells_complete_commands_and_options(words: str, expected: str) -> None:
    count = len(words.split()) - 1
    variables = {"_KLLINT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(count)}
    done = _python("from kllint.cli.app import main; main()", **variables)
    assert expected in done


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_shells_get_their_completion(shell: str) -> None:
    assert "_KLLINT_COMPLETE" in _python(
        "from kllint.cli.app import main; main()", _KLLINT_COMPLETE=f"{shell}_source"
    )


@pytest.mark.parametrize("module", ["rich", "libcst", "yaml", "kllint.rules.registry", "kllint.lower"])
def test_nothing_heavy_is_imported_for_a_version(module: str) -> None:
    code = f"""
import sys
sys.argv = ["kllint", "--version"]
from kllint.cli.app import main
try:
    main()
except SystemExit:
    print("{module}" in sys.modules)
"""
    assert _python(code).endswith("False\n")


@pytest.mark.parametrize("settings", ["", '[project]\nname = "x"\n', "[tool.kllint]\njobs = 1\n"])
@pytest.mark.parametrize("option", ["--no-cache", "--cache-dir=cache"])
def test_nothing_heavy_is_imported_for_a_file_without_kl(tree: Path, settings: str, option: str) -> None:
    plant(tree, {"a.py": "def add(a, b):\n    return a + b\n", "pyproject.toml": settings})
    code = f"""
import sys
sys.argv = ["kllint", "a.py", "{option}"]
from kllint.cli.app import main
try:
    main()
except SystemExit:
    print({HEAVY} & set(sys.modules))
"""
    for _ in range(2):  # without a remembered result, and with it
        assert _python(code, folder=tree) == "All clear: nothing found in 1 file.\nset()\n"


HEAVY = {
    "kllint.core",
    "kllint.ir",
    "kllint.judge",
    "kllint.link",
    "kllint.lower",
    "kllint.configs.readers",
    "kllint.configs.schema",
    "kllint.rules",
    "kllint.theory.fit",
    "libcst",
    "rich",
    "yaml",
    "asyncio",
    "multiprocessing",
    "concurrent.futures",
    "importlib.metadata",
    "email",
    "dataclasses",
    "difflib",
    "shutil",
    "tempfile",
}


@pytest.mark.parametrize("format_", ["concise", "json", "full", "github"])
@pytest.mark.parametrize("module", ["rich", "libcst"])
def test_reports_need_no_rich_and_no_libcst(tree: Path, format_: str, module: str) -> None:
    plant(tree, {"a.py": "x = k3\n"})
    code = f"""
import sys, pytest
from tests import stub
stub.install(pytest.MonkeyPatch())
before = "{module}" in sys.modules
sys.argv = ["kllint", "a.py", "--output-format", "{format_}"]
from kllint.cli.app import main
try:
    main()
except SystemExit:
    print(not before and "{module}" in sys.modules)
"""
    assert _python(code, folder=tree).endswith("False\n")


def _python(code: str, folder: Path = ROOT, **variables: str) -> str:
    environment = {**os.environ, **variables, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout
