"""`python -m benchmarks TREE`: kllint cold, warm and with one changed file, beside `ruff check --no-cache`.

The tree is copied first and the copy linted, so that nothing in the tree is written. Each figure is the
best of some runs; machine and versions are printed with them.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.growth import by_files, by_lines
from benchmarks.stages import stages

if TYPE_CHECKING:
    from collections.abc import Callable

_OTHERS = {
    "ruff check --no-cache": ("ruff", "check", "--no-cache", "--quiet", "--exit-zero", "--isolated"),
    "flake8": ("flake8", "--exit-zero", "--isolated", "--quiet"),
    "torchfix": ("torchfix", "--select=ALL"),
}
_UNIT = "ruff check --no-cache"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("tree", type=Path, help="a folder of Python projects")
    parser.add_argument("--runs", type=int, default=3, help="the best of how many runs counts (3)")
    parser.add_argument("--others", nargs="*", default=[_UNIT], choices=[*_OTHERS], help="linters beside it")
    parser.add_argument("--growth", action="store_true", help="also how the time grows with files and lines")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "tree")
        shutil.copytree(given.tree, copy, ignore=_unused)
        files = sum(len(names) for _, _, names in os.walk(copy))
        python = platform.python_version()
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {python}, {time.strftime('%F')}")
        print(f"{given.tree}: {files:,} files\n")
        _table(_figures(copy, given.runs, given.others))
        print("\nBy stage, in one process without a cache:")
        _shares(stages(copy))
    if given.growth:
        print("\nGrowth, seconds:")
        for what, figures in (("files", by_files(lint)), ("lines in one file", by_lines(lint))):
            print("  " + ", ".join(f"{count:,} {what}: {seconds:.2f}" for count, seconds in figures))


def lint(tree: Path, *flags: str) -> float:
    """The seconds that one run of kllint takes."""
    return _seconds(
        (sys.executable, "-m", "kllint", "check", "--quiet", "--exit-zero", "--isolated", *flags, str(tree))
    )


def _figures(tree: Path, runs: int, others: list[str]) -> dict[str, float]:
    cache = tree.parent / "cache"
    cached = ("--cache-dir", str(cache))
    changed = max(tree.rglob("*.py"), key=lambda path: path.stat().st_size)

    def cold() -> float:
        shutil.rmtree(cache, ignore_errors=True)
        return lint(tree, *cached)

    def one_changed() -> float:
        with changed.open("a", encoding="utf-8") as file:
            file.write("\n# changed\n")
        return lint(tree, *cached)

    measures: dict[str, Callable[[], float]] = {
        "bare interpreter": lambda: _seconds((sys.executable, "-c", "pass")),
        "kllint --version": lambda: _seconds((sys.executable, "-m", "kllint", "--version")),
        "kllint, no cache": lambda: lint(tree, "--no-cache"),
        "kllint, cold": cold,
        "kllint, warm": lambda: lint(tree, *cached),
        "kllint, one file changed": one_changed,
        **{name: lambda name=name: _seconds((*_OTHERS[name], str(tree))) for name in others},  # type: ignore[misc]
    }
    return {name: min(measure() for _ in range(runs)) for name, measure in measures.items()}


def _seconds(command: tuple[str, ...]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, text=True)  # noqa: S603
    if done.returncode not in {0, 1}:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}: {done.stderr[-500:]}")
    return time.perf_counter() - start


def _table(figures: dict[str, float]) -> None:
    unit = figures.get(_UNIT)
    for name, seconds in figures.items():
        ratio = f"{seconds / unit:8.2f} x ruff" if unit else ""
        print(f"  {name:28}{seconds:8.2f} s{ratio}")


def _shares(seconds: dict[str, float]) -> None:
    total = sum(seconds.values())
    for name, spent in seconds.items():
        print(f"  {name:28}{spent:8.2f} s{spent / total:8.0%}")


def _unused(folder: str, names: list[str]) -> list[str]:
    """What no linter would read, and links, which might lead out of the tree."""
    paths = [Path(folder, name) for name in names]
    kept = {".py", ".pyi", ".ipynb", ".yaml", ".yml", ".toml", ".json", ".sh"}
    return [
        path.name
        for path in paths
        if path.name == ".git" or path.is_symlink() or (path.is_file() and path.suffix not in kept)
    ]


if __name__ == "__main__":
    main()
