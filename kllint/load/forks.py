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
from functools import cache
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Self, TypeVar

from kllint.fence import SECONDS, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Item = TypeVar("Item")
Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
Result = TypeVar("Result")

PATIENCE = 3 * SECONDS  # with one file, though its fence ends what takes SECONDS of computing: then it hangs
_GLANCE = 0.1
_TICKET = 4  # bytes


def can_fork() -> bool:
    """Whether a copy of this process can go on by itself: not where other threads hold locks."""
    return sys.platform == "linux" and threading.active_count() == 1


class Forks(Generic[Item, Asked, Answer, Result]):
    """Applies a function to items in further processes, from when it is made.

    There are `jobs` of them beside this one, which goes on with something else until it asks for the results.
    From then on it answers what the others ask, so that what it has learnt meanwhile is known to all.

    `order` are the numbers of the items in the order in which whoever is free takes the next one; what is not
    among them is done here. Where a process dies or hangs over a file, `lose` is told of the file, and others
    do what it left; where nobody knows what it died of, that is done here.
    """

    def __init__(
        self,
        work: Callable[[Item, Callable[Asked, Answer]], Result],
        answer: Callable[Asked, Answer],
        items: Sequence[Item],
        order: Sequence[int],
        jobs: int,
        lose: Callable[[str], None],
    ) -> None:
        self._work = work
        self._answer = answer
        self._items = items
        self._jobs = jobs
        self._order = order
        self._lose = lose
        self._running: list[_Worker[Result]] = []
        self._tickets = _tickets(order)
        self._start(len(order))

    def results(self, show: Callable[[int], None]) -> list[Result]:
        """The results in the order of the items; meanwhile it shows how many files have been read."""
        found: dict[int, Result] = {}
        lost: set[str] = set()
        while self._running:
            new = sorted(self._hear(found, show) - lost - {""})
            for path in new:
                self._lose(path)
            lost.update(new)
            if new:
                os.close(self._tickets)
                left = [number for number in self._order if number not in found]
                self._tickets = _tickets(left)
                self._start(len(left))
        return [
            found[number] if number in found else self._work(item, self._answer)
            for number, item in enumerate(self._items)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self._tickets)
        for worker in self._running:
            worker.end()

    def _start(self, items: int) -> None:
        """Start as many processes as there is work for."""
        context = multiprocessing.get_context("fork")
        for _ in range(min(self._jobs, items)):
            ours, theirs = context.Pipe()
            place = Place()
            process = context.Process(target=self._run, args=(theirs, ours, place), daemon=True)
            process.start()
            theirs.close()
            self._running.append(_Worker(process, ours, place))

    def _hear(self, found: dict[int, Result], show: Callable[[int], None]) -> set[str]:
        """Answers and gathers until all processes have ended; gives the files over which some died or hung."""
        died: set[str] = set()
        places = [worker.place for worker in self._running]
        while self._running:
            show(sum(place.files for place in places))
            speaking = wait([worker.connection for worker in self._running], _GLANCE)
            for worker in tuple(self._running):
                try:
                    done = worker.connection in speaking and worker.delivers(found, self._answer)
                    if not done:
                        worker.is_at_work()
                except (EOFError, OSError):
                    died.add(worker.place.path)
                    done = True
                if done:
                    self._running.remove(worker)
                    worker.end()
        return died

    def _run(self, connection: Connection, other_end: Connection, place: Place) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the parent
        for end in (other_end, *(worker.connection for worker in self._running)):
            end.close()  # or else nobody would see that the parent has gone
        with suppress(Exception), place.told():  # what fails here fails again in the parent, which says so
            connection.send(dict(self._done(_asking(connection))))
        connection.close()

    def _done(self, ask: Callable[Asked, Answer]) -> Iterator[tuple[int, Result]]:
        while ticket := os.read(self._tickets, _TICKET):
            number = int.from_bytes(ticket, "big")
            yield number, self._work(self._items[number], ask)


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
class _Question:
    """What one process asks another."""

    asked: tuple[Any, ...]


def _asking(connection: Connection) -> Callable[..., Any]:
    """Asks the process at the other end, each question once."""

    @cache
    def ask(*asked: Any) -> Any:  # whatever is asked and answered
        connection.send(_Question(asked))
        return connection.recv()

    return ask


class _Worker(Generic[Result]):
    """Another process, and the file that it is at; it has died where EOFError or OSError is raised."""

    def __init__(self, process: BaseProcess, connection: Connection, place: Place) -> None:
        self.process = process
        self.connection = connection
        self.place = place
        self._seen, self._since = "", time.monotonic()

    def delivers(self, found: dict[int, Result], answer: Callable[..., Any]) -> bool:
        """Whether what it says are its results, which are added to what was found; a question is answered."""
        message = self.connection.recv()
        if isinstance(message, _Question):
            self.connection.send(answer(*message.asked))
            return False
        found.update(message)
        return True

    def is_at_work(self) -> None:
        """TimeoutError where it has been at one file for too long."""
        if self.place.path != self._seen:
            self._seen, self._since = self.place.path, time.monotonic()
        elif time.monotonic() - self._since > PATIENCE:
            raise TimeoutError(self._seen)

    def end(self) -> None:
        """Leave no process behind."""
        self.process.kill()
        self.process.join()
        self.connection.close()
