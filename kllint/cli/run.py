"""Running the analysis on the targets of a command."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from kllint.findings import Analysis
from kllint.report.places import Places
from kllint.source.files import Sources

if TYPE_CHECKING:
    from pathlib import Path

    from kllint.cli.progress import Progress
    from kllint.cli.targets import Targets


@dataclass(frozen=True, slots=True)
class Run:
    """What one run has found, and the texts it found it in."""

    analysis: Analysis
    places: Places


def run(targets: Targets, folder: Path, progress: Progress) -> Run:
    """Analyse the targets, as seen from a folder."""
    found = targets.found
    done = []
    if found.files:
        from kllint.analysis import analyse  # noqa: PLC0415  # the analysis core, for when there is something to do

        with progress:
            done = [
                analyse(paths, replace(options, progress=progress.show))
                for paths, options in targets.analyses()
            ]
    analysis = Analysis(
        tuple(chain.from_iterable(part.findings for part in done)),
        tuple(sorted(chain.from_iterable(part.sites for part in done), key=lambda site: site.span)),
        tuple(dict.fromkeys([*found.problems, *chain.from_iterable(part.problems for part in done)])),
        tuple(file.path for file in found.files),
    )
    return Run(analysis, Places(Sources(targets.contents), folder))
