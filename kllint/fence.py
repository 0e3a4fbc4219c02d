"""A fence around the work on each file: what goes wrong inside, or takes too long, is that file's problem alone."""

from __future__ import annotations

import gc
import math
import mmap
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from kllint.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

Given = ParamSpec("Given")
Result = TypeVar("Result")

SECONDS = 60.0  # of CPU for one file
TOO_DEEP = "what it computes nests too deeply to be followed"
_TICK = 0.2
_DEPTH = 20_000  # values nest as deep as a program is long
_STACK = 120 << 20  # what Linux leaves room for below the stack; a level of C takes up to 5 kB

_HEAD = 4 + 2  # bytes before the path: how many files, and its length
_LONGEST_PATH = 4096

_deadline = math.inf  # in seconds of this process's CPU time
_place: Place | None = None  # where this process tells which file it is at


class TooSlow(BaseException):
    """The time for a file is over. No `Exception`, so that no handler on its way takes it for its own."""


class Unreadable(Exception):  # noqa: N818  # it reads as the problem it carries
    """A part of a file that was left for later cannot be analysed, nor can the file."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


class Place:
    """How far a process is, for the process that it was forked from: the file it is at, and how many it has read."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, _HEAD + _LONGEST_PATH)

    @property
    def files(self) -> int:
        """How many files have been read."""
        return int.from_bytes(self._shared[:4], "big")

    @property
    def path(self) -> str:
        """The file; empty before the first one."""
        length = int.from_bytes(self._shared[4:_HEAD], "big")
        return os.fsdecode(self._shared[_HEAD : _HEAD + length])

    def has_read_one(self) -> None:
        """Tell that one more file was read."""
        self._shared[:4] = (self.files + 1).to_bytes(4, "big")

    def is_at(self, path: str) -> None:
        """Tell the file."""
        name = os.fsencode(path)[:_LONGEST_PATH]
        self._shared[4 : _HEAD + len(name)] = len(name).to_bytes(2, "big") + name

    @contextmanager
    def told(self) -> Iterator[None]:
        """While it lasts, the fences of this process tell their files."""
        global _place  # noqa: PLW0603  # of the process, like its time
        _place = self
        try:
            yield
        finally:
            _place = None


@contextmanager
def at(path: str) -> Iterator[None]:
    """Work on a file, and then again on the one before."""
    if _place is None:
        yield
        return
    before = _place.path
    _place.is_at(path)
    try:
        yield
    finally:
        _place.is_at(before)


def has_read_one() -> bool:
    """Tell the process that this one was forked from, if it was, that one more file was read."""
    if _place is not None:
        _place.has_read_one()
    return _place is not None


class Fence:
    """Runs the work on files; `problems` says of which file it failed, once a file."""

    def __init__(self, seconds: float | None = None) -> None:
        self._seconds = SECONDS if seconds is None else seconds
        self._spent: dict[str, float] = {}
        self._problems: dict[str, Problem] = {}

    @property
    def problems(self) -> list[Problem]:
        """What went wrong, in the order of files."""
        return [self._problems[path] for path in sorted(self._problems)]

    def alone(
        self, path: str, work: Callable[Given, Iterable[Result]], *given: Given.args, **named: Given.kwargs
    ) -> list[Result]:
        """All that the work on a file yields within the time that is left for the file."""
        start = time.process_time()
        left = self._seconds - self._spent.get(path, 0.0)
        try:
            with at(path), ends_at(start + left):
                return self.within(path, lambda: list(work(*given, **named)), []) if left > 0 else []
        except TooSlow:
            self._problems.setdefault(path, too_slow(path, self._seconds))
            return []
        finally:
            self._spent[path] = self._seconds - left + time.process_time() - start

    def within(self, path: str, work: Callable[[], Result], otherwise: Result) -> Result:
        """What some work on a file gives, in the time of the file that needs it."""
        try:
            return work()
        except Unreadable as error:
            self._problems.setdefault(path, error.problem)
            return otherwise
        except Exception as error:  # one bad file must not end the run
            self._problems.setdefault(path, failure(path, error))
            return otherwise


def failure(path: str, error: Exception) -> Problem:
    """What is said of a file in which the analysis itself failed: at its depth, or at a line of ours."""
    if isinstance(error, RecursionError):
        return Problem(path, TOO_DEEP)
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})" if trace else ""
    said = f"{type(error).__name__}: {error}".partition("\n")[0]
    return Problem(path, f"internal error: {said}{place}")


def too_slow(path: str, seconds: float) -> Problem:
    """What is said of a file that took its time and was not done."""
    return Problem(path, f"not done after {seconds:g} s of computing", lasting=False)


@contextmanager
def ends_at(deadline: float) -> Iterator[None]:
    """Raises TooSlow inside when the process has used that much CPU time, if `watched`."""
    global _deadline  # noqa: PLW0603  # a signal's handler knows nothing else
    before = _deadline
    try:
        _deadline = deadline
        yield
    finally:
        _deadline = before


@contextmanager
def watched() -> Iterator[None]:
    """While it lasts, deadlines hold: in the main thread, which alone gets signals, where there are timers."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGVTALRM, _tick)
    timer = signal.setitimer(signal.ITIMER_VIRTUAL, _TICK, _TICK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, *timer)
        signal.signal(signal.SIGVTALRM, handler)


def _tick(_signal: int, _frame: FrameType | None) -> None:
    """Comes again and again, so that one which a destructor swallows does no harm."""
    if time.process_time() > _deadline:
        raise TooSlow


@contextmanager
def deep() -> Iterator[None]:
    """Room for values that nest deeply, and none for the collector: the graph has no garbage until the end."""
    dig()
    collecting = gc.isenabled()
    gc.disable()
    try:
        with watched():
            yield
    finally:
        if collecting:
            gc.enable()


def dig() -> None:
    """Let Python nest as deep as values do, and the stack of C with it, on which that would else be fatal."""
    depth = _DEPTH
    if sys.platform == "linux":
        import resource  # noqa: PLC0415  # not everywhere

        soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
        wanted = _STACK if hard == resource.RLIM_INFINITY else min(_STACK, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))
            soft = wanted
        depth = _DEPTH if soft == resource.RLIM_INFINITY else min(_DEPTH, soft * _DEPTH // _STACK)
    sys.setrecursionlimit(max(sys.getrecursionlimit(), depth))
