"""Work that is spread over copies of this process, which know all that it knows."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from kllint.fence import SECONDS, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE = 3 * SECONDS  # with one file, though its fence ends what takes SECONDS of computing: then it hangs
_GLANCE = 1.0


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

    What is in no share is done here. Where a process dies or hangs over a file, `lose` is told of the file, and
    its share is done anew by another process; where nobody knows what it died of, it is done here.
    """

    def __init__(
        self,
        work: Callable[[Item], Result],
        items: Sequence[Item],
        parts: Sequence[Sequence[int]],
        lose: Callable[[str], None],
    ) -> None:
        self._work = work
        self._items = items
        self._lose = lose
        self._running = [self._started(part) for part in parts]

    def results(self) -> list[Result]:
        """The results in the order of the items."""
        found: dict[int, Result] = {}
        lost: set[str] = set()
        while self._running:
            share = self._running.pop(0)
            results = share.results()
            if results is not None:
                found.update(zip(share.part, results, strict=True))
            elif (path := share.place.path) and path not in lost:
                lost.add(path)
                self._lose(path)
                self._running.append(self._started(share.part))
        return [
            found[number] if number in found else self._work(item) for number, item in enumerate(self._items)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for share in self._running:
            share.end()

    def _started(self, part: Sequence[int]) -> _Share[Result]:
        context = multiprocessing.get_context("fork")
        receiver, sender = context.Pipe(duplex=False)
        place = Place()
        process = context.Process(target=self._run, args=(part, sender, place), daemon=True)
        process.start()
        sender.close()
        return _Share(part, process, receiver, place)

    def _run(self, part: Sequence[int], sender: Connection, place: Place) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the parent
        with place.told():
            sender.send([self._work(self._items[number]) for number in part])
        sender.close()


@dataclass(frozen=True, slots=True)
class _Share(Generic[Result]):
    """Some items that another process is at, and the file that it is at."""

    part: Sequence[int]
    process: BaseProcess
    receiver: Connection
    place: Place

    def results(self) -> list[Result] | None:
        """The results; None if the process dies or hangs."""
        try:
            seen, since = "", time.monotonic()
            while not self.receiver.poll(_GLANCE):
                path = self.place.path
                if path != seen:
                    seen, since = path, time.monotonic()
                elif time.monotonic() - since > PATIENCE:
                    return None
            found: list[Result] = self.receiver.recv()
        except (EOFError, OSError):
            return None
        else:
            return found
        finally:
            self.end()

    def end(self) -> None:
        """Leave no process behind."""
        self.process.kill()
        self.process.join()
        self.receiver.close()
