"""`python -m benchmarks TREE`: kllint cold, warm and with one changed file, beside ruff, flake8 and TorchFix.

The tree is copied first and the copy linted, so that nothing in the tree is written; the other linters are installed
from PyPI for the time being. Each figure is the best of some runs, in seconds on the clock and of all processes
together; machine and versions are printed with them.
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
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.growth import by_files, by_lines
from benchmarks.others import PACKAGES, UNIT, installed
from benchmarks.stages import stages
from kllint import __version__

if TYPE_CHECKING:
    from collections.abc import Callable


class Spent(NamedTuple):
    """Seconds on the clock, and those of all processes."""

    clock: float
    work: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("tree", type=Path, help="a folder of Python projects")
    parser.add_argument("--runs", type=int, default=3, help="the best of how many runs counts (3)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "tree")
        shutil.copytree(given.tree, copy, ignore=_unused)
        files = sum(len(names) for _, _, names in os.walk(copy))
        python = platform.python_version()
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {python}, {time.strftime('%F')}")
        print(f"kllint {__version__}, {', '.join(PACKAGES.values())}")
        print(f"{given.tree}: {files:,} files\n")
        _table(_figures(copy, given.runs, installed(Path(folder))))
        print("\nBy stage, in one process without a cache:")
        _shares(stages(copy))
    print("\nGrowth, in seconds of work:")
    for what, figures in (("files", by_files(_work)), ("lines in one file", by_lines(_work))):
        print("  " + ", ".join(f"{count:,} {what}: {seconds:.2f}" for count, seconds in figures))


def _work(tree: Path, *flags: str) -> float:
    return lint(tree, *flags).work


def lint(tree: Path, *flags: str) -> Spent:
    """What one run of kllint takes."""
    return _spent(
        (sys.executable, "-m", "kllint", "check", "--quiet", "--exit-zero", "--isolated", *flags, str(tree))
    )


def _figures(tree: Path, runs: int, others: dict[str, tuple[str, ...]]) -> dict[str, Spent]:
    cache = tree.parent / "cache"
    cached = ("--cache-dir", str(cache))
    clean = tree.parent / "clean" / "clean.py"
    clean.parent.mkdir()
    clean.write_text("def add(a, b):\n    return a + b\n")
    changed = max(tree.rglob("*.py"), key=lambda path: path.stat().st_size)

    def cold() -> Spent:
        shutil.rmtree(cache, ignore_errors=True)
        return lint(tree, *cached)

    def one_changed() -> Spent:
        with changed.open("a", encoding="utf-8") as file:
            file.write("\n# changed\n")
        return lint(tree, *cached)

    measures: dict[str, Callable[[], Spent]] = {
        "bare interpreter": lambda: _spent((sys.executable, "-c", "pass")),
        "kllint --version": lambda: _spent((sys.executable, "-m", "kllint", "--version")),
        "kllint, one clean file": lambda: lint(clean, "--no-cache"),
        "kllint, no cache": lambda: lint(tree, "--no-cache"),
        "kllint, cold": cold,
        "kllint, warm": lambda: lint(tree, *cached),
        "kllint, one file changed": one_changed,
        **{name: partial(_spent, (*command, str(tree))) for name, command in others.items()},
    }
    taken = {name: [measure() for _ in range(runs)] for name, measure in measures.items()}
    return {
        name: Spent(min(one.clock for one in all_), min(one.work for one in all_))
        for name, all_ in taken.items()
    }


def _spent(command: tuple[str, ...]) -> Spent:
    start, before = time.perf_counter(), os.times()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, text=True)  # noqa: S603
    if done.returncode not in {0, 1}:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}: {done.stderr[-500:]}")
    after = os.times()
    work = after.children_user - before.children_user + after.children_system - before.children_system
    return Spent(time.perf_counter() - start, work)


def _table(figures: dict[str, Spent]) -> None:
    unit = figures[UNIT]
    print(f"  {'':28}{'clock':>8}{'x ruff':>9}{'work':>10}{'x ruff':>9}")
    for name, spent in figures.items():
        clock = f"{spent.clock:8.2f} s{spent.clock / unit.clock:7.2f}"
        print(f"  {name:28}{clock}{spent.work:8.2f} s{spent.work / unit.work:7.2f}")


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
