"""Work that is spread over copies of this process, which know all that it knows."""

from __future__ import annotations

import mmap
import multiprocessing
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from kllint.fence import SECONDS, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE = 3 * SECONDS  # with one file, though its fence ends what takes SECONDS of computing: then it hangs
_GLANCE = 1.0
_TICKET = 4  # bytes


def can_fork() -> bool:
    """Whether a copy of this process can go on by itself: not where other threads hold locks."""
    return sys.platform == "linux" and threading.active_count() == 1


class Forks(Generic[Item, Result]):
    """Applies a function to items in further processes, from when it is made.

    `order` are the numbers of the items in the order in which whoever is free takes the next one; what is not
    among them is done here. Where a process dies or hangs over a file, `lose` is told of the file, and what it
    had taken is done anew by another process; where nobody knows what it died of, it is done here.
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
        self._lose = lose
        tickets = _tickets(order)
        self._running = [self._started(tickets) for _ in range(min(jobs, len(order)))]
        os.close(tickets)

    def results(self) -> list[Result]:
        """The results in the order of the items."""
        found: dict[int, Result] = {}
        lost: set[str] = set()
        while self._running:
            worker = self._running.pop(0)
            results = worker.results()
            if results is not None:
                found.update(results)
            elif (path := worker.place.path) and path not in lost:
                lost.add(path)
                self._lose(path)
                tickets = _tickets([number for number, taken in enumerate(worker.taken) if taken])
                self._running.append(self._started(tickets))
                os.close(tickets)
        return [
            found[number] if number in found else self._work(item) for number, item in enumerate(self._items)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for worker in self._running:
            worker.end()

    def _started(self, tickets: int) -> _Worker[Result]:
        context = multiprocessing.get_context("fork")
        receiver, sender = context.Pipe(duplex=False)
        place, taken = Place(), mmap.mmap(-1, len(self._items))
        process = context.Process(target=self._run, args=(tickets, sender, place, taken), daemon=True)
        process.start()
        sender.close()
        return _Worker(process, receiver, place, taken)

    def _run(self, tickets: int, sender: Connection, place: Place, taken: mmap.mmap) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the parent
        with suppress(Exception), place.told():  # what fails here fails again in the parent, which says so
            sender.send(dict(self._done(tickets, taken)))
        sender.close()

    def _done(self, tickets: int, taken: mmap.mmap) -> Iterator[tuple[int, Result]]:
        while ticket := os.read(tickets, _TICKET):
            number = int.from_bytes(ticket, "big")
            taken[number] = 1
            yield number, self._work(self._items[number])


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
    """Another process, the file that it is at, and a byte for each item that it has taken."""

    process: BaseProcess
    receiver: Connection
    place: Place
    taken: mmap.mmap

    def results(self) -> dict[int, Result] | None:
        """The results; None if the process dies or hangs."""
        try:
            seen, since = "", time.monotonic()
            while not self.receiver.poll(_GLANCE):
                path = self.place.path
                if path != seen:
                    seen, since = path, time.monotonic()
                elif time.monotonic() - since > PATIENCE:
                    return None
            found: dict[int, Result] = self.receiver.recv()
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
