"""Work that is spread over copies of this process, which know all that it knows."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from kllint.fence import SECONDS, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE = 3 * SECONDS  # with one file, though its fence ends what takes SECONDS of computing: then it hangs
_GLANCE = 0.1
_TICKET = 4  # bytes


def can_fork() -> bool:
    """Whether a copy of this process can go on by itself: not where other threads hold locks."""
    return sys.platform == "linux" and threading.active_count() == 1


class Forks(Generic[Item, Result]):
    """Applies a function to items in further processes, from when it is made.

    There are `jobs` processes, this one among them until it asks for the results: then it has nothing else to
    do, and one more takes its place, which knows what this one has learnt meanwhile.

    `order` are the numbers of the items in the order in which whoever is free takes the next one; what is not
    among them is done here. Where a process dies or hangs over a file, `lose` is told of the file, and others
    do what it left; where nobody knows what it died of, that is done here.
    """

    def __init__(
        self,
        work: Callable[[Item], Result],
        items: Sequence[Item],
        order: Sequence[int],
        jobs: int,
        lose: Callable[[str], None],
    ) -> None:
        self._work = work
        self._items = items
        self._order = order
        self._jobs = jobs
        self._lose = lose
        self._tickets = _tickets(order)
        self._running = [self._one_more() for _ in range(min(jobs - 1, len(order)))]

    def results(self, show: Callable[[int], None]) -> list[Result]:
        """The results in the order of the items; meanwhile it shows how many files have been read."""
        found: dict[int, Result] = {}
        lost: set[str] = set()
        if len(self._running) < len(self._order):
            self._running.append(self._one_more())
        while self._running:
            places = [worker.place for worker in self._running]
            glance = partial(_tell, places, show)
            died = {worker.place.path for worker in self._running if not worker.delivers(found, glance)}
            self._running = []
            if new := sorted(died - lost - {""}):
                for path in new:
                    self._lose(path)
                lost.update(new)
                self._running = self._anew([number for number in self._order if number not in found])
        return [
            found[number] if number in found else self._work(item) for number, item in enumerate(self._items)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self._tickets)
        for worker in self._running:
            worker.end()

    def _anew(self, order: Sequence[int]) -> list[_Worker[Result]]:
        os.close(self._tickets)
        self._tickets = _tickets(order)
        return [self._one_more() for _ in range(min(self._jobs, len(order)))]

    def _one_more(self) -> _Worker[Result]:
        context = multiprocessing.get_context("fork")
        receiver, sender = context.Pipe(duplex=False)
        place = Place()
        process = context.Process(target=self._run, args=(sender, place), daemon=True)
        process.start()
        sender.close()
        return _Worker(process, receiver, place)

    def _run(self, sender: Connection, place: Place) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the parent
        with suppress(Exception), place.told():  # what fails here fails again in the parent, which says so
            sender.send(dict(self._done()))
        sender.close()

    def _done(self) -> Iterator[tuple[int, Result]]:
        while ticket := os.read(self._tickets, _TICKET):
            number = int.from_bytes(ticket, "big")
            yield number, self._work(self._items[number])


def _tell(places: Sequence[Place], show: Callable[[int], None]) -> None:
    show(sum(place.files for place in places))


def _tickets(order: Sequence[int]) -> int:
    """A pipe from which each reader takes the next number; it holds 16,000 of them, and more are left to the parent."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):
        for number in order:
            os.write(writer, number.to_bytes(_TICKET, "big"))
    os.close(writer)
    return reader


@dataclass(frozen=True, slots=True)
class _Worker(Generic[Result]):
    """Another process, and the file that it is at."""

    process: BaseProcess
    receiver: Connection
    place: Place

    def delivers(self, found: dict[int, Result], glance: Callable[[], None]) -> bool:
        """Waits for the results and adds them to what was found; False if the process dies or hangs."""
        try:
            seen, since = "", time.monotonic()
            while not self.receiver.poll(_GLANCE):
                glance()
                path = self.place.path
                if path != seen:
                    seen, since = path, time.monotonic()
                elif time.monotonic() - since > PATIENCE:
                    return False
            found.update(self.receiver.recv())
        except (EOFError, OSError):
            return False
        else:
            return True
        finally:
            self.end()

    def end(self) -> None:
        """Leave no process behind."""
        self.process.kill()
        self.process.join()
        self.receiver.close()
