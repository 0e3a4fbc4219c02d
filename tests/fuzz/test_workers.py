"""No item can bring down the work on the others."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.fuzz.workers import Lost, Workers


def answer(item: str) -> str:
    match item:
        case "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        case "leaves":
            os._exit(3)
        case "hangs":
            time.sleep(600)
    return item.upper()


@pytest.mark.parametrize("bad", [[], ["dies"], ["dies", "leaves"], ["hangs"]])
@pytest.mark.parametrize("batch", [1, 4])
def test_the_culprits_are_named_and_the_rest_is_done(bad: list[str], batch: int) -> None:
    good = [f"item{number}" for number in range(12)]
    items = [*good[:5], *bad, *good[5:]]
    workers = Workers(answer, 2, patience=1.0 if "hangs" in bad else 30.0)
    results = dict(workers.results(items, batch))
    assert [item for item, result in results.items() if isinstance(result, Lost)] == bad
    assert {item: result for item, result in results.items() if item in good} == {
        item: item.upper() for item in good
    }
