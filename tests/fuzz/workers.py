"""Work in several processes: an item that kills its process is named, and the rest is done."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.context import BaseContext

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE = 60.0  # seconds in which no process finishes anything: then one of them hangs


class Lost:
    """In place of the result of an item whose process died of it or was stopped over it."""


class Workers(Generic[Item, Result]):
    """Applies a function of a module to items, in batches, in some processes."""

    def __init__(self, work: Callable[[Item], Result], jobs: int, patience: float = PATIENCE) -> None:
        self.work = work
        self.jobs = jobs
        self.patience = patience

    def results(self, items: Sequence[Item], batch: int) -> Iterator[tuple[Item, Result | Lost]]:
        """Each item with its result, as they are done."""
        batches = [items[at : at + batch] for at in range(0, len(items), batch)]
        left: list[Item] = []
        for part, done in self._pool(batches, self.jobs):
            if isinstance(done, Lost):
                left += part
            else:
                yield from zip(part, done, strict=True)
        # One process and one item at a time, so that it is plain which item it was.
        while left:
            one_by_one = self._pool([[item] for item in left], 1)
            left = []
            blamed = False
            for part, done in one_by_one:
                if not isinstance(done, Lost):
                    yield part[0], done[0]
                elif blamed:
                    left += part
                else:
                    blamed = True
                    yield part[0], done

    def _pool(
        self, batches: Sequence[Sequence[Item]], jobs: int
    ) -> Iterator[tuple[Sequence[Item], list[Result] | Lost]]:
        """The batches with their results; those that a broken pool left are lost, in their order."""
        pool = ProcessPoolExecutor(jobs, mp_context=_context(), initializer=_deaf)
        lost: set[int] = set()
        try:
            pending: dict[Future[list[Result]], int] = {}
            for number, part in enumerate(batches):
                try:
                    pending[pool.submit(_each, self.work, part)] = number
                except BrokenProcessPool:
                    lost.add(number)
            while pending:
                done, _ = wait(pending, self.patience, "FIRST_COMPLETED")
                if not done:
                    _stop(pool)
                for future in done:
                    number = pending.pop(future)
                    result = _outcome(future)
                    if isinstance(result, Lost):
                        lost.add(number)
                    else:
                        yield batches[number], result
        except BaseException:
            _stop(pool)
            raise
        finally:
            pool.shutdown(cancel_futures=True)
        yield from ((batches[number], Lost()) for number in sorted(lost))


def _each(work: Callable[[Item], Result], part: Sequence[Item]) -> list[Result]:
    return [work(item) for item in part]


def _outcome(future: Future[list[Result]]) -> list[Result] | Lost:
    try:
        return future.result()
    except BrokenProcessPool:
        return Lost()


def _stop(pool: ProcessPoolExecutor) -> None:
    for process in list(pool._processes.values()):  # there is no public way before 3.14
        process.kill()


def _deaf() -> None:
    """An interrupt is for the parent, which then ends its processes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _context() -> BaseContext:
    """Forking costs a tenth of starting afresh, but is safe only in a process of one thread."""
    can_fork = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if can_fork else "spawn")
