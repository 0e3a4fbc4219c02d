"""What the analysis needs to know of the settings, as plain data."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from kllint.theory.vocabulary import Regime, Role, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from kllint.source.discover import Discovery
    from kllint.source.ignore import Patterns


class AnalysisOptions(NamedTuple):
    """How to analyse: everything but the files to report on.

    `roles` adds name words to a role. `framework_profiles` are files with profiles of further frameworks.
    `regime` is what to assume of the samples, UNKNOWN to find it out. `contents` maps paths to bytes that
    stand in for the files'. `found` are the files below the root, if they have been looked for. `jobs` of 0
    means one a core. `inventory` is whether sites are asked for, and not findings alone. `progress` is called
    with how many files are done, and of how many.
    """

    project_root: Path
    roles: Mapping[Role, tuple[str, ...]] = MappingProxyType({})
    regime: Regime = Regime.UNKNOWN
    target: Target = Target.REVERSE
    disabled_frameworks: frozenset[str] = frozenset()
    framework_profiles: tuple[Path, ...] = ()
    framework_versions: Mapping[str, str] = MappingProxyType({})
    exclude: tuple[Patterns, ...] = ()
    contents: Mapping[str, bytes] = MappingProxyType({})
    found: Discovery | None = None
    jobs: int = 0
    inventory: bool = True
    cache_folder: Path | None = None
    progress: Callable[[int, int], None] | None = None
