"""A snapshot: one line a finding, with what a reader thought of it. No source text is in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FOLDER: Final = Path(__file__).with_name("snapshots")
UNREAD: Final = "unread"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One finding: where, what, how grave and sure, under which condition."""

    path: str
    line: int
    rule: str
    severity: str
    confidence: str
    condition: str

    @classmethod
    def of(cls, finding: dict[str, Any]) -> Entry:
        """The entry of a finding in a JSON report."""
        start = finding["start"]
        return cls(
            finding["path"],
            start["line"],
            finding["rule"],
            finding["severity"],
            finding["confidence"],
            finding["condition"] or "",
        )

    @classmethod
    def of_problem(cls, error: dict[str, Any]) -> Entry:
        """The entry of a file that could not be analysed."""
        return cls(error["path"], 0, error["rule"], "error", "high", error["message"])

    @classmethod
    def read(cls, line: str) -> tuple[Entry, str]:
        """An entry and what a reader thought of it."""
        place, words, condition, verdict = line.split("\t")
        path, _, number = place.rpartition(":")
        rule, severity, confidence = words.split()
        return cls(path, int(number), rule, severity, confidence, condition), verdict

    def __str__(self) -> str:
        return f"{self.path}:{self.line}\t{self.rule} {self.severity} {self.confidence}\t{self.condition}"

    @property
    def kin(self) -> tuple[str, str, str]:
        """What stays when a file is edited elsewhere."""
        return self.path, self.rule, self.condition


def read(package: str) -> dict[Entry, str]:
    """The entries that are accepted, with their verdicts."""
    file = _FOLDER / f"{package}.txt"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return dict(Entry.read(line) for line in lines if not line.startswith("#"))


def write(package: str, version: str, entries: Iterable[Entry]) -> None:
    """Accept some entries; the verdict on one that has only moved stays."""
    known = read(package)
    moved = {entry.kin: verdict for entry, verdict in known.items()}
    lines = [f"{entry}\t{known.get(entry) or moved.get(entry.kin, UNREAD)}" for entry in sorted(entries)]
    text = "\n".join([f"# {package} {version}", *lines])
    (_FOLDER / f"{package}.txt").write_text(f"{text}\n", encoding="utf-8")


def difference(package: str, entries: Sequence[Entry]) -> list[str]:
    """What has come and what has gone, as a diff shows it."""
    known = read(package)
    gone = [(entry, f"- {entry}\t{verdict}") for entry, verdict in known.items() if entry not in entries]
    new = [(entry, f"+ {entry}") for entry in entries if entry not in known]
    return [text for _, text in sorted([*gone, *new])]
