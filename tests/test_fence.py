"""What goes wrong in the work on one file is that file's problem: the others are judged as if nothing had been."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kllint import fence
from kllint.analysis import analyse
from kllint.configs.lint import _Run
from kllint.fence import Fence, TooSlow, ends_at, watched
from kllint.judge import inventory
from kllint.judge.judging import Judge
from kllint.judge.reach import Reach
from kllint.link.linker import Linker
from kllint.load import lowering
from kllint.settings.options import AnalysisOptions
from tests.linting import plant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kllint.findings import Analysis

WRONG = """
import torch


def {name}_kl_loss(logp, ref_logp):
    kl = torch.exp(ref_logp - logp) - 1 - (ref_logp - logp)
    return kl.mean()
"""
FILES = {f"{name}.py": WRONG.format(name=name) for name in ("bad", "good", "next")}
CONFIG = {
    f"{name}.yaml": "algorithm:\n  kl_ctrl: {type: fixed}\nactor:\n  use_kl_loss: true\n"
    for name in ("bad", "good")
}


def linted(folder: Path, cache: Path | None = None) -> Analysis:
    plant(folder, FILES | CONFIG)
    named = [folder / name for name in FILES | CONFIG]
    return analyse(named, AnalysisOptions(folder, jobs=1, cache_folder=cache))


def of(found: Analysis, name: str) -> list[tuple[str, int]]:
    return [(one.rule, one.span.start) for one in found.findings if Path(one.span.path).name == name]


def spin(*_: object) -> None:
    """What never ends, and has a handler of its own for whatever goes wrong."""
    while True:
        with suppress(Exception):
            sum(range(1000))


def fail(*_: object) -> None:
    raise KeyError("something\nlong")


def dig(*_: object) -> None:
    dig()


STAGES: dict[str, tuple[object, str, Callable[..., str]]] = {
    "lower": (lowering, "lower_outlined", lambda source, *_: source.path),
    "declare": (Linker, "declare_all", lambda _, scope, __: scope.path),
    "link": (Linker, "summarise", lambda _, closure: closure.scope.path),
    "judge": (Judge, "findings", lambda _, one, *__: one.sink.span.path),
    "inventory": (inventory, "entries_of", lambda _, closure: closure.scope.path),
    "uses": (Reach, "ends_of", lambda _, closure: closure.scope.path),
    "configuration": (_Run, "judge", lambda _, unit: unit.path),
}


def break_stage(monkeypatch: pytest.MonkeyPatch, stage: str, broken: Callable[..., None]) -> None:
    """Make a stage of the analysis go wrong in the files called `bad`."""
    where, name, path_of = STAGES[stage]
    works: Callable[..., Any] = getattr(where, name)

    def breaks(*given: Any) -> Any:
        if Path(path_of(*given)).stem == "bad":
            broken()
        return works(*given)

    monkeypatch.setattr(where, name, breaks)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (fail, "internal error: KeyError: 'something\\nlong' (test_fence.py:"),
        (dig, fence.TOO_DEEP),
        (spin, "not done after 0.5 s of computing"),
    ],
)
def test_one_problem_for_the_file_and_the_rest_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str, broken: Callable[..., None], reason: str
) -> None:
    whole = linted(tmp_path)
    monkeypatch.setattr(fence, "SECONDS", 0.5)
    break_stage(monkeypatch, stage, broken)
    found = linted(tmp_path)
    (problem,) = found.problems
    assert Path(problem.path).stem == "bad"
    assert problem.reason.startswith(reason)
    assert of(whole, "good.py") == of(whole, "next.py") != []
    assert of(found, "good.py") == of(found, "next.py") == of(whole, "good.py")
    assert of(found, "good.yaml") == of(whole, "good.yaml")


def test_what_may_pass_is_not_kept_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(fence, "SECONDS", 0.5)
        break_stage(patched, "link", spin)
        assert linted(tmp_path / "tree", tmp_path / "cache").problems
    assert linted(tmp_path / "tree", tmp_path / "cache").problems == ()


def yields(work: Callable[[], None]) -> Iterator[int]:
    yield 1
    work()
    yield 2


def test_the_time_of_a_file_is_all_it_has() -> None:
    one = Fence(0.3)
    with watched():
        assert one.alone("a.py", yields, spin) == []
        assert one.alone("a.py", yields, lambda: None) == []
        assert one.alone("b.py", yields, lambda: None) == [1, 2]
    assert [problem.path for problem in one.problems] == ["a.py"]


def test_work_inside_has_the_time_of_the_file_that_needs_it() -> None:
    one = Fence(0.3)
    with watched():
        assert one.alone("a.py", yields, lambda: one.within("b.py", spin, None)) == []
    assert [problem.path for problem in one.problems] == ["a.py"]


def test_fences_stand_inside_each_other() -> None:
    with watched(), ends_at(0.0):
        with watched(), ends_at(float("inf")):
            sum(range(10_000_000))
        with pytest.raises(TooSlow):
            spin()


def test_without_signals_there_is_no_clock_but_a_fence() -> None:
    found: list[list[int]] = []

    def work() -> None:
        with watched():
            found.append(Fence(0.0001).alone("a.py", yields, lambda: None))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [[1, 2]]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the stack of C has its size for good")
def test_nesting_in_c_is_an_error_and_not_the_end() -> None:
    script = (
        "from kllint.fence import dig\n"
        "dig()\n"
        "def nest():\n"
        "    sorted([1], key=lambda _: nest())\n"
        "try:\n"
        "    nest()\n"
        "except RecursionError:\n"
        "    print('told')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("told\n", 0)
