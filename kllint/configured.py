"""What a project configures: what is wrong there, and the values that select an estimator in its code."""

from __future__ import annotations

import multiprocessing
import signal
from abc import ABC, abstractmethod
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from kllint.configs.lint import Options, lint_configs
from kllint.configs.readers.dispatch import Units
from kllint.configs.schema import builtin, load
from kllint.configs.setting import File
from kllint.configs.values import ConfigValues
from kllint.fence import Fence, deep
from kllint.load.forks import can_fork
from kllint.source.discover import Kind, is_test

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

    from kllint.configs.profile import Profiles
    from kllint.configs.values import ConfigValue
    from kllint.findings import Finding, Problem
    from kllint.load.project import Project
    from kllint.settings.options import AnalysisOptions

Answer = TypeVar("Answer")


class Told(NamedTuple):
    """What configuration gets wrong, and where it could not be analysed."""

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]


class Configured(ABC):
    """The configuration of a project."""

    @abstractmethod
    def lookup(self, key: str, near: str) -> tuple[ConfigValue, ...]:
        """The values of an access path, for the code of a file, in whose time they are looked for."""

    @abstractmethod
    def told(self) -> Told:
        """What is wrong with it, and with what was looked up so far."""


class Configuration(Configured):
    """The configuration of a project, each file of which is read once, for whatever it is read."""

    def __init__(self, project: Project, options: AnalysisOptions) -> None:
        self._project = project
        self._options = options
        self._fence = Fence()
        self._units = Units()

    def lookup(self, key: str, near: str) -> tuple[ConfigValue, ...]:
        """Reads the files that set the name, and keeps what it has read."""
        return tuple(self._fence.alone(near, self._values.lookup, key, near))

    def told(self) -> Told:
        """Reads all files, once."""
        return Told(self._findings, tuple(self._fence.problems))

    @cached_property
    def _values(self) -> ConfigValues:
        """Where values may be given: notebooks give none, nor do tests."""
        files = self._project.files.values()
        paths = sorted(
            file.path for file in files if file.kind is not Kind.NOTEBOOK and not is_test(file.path)
        )
        return ConfigValues(
            (File(path, self._project.read(path)) for path in paths), self._fence, self._units
        )

    @cached_property
    def _findings(self) -> tuple[Finding, ...]:
        """Tests configure no experiment."""
        paths = (path for path in sorted(self._project.files) if not is_test(path))
        files = [File(path, self._project.written(path)) for path in paths]
        return lint_configs(files, _config_options(self._options), self._fence, self._units)


@contextmanager
def ahead(project: Project, options: AnalysisOptions) -> Iterator[Configured]:
    """The configuration, read from now on by another process, where there may be one."""
    if not can_fork():
        yield Configuration(project, options)
        return
    reader = _Ahead(project, options)
    try:
        yield reader
    finally:
        reader.end()


class _Ahead(Configured):
    """The configuration of a project that another process reads; where that dies, it is read here."""

    def __init__(self, project: Project, options: AnalysisOptions) -> None:
        self._here = Configuration(project, options)
        context = multiprocessing.get_context("fork")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=self._run, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

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


def _config_options(options: AnalysisOptions) -> Options:
    """What the settings leave of the framework profiles, with those of the user's own."""
    profiles = {profile.name: profile for profile in (*builtin(), *_own_profiles(options))}
    kept = tuple(profile for name, profile in profiles.items() if name not in options.disabled_frameworks)
    return Options(kept, options.framework_versions, options.regime, options.target)


def _own_profiles(options: AnalysisOptions) -> Profiles:
    """The framework profiles that the settings name."""
    return tuple(map(load, options.framework_profiles))
