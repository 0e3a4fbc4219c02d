"""What the linter says: findings, inventory sites and files that could not be read.

Here and wherever a run without findings comes by, records are named tuples: to define a dataclass takes a
millisecond of every start. And here annotations are no strings, each of which a named tuple would compile.
"""

from enum import StrEnum, unique
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


@unique
class Severity(StrEnum):
    """How bad it is when the finding is true."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@unique
class Confidence(StrEnum):
    """How it is known: high by data flow, medium by names, low by a guess."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Span(NamedTuple):
    """A half-open range of bytes of one file; every other position is derived from it when reporting.

    `path` is the file's path as the project knows it: absolute or relative to the working directory.
    """

    path: str
    start: int
    end: int

    def covers(self, other: "Span") -> bool:
        """Whether another range lies within this one."""
        return self.path == other.path and self.start <= other.start and other.end <= self.end


SELECTED = "selected by default here"
"""The message of the note at the place that sets the default of a selector."""


class Note(NamedTuple):
    """A second place that explains a finding, or one step of the way from log-probs to sink."""

    span: Span
    message: str


class Step(NamedTuple):
    """One step of the way from log-probs to sink; the fitted formulas where they are known there."""

    span: Span
    text: str
    value: str | None
    derivative: str | None

    @property
    def note(self) -> Note:
        """The step in one line."""
        formulas = (("value", self.value), ("derivative", self.derivative))
        return Note(self.span, ", ".join((self.text, *(f"{name} {text}" for name, text in formulas if text))))


class Evidence(NamedTuple):
    """The fitted value of a term and its derivative with respect to log q, in words ("1 - exp(-d)")."""

    value: str
    derivative: str


@unique
class Applicability(StrEnum):
    """Whether a fix keeps the training objective (safe), may change it (unsafe), or is only shown."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


class Edit(NamedTuple):
    """Replace the bytes of `span` with `text`."""

    span: Span
    text: str


class Fix(NamedTuple):
    """A change that a person can choose, with a title that says what it does."""

    title: str
    applicability: Applicability
    edits: tuple[Edit, ...] = ()


class Finding(NamedTuple):
    """One pitfall at one place: `span` is the smallest expression that is wrong."""

    rule: str
    severity: Severity
    confidence: Confidence
    message: str
    span: Span
    function: str = ""
    condition: str | None = None
    selected_by_default: bool | None = None
    evidence: Evidence | None = None
    related: tuple[Note, ...] = ()
    flow: tuple[Note, ...] = ()
    fixes: tuple[Fix, ...] = ()
    instead: str | None = None


class Site(NamedTuple):
    """One KL expression of the inventory; the fields are those of the JSON contract."""

    span: Span
    function: str
    kind: str
    estimator: str
    numerator: str
    denominator: str
    weight: str
    grad: str
    use: str
    regime: str
    condition: str | None
    value: str | None
    derivative: str | None
    verdict: str


class Way(NamedTuple):
    """How one KL expression, at `span`, comes from log-probs and reaches one use."""

    span: Span
    function: str
    estimator: str
    use: str
    condition: str | None
    steps: tuple[Step, ...]


class Problem(NamedTuple):
    """A file that could not be read, parsed or analysed, and why: reported as KL001.

    `lasting` is one that the same bytes will have again, on any machine.
    """

    path: str
    reason: str
    offset: int | None = None
    lasting: bool = True


def in_order(problems: "Iterable[Problem]") -> tuple[Problem, ...]:
    """Problems, each told once, in the order of files and places."""
    return tuple(sorted(set(problems), key=lambda one: (one.path, one.offset or 0, one.reason)))


class Analysis(NamedTuple):
    """Everything one run found out, in the order of files and places."""

    findings: tuple[Finding, ...] = ()
    sites: tuple[Site, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()  # the files that may hold a comment which silences a rule
    ways: tuple[Way, ...] = ()
