"""No item can bring down the work on the others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
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


def test_an_interrupt_ends_everything_at_once() -> None:
    script = (
        "import time\n"
        "from tests.fuzz.workers import Workers\n"
        "def work(item):\n"
        "    print('working', flush=True)\n"
        "    time.sleep(60)\n"
        "try:\n"
        "    list(Workers(work, 2).results([1, 2, 3], 1))\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted', flush=True)\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    assert run.stdout.readline().startswith("working")
    time.sleep(0.2)
    os.killpg(run.pid, signal.SIGINT)
    out, error = run.communicate(timeout=20)
    assert out.endswith("interrupted\n")
    assert "Traceback" not in error
