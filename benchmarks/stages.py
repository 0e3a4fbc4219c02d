"""The time of one analysis, stage by stage."""

from __future__ import annotations

import ast
import gc
import time
from typing import TYPE_CHECKING, TypeVar

from kllint.analysis import analyse
from kllint.lower.statements import lower_module
from kllint.source.discover import Kind, discover
from kllint.source.gate import parse
from kllint.source.scan import may_hold_kl
from kllint.source.text import Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Result = TypeVar("Result")


def stages(tree: Path) -> dict[str, float]:
    """Seconds by stage; what `analyse` takes beyond the first five is linking and judging."""
    spent: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Result]) -> Result:
        start = time.process_time()
        result = work()
        spent[name] = time.process_time() - start
        return result

    gc.disable()
    files = timed("discover", lambda: discover([tree])).files
    paths = [file.path for file in files if file.kind is Kind.PYTHON]
    sources = timed("read", lambda: [Source(path, _bytes(path)) for path in paths])
    gated = timed("gate", lambda: [source for source in sources if may_hold_kl(source.raw)])
    trees = timed("parse", lambda: [(source, parse(source)) for source in gated])
    fine = [(source, tree) for source, tree in trees if isinstance(tree, ast.Module)]
    timed("lower", lambda: [lower_module(source, tree) for source, tree in fine])
    front = sum(spent.values())
    timed("link and judge", lambda: analyse([tree]))  # which puts the collector of garbage back on
    spent["link and judge"] -= front
    return spent


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read()
