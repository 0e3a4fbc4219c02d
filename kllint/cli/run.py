"""Running the analysis on the targets of a command."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kllint.cli.progress import Progress
from kllint.findings import Analysis
from kllint.report.places import Places
from kllint.report.plain import plain
from kllint.report.wording import plural
from kllint.source.files import Sources

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kllint.cli.targets import Targets
    from kllint.settings.options import AnalysisOptions

    Analyser = Callable[[Sequence[str], AnalysisOptions], Analysis]


class Run(NamedTuple):
    """What one run has found, and the texts it found it in."""

    analysis: Analysis
    places: Places


def _plain() -> Analyser:
    from kllint.analysis import analyse  # noqa: PLC0415  # imports the core: only when there is work

    return analyse


def run(
    targets: Targets,
    flags: dict[str, Any],
    analyser: Callable[[], Analyser] = _plain,
    *,
    inventory: bool = False,
) -> Run:
    """Analyse the targets, as seen from the working directory; `flags` say how loud to be about it."""
    found = targets.found
    done = []
    if found.files:
        analyse = analyser()
        with Progress(quiet=flags["quiet"]) as progress:
            for paths, options in targets.analyses():
                if flags["verbose"]:
                    _tell(paths, options, targets)
                done.append(analyse(paths, options._replace(inventory=inventory, progress=progress.show)))
    analysis = Analysis(
        tuple(chain.from_iterable(part.findings for part in done)),
        tuple(sorted(chain.from_iterable(part.sites for part in done), key=lambda site: site.span)),
        tuple(dict.fromkeys([*found.problems, *chain.from_iterable(part.problems for part in done)])),
        tuple(file.path for file in found.files),
        tuple(chain.from_iterable(part.comments for part in done)),
        tuple(chain.from_iterable(part.ways for part in done)),
    )
    return Run(analysis, Places(Sources(targets.contents), Path.cwd()))


def _tell(paths: Sequence[str], options: AnalysisOptions, targets: Targets) -> None:
    written = targets.resolver.of_file(paths[0]).written
    settings = ", ".join(str(one.file) for one in written if one.file) or "no file"
    files = plural(len(paths), "file")
    text = f"kllint: {files} of the project {options.project_root}, settings from {settings}"
    sys.stderr.write(plain(text) + "\n")
