"""Work in forked processes: the same results in the same order, whoever does it and whoever dies of it."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from kllint import fence
from kllint.load import forks as forks_module
from kllint.load.forks import Forks

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux alone")
HERE = os.getpid()


def _asked_nothing(*question: object) -> None:
    raise AssertionError(question)


def _square(number: int, _ask: object) -> int:
    return number * number


def _dies_elsewhere(number: int, _ask: object) -> int:
    if os.getpid() != HERE:
        os._exit(1)
    return number


def _seen(_files: int) -> None:
    pass


def _told(path: str) -> None:
    raise AssertionError(path)


def _dies() -> None:
    os._exit(1)


def _hangs() -> None:
    time.sleep(600)


def _fails_elsewhere(number: int, _ask: object) -> int:
    if os.getpid() != HERE:
        raise ValueError(number)
    return number


def test_what_fails_in_a_process_is_done_here_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    with Forks(_fails_elsewhere, _asked_nothing, [3, 1, 2], [0, 1, 2], 2, _told) as forks:
        assert forks.results(_seen) == [3, 1, 2]
    assert capfd.readouterr().err == ""


def test_results_are_in_the_order_of_the_items() -> None:
    with Forks(_square, _asked_nothing, [3, 1, 2], [1, 0, 2], 2, _told) as forks:
        assert forks.results(_seen) == [9, 1, 4]


def test_what_is_in_no_share_is_done_here() -> None:
    with Forks(_square, _asked_nothing, [3, 1, 2], [], 2, _told) as forks:
        assert forks.results(_seen) == [9, 1, 4]


def test_what_a_process_died_of_is_done_here_where_nobody_knows_why() -> None:
    with Forks(_dies_elsewhere, _asked_nothing, [3, 1, 2], [0, 1, 2], 2, _told) as forks:
        assert forks.results(_seen) == [3, 1, 2]


@pytest.mark.parametrize("end", [_dies, _hangs])
def test_the_file_that_a_process_dies_over_is_told(
    end: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forks_module, "PATIENCE", 0.2)
    monkeypatch.setattr(forks_module, "_GLANCE", 0.05)
    lost: list[str] = []

    def work(number: int, _ask: object) -> int:
        path = f"file{number}.py"
        with fence.at(path):
            if number % 2 and path not in lost:
                end()
        return number

    with Forks(work, _asked_nothing, [4, 1, 2, 3], [0, 1, 2, 3], 2, lost.append) as forks:
        assert forks.results(_seen) == [4, 1, 2, 3]
    assert sorted(lost) == ["file1.py", "file3.py"]


def test_no_number_of_files_that_kill_reaches_this_process() -> None:
    lost: list[str] = []

    def work(number: int, _ask: object) -> int:
        with fence.at(f"file{number}.py"):
            if f"file{number}.py" not in lost:
                assert os.getpid() != HERE
                _dies()
        return number

    with Forks(work, _asked_nothing, [*range(9)], [*range(9)], 2, lost.append) as forks:
        assert forks.results(_seen) == [*range(9)]
    assert len(lost) == 9


def test_how_many_files_were_read_is_shown_meanwhile() -> None:
    shown: list[int] = []

    def work(number: int, _ask: object) -> int:
        assert fence.has_read_one()
        time.sleep(0.3)
        return number

    with Forks(work, _asked_nothing, [*range(4)], [*range(4)], 2, _told) as forks:
        forks.results(shown.append)
    assert not fence.has_read_one()
    assert shown == sorted(shown)
    assert {2, 4} <= {*shown}


def test_a_free_process_takes_the_next_item() -> None:
    def work(number: int, _ask: object) -> int:
        time.sleep(0.5 if number == 0 else 0)
        return os.getpid()

    with Forks(work, _asked_nothing, [*range(9)], [*range(9)], 2, _told) as forks:
        processes = forks.results(_seen)
    assert HERE not in processes
    assert len(set(processes[1:])) == 1


def test_what_finds_no_room_in_the_pipe_is_done_here() -> None:
    with Forks(_square, _asked_nothing, [*range(20_000)], [*range(20_000)], 2, _told) as forks:
        assert forks.results(_seen) == [number * number for number in range(20_000)]


def test_what_is_asked_is_answered_here_with_what_was_learnt_meanwhile() -> None:
    asked: list[int] = []

    def answer(number: int) -> int:
        assert os.getpid() == HERE
        asked.append(number)
        return learnt[number]

    def work(number: int, ask: Callable[[int], int]) -> int:
        assert os.getpid() != HERE
        return ask(number) + ask(number)

    learnt: dict[int, int] = {}
    with Forks(work, answer, [3, 1, 2], [0, 1, 2], 2, _told) as forks:
        learnt.update({1: 10, 2: 20, 3: 30})
        assert forks.results(_seen) == [60, 20, 40]
    assert sorted(asked) == [1, 2, 3]
