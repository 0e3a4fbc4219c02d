"""Work in forked processes: the same results in the same order, whoever does it and whoever dies of it."""

from __future__ import annotations

import os
import sys

import pytest

from kllint.load.forks import Forks, shares

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux alone")
HERE = os.getpid()


def _square(number: int) -> int:
    return number * number


def _dies_elsewhere(number: int) -> int:
    if os.getpid() != HERE:
        os._exit(1)
    return number


def test_results_are_in_the_order_of_the_items() -> None:
    with Forks(_square, [3, 1, 2], [[1], [0, 2]]) as forks:
        assert forks.results() == [9, 1, 4]


def test_what_is_in_no_share_is_done_here() -> None:
    with Forks(_square, [3, 1, 2], []) as forks:
        assert forks.results() == [9, 1, 4]


def test_what_a_process_died_of_is_done_here() -> None:
    with Forks(_dies_elsewhere, [3, 1, 2], [[0], [1, 2]]) as forks:
        assert forks.results() == [3, 1, 2]


def test_shares_are_alike_in_weight() -> None:
    assert shares([5, 1, 3, 3], 2) == [[0, 1], [2, 3]]
    assert shares([5], 2) == [[0]]
    assert shares([], 2) == []
