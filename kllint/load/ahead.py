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

    from kllint.configs.found import Configured, ConfigValue, Told
    from kllint.load.project import Project
    from kllint.settings.options import AnalysisOptions

Answer = TypeVar("Answer")


@contextmanager
def ahead(project: Project, options: AnalysisOptions) -> Iterator[Configured]:
    """The configuration, read from now on by another process, where there can be one."""
    if not can_fork():
        yield _configuration(project, options)
        return
    reader = _Ahead(project, options)
    try:
        yield reader
    finally:
        reader.end()


class _Ahead:
    """The configuration of a project that another process reads; where that dies, it is read here."""

    def __init__(self, project: Project, options: AnalysisOptions) -> None:
        self._project = project
        self._options = options
        context = multiprocessing.get_context("fork")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=self._run, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    @cached_property
    def _here(self) -> Configured:
        return _configuration(self._project, self._options)

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


def _configuration(project: Project, options: AnalysisOptions) -> Configured:
    """The configuration, read by the process that asks for it."""
    from kllint.configured import Configuration  # noqa: PLC0415  # imports all the readers

    return Configuration(project, options)
