"""One run: files found, remembered from earlier runs, and gated; what passes goes through `kllint.core`."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kllint.configs.gate import Gate
from kllint.configs.hints import scanned
from kllint.findings import Analysis, in_order
from kllint.load.project import Project, project_of
from kllint.load.results import remembered
from kllint.settings.options import AnalysisOptions
from kllint.source.discover import Kind, is_test
from kllint.source.scan import may_hold_kl

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kllint.configs.answers import Configured

MANY = 1_000  # Python files: one of them hints at a KL as good as surely


def analyse(named: Sequence[str | Path], options: AnalysisOptions | None = None) -> Analysis:
    """Analyses the project and reports on the named files.

    Without options, the first path is the folder of the project, and all of it is reported on.
    """
    if options is None:
        options, named = AnalysisOptions(Path(named[0])), ()
    project = project_of(named, options)
    reported = {str(path) for path in named} or set(project.files)
    if project.cache is None:
        return _only(_whole(project, options), reported)
    root = os.path.realpath(options.project_root)
    said = "\0".join((root, _said(options), *sorted(reported)))
    return remembered(project.cache, root, project, said, lambda: _only(_whole(project, options), reported))


def traced(named: Sequence[str | Path], options: AnalysisOptions) -> Analysis:
    """Analyses the project as `analyse` does, and tells the ways from log-probs to uses as well."""
    from kllint import core  # noqa: PLC0415  # imports all that `_whole` may do without

    project = project_of(named, options)
    whole = core.traced(project, options, _gated(project), _configuration(project, options))
    return _only(whole, {str(path) for path in named})


def _whole(project: Project, options: AnalysisOptions) -> Analysis:
    if len(project.python) >= MANY and project.jobs > 1:
        return _with_another(project, options)
    gated = _gated(project)
    if not (gated or options.framework_profiles or _may_be_configured(project)):
        comments = project.commented  # read first, lest a problem be missed
        return Analysis(problems=in_order(project.problems), files=project.python, comments=comments)
    from kllint import core  # noqa: PLC0415  # to import it takes longer than all the rest of a clean run

    return core.analysed(project, options, gated, _configuration(project, options))


def _with_another(project: Project, options: AnalysisOptions) -> Analysis:
    """The same with another process, which reads configuration from the start."""
    from kllint.load.ahead import ahead  # noqa: PLC0415  # before all the rest is imported

    for file in project.files.values():
        if file.kind is not Kind.NOTEBOOK:  # its code is for one process, its commands are for the other
            project.read(file.path)  # so that both speak of the same bytes
    with ahead(partial(_configuration, project, options)) as configured:
        from kllint import core  # noqa: PLC0415

        return core.analysed(project, options, _gated(project), configured)


def _configuration(project: Project, options: AnalysisOptions) -> Configured:
    from kllint.configured import Configuration  # noqa: PLC0415  # imports all the readers

    return Configuration(project, options)


def _said(options: AnalysisOptions) -> str:
    """What the settings say that verdicts depend on."""
    profiles = [_content(file) for file in options.framework_profiles]
    frameworks = (sorted(options.disabled_frameworks), sorted(options.framework_versions.items()), profiles)
    return repr((list(options.roles.items()), options.regime, options.target, *frameworks, options.inventory))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""  # which ends the analysis, so that nothing is remembered


def _gated(project: Project) -> Collection[str]:
    """The code in which there may be a KL; what tests compute trains nothing."""
    return {path for path in project.python if not is_test(path) and may_hold_kl(project.read(path))}


def _may_be_configured(project: Project) -> bool:
    """Whether any file may hold a key that chooses a KL, as far as the words of our own profiles tell."""
    gate = Gate(scanned())
    return any(gate.admits(path, project.written(path)) for path in project.files if not is_test(path))


def _only(whole: Analysis, reported: set[str]) -> Analysis:
    """What an analysis says of some files; a way is told in all files that it leads through."""
    return Analysis(
        tuple(finding for finding in whole.findings if finding.span.path in reported),
        tuple(site for site in whole.sites if site.span.path in reported),
        tuple(problem for problem in whole.problems if problem.path in reported),
        tuple(path for path in whole.files if path in reported),
        tuple(path for path in whole.comments if path in reported),
        tuple(way for way in whole.ways if any(step.span.path in reported for step in way.steps)),
    )
