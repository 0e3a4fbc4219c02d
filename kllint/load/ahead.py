"""Configuration that another process reads while this one goes on."""

from __future__ import annotations

import multiprocessing
import signal
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from kllint.fence import deep
from kllint.load.forks import can_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

    from kllint.configs.answers import Configured, ConfigValue, Told

Answer = TypeVar("Answer")


@contextmanager
def ahead(make: Callable[[], Configured]) -> Iterator[Configured]:
    """The configuration, made and read from now on by another process, where there can be one."""
    if not can_fork():
        yield make()
        return
    reader = _Ahead(make)
    try:
        yield reader
    finally:
        reader.end()


class _Ahead:
    """The configuration of a project that another process reads; where that dies, it is read here."""

    def __init__(self, make: Callable[[], Configured]) -> None:
        self._make = make
        context = multiprocessing.get_context("fork")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=self._run, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    @cached_property
    def _here(self) -> Configured:
        return self._make()

    def lookup(self, key: str, near: str) -> tuple[ConfigValue, ...]:
        """Asks the other process, which answers when it has read everything."""
        return self._answer((key, near), lambda: self._here.lookup(key, near))

    def told(self) -> Told:
        """Asks the other process."""
        return self._answer((), self._here.told)

    def _answer(self, asked: tuple[str, ...], here: Callable[[], Answer]) -> Answer:
        try:
            self._connection.send(asked)
            answer: Answer = self._connection.recv()
        except (EOFError, OSError):
            answer = here()
        return answer

    def end(self) -> None:
        """Leave no process behind."""
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _run(self, connection: Connection) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the parent
        self._connection.close()  # or else this process would not see that the parent has gone
        with suppress(Exception), deep():  # what fails here fails again in the parent, which says so
            self._here.told()
            while True:
                asked = connection.recv()
                connection.send(self._here.lookup(*asked) if asked else self._here.told())
