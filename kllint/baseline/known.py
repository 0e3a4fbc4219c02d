"""The baseline: a file of known findings, counted, so that one entry never hides a second copy."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kllint import atomic
from kllint.errors import UserError
from kllint.report.fingerprint import fingerprint
from kllint.report.places import relative

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from kllint.findings import Finding
    from kllint.source.files import Sources

VERSION = 1
DEFAULT_NAME = "kllint-baseline.json"
_ADVICE = "write it anew with `kllint baseline update`"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """Some equal findings; `path` is relative to the baseline's folder and, like `rule`, only for readers."""

    path: str
    rule: str
    function: str
    fingerprint: str
    count: int


@dataclass(frozen=True, slots=True)
class Split:
    """What a baseline makes of findings: the new ones, how many are known, and the entries left over."""

    new: tuple[Finding, ...]
    known: int
    stale: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The entries of one baseline file."""

    file: Path
    entries: tuple[Entry, ...] = ()

    @classmethod
    def read(cls, file: Path) -> Baseline:
        """The baseline in a file; raises UserError if there is none that can be understood."""
        try:
            stored: Any = json.loads(file.read_bytes())
            if stored["version"] != VERSION:
                raise UserError(f"{file}: a baseline of version {stored['version']}, not {VERSION}", _ADVICE)
            entries = tuple(sorted(_entry(entry) for entry in stored["entries"]))
        except OSError as error:
            raise UserError(f"{file}: the baseline cannot be read: {error.strerror}", _ADVICE) from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise UserError(f"{file}: not a baseline of kllint", _ADVICE) from None
        return cls(file, entries)

    @classmethod
    def of(cls, file: Path, findings: Iterable[Finding], sources: Sources) -> Baseline:
        """A baseline that knows some findings."""
        counts: Counter[tuple[str, str, str, str]] = Counter()
        folder = _folder(file)
        for finding in findings:
            path = _path(finding.span.path, folder)
            counts[path, finding.rule, finding.function, fingerprint(finding, sources, folder)] += 1
        return cls(file, tuple(sorted(Entry(*facts, count) for facts, count in counts.items())))

    def write(self) -> None:
        """Write the file."""
        entries = [
            {
                "path": entry.path,
                "rule": entry.rule,
                "function": entry.function,
                "fingerprint": entry.fingerprint,
                "count": entry.count,
            }
            for entry in self.entries
        ]
        atomic.write(
            self.file, json.dumps({"version": VERSION, "entries": entries}, indent=1).encode() + b"\n"
        )

    def split(self, findings: Sequence[Finding], sources: Sources, files: Collection[str]) -> Split:
        """Tell new findings from known ones.

        Of equal findings the first are the known ones. An entry is stale if its file was analysed (is
        among `files`) or is gone, and fewer findings than it counts were there.
        """
        folder = _folder(self.file)
        left = Counter({entry.fingerprint: entry.count for entry in self.entries})
        new = []
        for finding in findings:
            mark = fingerprint(finding, sources, folder)
            if left[mark] > 0:
                left[mark] -= 1
            else:
                new.append(finding)
        analysed = {_path(file, folder) for file in files}
        stale = tuple(
            Entry(entry.path, entry.rule, entry.function, entry.fingerprint, left[entry.fingerprint])
            for entry in self.entries
            if left[entry.fingerprint] and (entry.path in analysed or not (folder / entry.path).exists())
        )
        return Split(tuple(new), len(findings) - len(new), stale)

    def with_others(self, older: Baseline, files: Collection[str]) -> Baseline:
        """This baseline, and what an older one says of existing files that are not among `files`."""
        folder = _folder(self.file)
        analysed = {_path(file, folder) for file in files}
        others = [
            entry for entry in older.entries if entry.path not in analysed and (folder / entry.path).exists()
        ]
        return Baseline(self.file, tuple(sorted([*self.entries, *others])))

    def without(self, stale: Iterable[Entry]) -> Baseline:
        """The baseline with stale entries taken off."""
        gone = {entry.fingerprint: entry.count for entry in stale}
        entries = (
            Entry(entry.path, entry.rule, entry.function, entry.fingerprint, left)
            for entry in self.entries
            if (left := entry.count - gone.get(entry.fingerprint, 0)) > 0
        )
        return Baseline(self.file, tuple(entries))


def _entry(stored: Any) -> Entry:
    count = stored["count"]
    if not isinstance(count, int):
        raise TypeError(count)
    path, rule, function, mark = (str(stored[name]) for name in ("path", "rule", "function", "fingerprint"))
    return Entry(path, rule, function, mark, count)


def _folder(file: Path) -> Path:
    return file.resolve().parent


def _path(path: str, folder: Path) -> str:
    return relative(str(Path(path).resolve()), folder)
