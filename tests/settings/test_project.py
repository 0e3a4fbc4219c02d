import subprocess
from pathlib import Path

import pytest

from kllint.settings.project import project_root

NAMES = [
    *("pyproject.toml", "a/src/m.py", "a/pyproject.toml", "b/setup.py", "out/pkg/setup.py", "out/pkg/x.py"),
    *(".venv/lib/trl/__init__.py", ".venv/lib/trl/trainer/__init__.py", ".venv/lib/trl/trainer/grpo.py"),
]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".gitignore").write_text("out/\n")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    return tmp_path


@pytest.mark.parametrize("name", [".", "a", "a/src/m.py", "b"])
def test_a_repository_is_one_project(repository: Path, name: str) -> None:
    assert project_root(repository / name) == repository


@pytest.mark.parametrize(
    ("name", "root"),
    [
        ("out/pkg/x.py", "out/pkg"),
        ("out/pkg", "out/pkg"),
        (".venv/lib/trl/trainer/grpo.py", ".venv/lib/trl"),
        (".venv/lib", ".venv/lib"),
    ],
)
def test_what_the_repository_leaves_out_is_not_of_it(repository: Path, name: str, root: str) -> None:
    assert project_root(repository / name) == repository / root


def test_without_a_repository_the_nearest_marker_counts(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/setup.py").touch()
    assert project_root(tmp_path / "a/b") == tmp_path / "a"


def test_without_a_marker_it_is_the_named_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x.py").touch()
    assert project_root(tmp_path / "a/x.py") == tmp_path / "a"
