"""Work that is spread over copies of this process, which know all that it knows."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection

Item = TypeVar("Item")
Result = TypeVar("Result")


def can_fork() -> bool:
    """Whether a copy of this process can go on by itself: not where other threads hold locks."""
    return sys.platform == "linux" and threading.active_count() == 1


def shares(weights: Sequence[int], jobs: int) -> list[list[int]]:
    """The numbers of items in as many shares as there are jobs, alike in weight; the same every time."""
    found: list[list[int]] = [[] for _ in range(jobs)]
    loads = [0] * jobs
    for number in sorted(range(len(weights)), key=lambda number: (-weights[number], number)):
        least = loads.index(min(loads))
        found[least].append(number)
        loads[least] += weights[number]
    return [sorted(share) for share in found if share]


class Forks(Generic[Item, Result]):
    """Applies a function to items, each share of them in a process of its own, from when it is made.

    What is in no share is done here.
    """

    def __init__(
        self, work: Callable[[Item], Result], items: Sequence[Item], parts: Sequence[Sequence[int]]
    ) -> None:
        self._work = work
        self._items = items
        self._running = [(part, *self._started(part)) for part in parts]

    def results(self) -> list[Result]:
        """The results in the order of the items; what a process that died should have done is done here."""
        found: dict[int, Result] = {}
        for part, _, receiver in self._running:
            with suppress(EOFError, OSError):
                found.update(zip(part, receiver.recv(), strict=True))
        return [
            found[number] if number in found else self._work(item) for number, item in enumerate(self._items)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for _, process, _ in self._running:
            process.kill()
            process.join()

    def _started(self, part: Sequence[int]) -> tuple[multiprocessing.process.BaseProcess, Connection]:
        context = multiprocessing.get_context("fork")
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=self._run, args=(part, sender), daemon=True)
        process.start()
        sender.close()
        return process, receiver

    def _run(self, part: Sequence[int], sender: Connection) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the parent
        sender.send([self._work(self._items[number]) for number in part])
        sender.close()
