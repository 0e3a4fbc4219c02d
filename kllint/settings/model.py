"""The settings of a run, as plain data with their defaults."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from kllint.findings import Confidence, Severity
from kllint.settings.selection import Selection, is_on, matches
from kllint.theory.vocabulary import Regime, Role, Target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kllint.source.ignore import Patterns

UNREADABLE = "KL001"


class FileIgnore(NamedTuple):
    """Rules that are off in some files."""

    files: Patterns
    rules: tuple[str, ...]


class Written(NamedTuple):
    """What one settings file, or the command line, says, as it is written there."""

    file: Path | None
    table: Mapping[str, Any]


class Settings(NamedTuple):
    """All settings; what each means is in `keys`."""

    selections: tuple[Selection, ...] = ()
    per_file_ignores: tuple[FileIgnore, ...] = ()
    severity: Mapping[str, Severity] = MappingProxyType({})
    min_severity: Severity = Severity.WARNING
    min_confidence: Confidence = Confidence.MEDIUM
    fail_on: Severity = Severity.INFO
    roles: Mapping[Role, tuple[str, ...]] = MappingProxyType({})
    regime: Regime = Regime.UNKNOWN
    target: Target = Target.REVERSE
    disabled_frameworks: tuple[str, ...] = ()
    framework_profiles: tuple[Path, ...] = ()
    framework_versions: Mapping[str, str] = MappingProxyType({})
    exclude: tuple[Patterns, ...] = ()
    force_exclude: bool = False
    baseline: Path | None = None
    jobs: int = 0
    cache_dir: Path | None = None
    written: tuple[Written, ...] = ()  # where these come from, the deciding one last

    def runs(self, code: str, path: str) -> bool:
        """Whether a rule is on in a file.

        A file that was not read is reported whatever was selected, unless it is ignored by name.
        """
        ignored = bool(self.per_file_ignores) and self._is_ignored(code, os.path.realpath(path))
        if code == UNREADABLE:
            return not ignored and not any(code in layer.ignore for layer in self.selections)
        return not ignored and is_on(code, self.selections)

    def _is_ignored(self, code: str, real: str) -> bool:
        return any(matches(code, entry.rules) and entry.files.covers(real) for entry in self.per_file_ignores)

    def severity_of(self, code: str, severity: Severity) -> Severity:
        """The severity that the settings give a finding: that of the longest prefix."""
        prefixes = [prefix for prefix in self.severity if code.startswith(prefix)]
        return self.severity[max(prefixes, key=len)] if prefixes else severity
