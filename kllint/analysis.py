"""One run: files found, gated, parsed, lowered, linked and judged."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kllint.configs.setting import File
from kllint.configs.values import ConfigValues
from kllint.findings import Analysis
from kllint.judge.inventory import sites
from kllint.judge.judging import Judge, Policy, settle
from kllint.link.linker import Linker
from kllint.load.project import Project
from kllint.source.discover import Kind, discover
from kllint.source.gate import may_hold_kl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_DEPTH = 20_000  # values nest as deep as a program is long; Python frames live on the heap


def module_names(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """Dotted names of Python files, by their folders below the root or below a source folder."""
    names: dict[str, str] = {}
    base = os.path.realpath(root)
    for path in paths:
        relative = Path(os.path.relpath(os.path.realpath(path), base))
        parts = list(relative.with_suffix("").parts)
        if parts and parts[-1] == "__init__":
            parts.pop()
        names[".".join(parts) or "__init__"] = path
    return names


def analyse(named: Sequence[Path], root: Path | None = None, policy: Policy | None = None) -> Analysis:
    """Analyses the project and reports on the named files."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _DEPTH))
    gc.disable()
    try:
        return _analyse(named, root, policy or Policy())
    finally:
        gc.enable()


def _analyse(named: Sequence[Path], root: Path | None, policy: Policy) -> Analysis:
    base = root or named[0]
    found = discover([str(base)])
    project = Project(found.files)
    python = [file.path for file in found.files if file.kind is Kind.PYTHON]
    names = module_names(Path(base), python)
    linker = Linker(names, project.load)
    gated = [dotted for dotted, path in names.items() if may_hold_kl(project.read(path))]
    project.prepare([names[dotted] for dotted in gated])
    scopes = [scope for dotted in gated if (scope := linker.scope(dotted)) is not None]
    configs = ConfigValues(
        [File(path, project.read(path)) for path in sorted(project.files) if may_set(project, path)]
    )
    for closure in linker.roots(scopes):
        linker.summary(closure)
    judge = Judge(linker, configs.lookup, policy)
    seen = {scope.path for scope in scopes}
    closures = [c for c in linker.closures if c.scope.path in seen and c.number in linker.summaries]
    candidates = [one for closure in closures for one in judge.candidates(closure)]
    findings = settle(candidates)
    inventory = {s.span: s for closure in closures for s in sites(judge, closure)}
    return Analysis(
        tuple(findings),
        tuple(sorted(inventory.values(), key=lambda s: s.span)),
        tuple(project.problems),
        tuple(python),
    )


def may_set(project: Project, path: str) -> bool:
    """Whether a file may give a selector its value."""
    file = project.files[path]
    parts = set(Path(path).parts)
    if parts & {"tests", "test"} or Path(path).name.startswith("test_"):
        return False
    return file.kind in {Kind.YAML, Kind.PYTHON, Kind.TOML} and b"kl" in project.read(path)
