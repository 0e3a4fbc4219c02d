from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from kllint.settings.options import AnalysisOptions
    from tests.cli.conftest import Done, Kllint


OPTIONS = [
    *("select", "ignore", "extend-select", "per-file-ignores", "min-severity", "min-confidence", "fail-on"),
    *(
        "exit-zero",
        "output-format",
        "output",
        "add-ignore",
        "baseline",
        "diff-base",
        "statistics",
        "category",
    ),
    *("show-files", "show-settings", "stdin-filename", "config", "isolated", "exclude", "force-exclude"),
    *("no-cache", "cache-dir", "jobs", "color", "quiet", "verbose", "project-root"),
]


def rules(done: Done) -> list[str]:
    """The path and the rule of each finding, as the format concise has them."""
    found = re.findall(r"^(.+?):\d+:\d+: (KL\d+)", done.out, re.MULTILINE)
    return [f"{path} {rule}" for path, rule in found]


def plant(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def test_check_may_go_unsaid(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"a.py": "x = k3\n"})
    assert kllint("a.py") == kllint("check", "a.py")
    assert kllint("--select", "KL102", "a.py").code == 1


def test_the_working_directory_is_the_default(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"a.py": "x = k3\n", "b/c.py": "y = k2\n"})
    assert rules(kllint("check")) == ["a.py KL102", "b/c.py KL107"]


def test_thresholds(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"a.py": "x = k1, k2, k3\n"})
    assert rules(kllint("a.py")) == ["a.py KL107", "a.py KL102"]
    assert rules(kllint("a.py", "--min-confidence", "high")) == ["a.py KL102"]
    assert rules(kllint("a.py", "--min-severity", "error")) == ["a.py KL102"]
    assert len(rules(kllint("a.py", "--min-severity", "info", "--min-confidence", "low"))) == 3
    assert "1 below --min-severity or --min-confidence" in kllint("a.py").out


def test_selection(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"a.py": "x = k2, k3\n", "tests/b.py": "x = k3\n"})
    assert rules(kllint(".", "--select", "KL107")) == ["a.py KL107"]
    assert rules(kllint(".", "--ignore", "KL102,KL2")) == ["a.py KL107"]
    assert rules(kllint(".", "--select", "KL107", "--extend-select", "KL102")) == [
        "a.py KL107",
        "a.py KL102",
        "tests/b.py KL102",
    ]
    assert rules(kllint(".", "--per-file-ignores", "tests/**:KL1")) == ["a.py KL107", "a.py KL102"]


def test_each_file_has_the_settings_closest_to_it(kllint: Kllint, tree: Path) -> None:
    plant(
        tree,
        {
            "pyproject.toml": '[tool.kllint]\nignore = ["KL107"]\n',
            "a.py": "x = k2, k3\n",
            "sub/kllint.toml": 'select = ["KL107"]\nexclude = ["gen.py"]\n[severity]\nKL1 = "error"\n',
            "sub/b.py": "x = k2, k3\n",
            "sub/gen.py": "x = k2\n",
        },
    )
    done = kllint(".")
    assert rules(done) == ["a.py KL102", "sub/b.py KL107"]
    assert "KL107 error" in done.out
    assert rules(kllint("sub")) == ["sub/b.py KL107"]
    assert rules(kllint(".", "--isolated")) == [
        f"{name} {rule}" for name in ("a.py", "sub/b.py") for rule in ("KL107", "KL102")
    ] + ["sub/gen.py KL107"]
    assert rules(kllint(".", "--config", "sub/kllint.toml")) == ["a.py KL107", "sub/b.py KL107"]
    assert rules(kllint(".", "--config", 'select = ["KL102"]')) == ["a.py KL102", "sub/b.py KL102"]


def test_settings_come_to_the_analysis(kllint: Kllint, tree: Path, options: list[AnalysisOptions]) -> None:
    plant(
        tree,
        {
            "kllint.toml": 'regime = "off-policy"\ndisabled-frameworks = ["verl"]\n[roles]\nactor = ["pi"]\n',
            "a.py": "x = 1\n",
            "b/kllint.toml": 'target = "forward"\n',
            "b/c.py": "x = 1\n",
        },
    )
    kllint(".", "--jobs", "2")
    first, second = options
    assert first.project_root == second.project_root == tree
    assert (first.regime.value, first.target.value) == ("off", "reverse")
    assert {role.value: words for role, words in first.roles.items()} == {"actor": ("pi",)}
    assert first.disabled_frameworks == {"verl"}
    assert (second.regime.value, second.target.value) == ("unknown", "forward")
    assert first.jobs == second.jobs == 2


def test_several_reports_at_once(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"a.py": "x = k3\n"})
    done = kllint("a.py", "--output", "json:r.json", "--output", "github:r.txt", "--output-format", "concise")
    assert rules(done) == ["a.py KL102"]
    assert json.loads((tree / "r.json").read_text())["findings"][0]["rule"] == "KL102"
    assert (tree / "r.txt").read_text().startswith("::error ")
    assert sorted(file.name for file in tree.iterdir()) == ["a.py", "r.json", "r.txt", "setup.py"]


def test_statistics_take_the_place_of_findings(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"a.py": "x = k2, k3, k3\n", "b.py": "x = (\n"})
    assert kllint(".", "--statistics", "-q").out.splitlines() == [
        "     2  KL102  k3-loss-without-ratio",
        "     1  KL001  unreadable-file",
        "     1  KL107  off-policy-k2-loss",
    ]


def test_the_summary_counts_and_can_be_left_out(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"a.py": "x = k2, k3, k3\n", "b.py": "x = (\n"})
    assert kllint(".").out.splitlines()[-1] == "Found 3 errors and 1 warning in 3 files."
    assert "Found" not in kllint(".", "--quiet").out


def test_show_files(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"a.py": "x = k3\n", "b/c.yaml": "", ".hidden/d.py": "", "e.txt": ""})
    assert kllint(".", "--show-files").out.splitlines() == ["a.py", "b/c.yaml", "setup.py"]
    assert kllint(".", "--show-files", "--exclude", "b/").out.splitlines() == ["a.py", "setup.py"]


def test_show_settings(kllint: Kllint, tree: Path) -> None:
    plant(
        tree,
        {
            "kllint.toml": "jobs = 3\n",
            "a.py": "",
            "b/kllint.toml": 'extend = "../kllint.toml"\n',
            "b/c.py": "",
        },
    )
    out = kllint(".", "--show-settings", "--select", "KL1").out
    assert f"# {tree}/kllint.toml\njobs = 3\n" in out
    assert f"# {tree}/b/kllint.toml\nextend" in out
    assert '# the command line\nselect = ["KL1"]\n' in out
    assert "# defaults\nextend-select = []\n" in out
    assert kllint("config", "show", "--isolated").out.startswith('# defaults\nselect = ["KL"]\n')


def test_standard_input_has_the_name_it_is_given(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"src/kllint.toml": 'ignore = ["KL107"]\n'})
    assert rules(kllint("-", stdin="x = k2, k3\n")) == ["stdin.py KL107", "stdin.py KL102"]
    assert rules(kllint("-", "--stdin-filename", "src/new.py", stdin="x = k2, k3\n")) == ["src/new.py KL102"]
    assert kllint("-", "--output-format", "full", stdin="x = k3\n").out.count("x = k3") >= 1
    assert kllint("-", stdin="x = (\n").code == 1


def test_named_files_are_excluded_only_by_force(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"kllint.toml": 'exclude = ["old/"]\n', "old/a.py": "x = k3\n"})
    assert rules(kllint("old/a.py")) == ["old/a.py KL102"]
    done = kllint("old/a.py", "--force-exclude")
    assert (done.code, rules(done)) == (0, [])


def test_comments_silence_and_are_judged(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"a.py": "x = k3  # kllint: ignore[KL102, KL107] known\ny = k3  # noqa: KL102\n"})
    done = kllint("a.py")
    assert rules(done) == ["a.py KL002"]
    assert "2 silenced by comments" in done.out
    assert rules(kllint("a.py", "--select", "KL102")) == []
    assert rules(kllint("a.py", "--ignore", "KL002")) == []
    plant(tree, {"b.py": "x = k1  # kllint: ignore[KL106] it is used, though below the threshold\n"})
    assert rules(kllint("b.py")) == []


def test_findings_of_a_notebook_are_by_cell(kllint: Kllint, tree: Path) -> None:
    cells = [{"cell_type": "markdown", "source": "#"}, {"cell_type": "code", "source": ["!ls\n", "x = k3\n"]}]
    plant(tree, {"a.ipynb": json.dumps({"cells": cells, "nbformat": 4})})
    assert kllint("a.ipynb").out.startswith("a.ipynb:cell 2:2:5: KL102")
    full = kllint("a.ipynb", "--output-format", "full").out
    assert " --> a.ipynb:cell 2:2:5" in full
    assert "2 | x = k3" in full
    (finding,) = json.loads(kllint("a.ipynb", "--output-format", "json").out)["findings"]
    assert (finding["cell"], finding["start"]) == (2, {"line": 2, "column": 5})


def test_commented_cells_of_a_notebook(kllint: Kllint, tree: Path) -> None:
    cell = {"cell_type": "code", "source": ["%time\n", "x = k3  # kllint: ignore[KL102] meant\n"]}
    plant(tree, {"a.ipynb": json.dumps({"cells": [cell], "nbformat": 4})})
    assert kllint("a.ipynb").code == 0


@pytest.mark.parametrize("name", ["--version", "-V"])
def test_version(kllint: Kllint, name: str) -> None:
    assert kllint(name).out.startswith("kllint ")


def test_help_names_every_option_of_the_design(kllint: Kllint) -> None:
    text = kllint("check", "--help").out
    assert [option for option in OPTIONS if f"--{option}" not in text] == []


def test_verbose_tells_what_is_read(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"a.py": "x = 1\n", "kllint.toml": "jobs = 1\n"})
    assert kllint("a.py", "--verbose").err == (
        f"kllint: 1 file of the project {tree}, settings from {tree}/kllint.toml\n"
    )
    assert kllint("a.py").err == ""
