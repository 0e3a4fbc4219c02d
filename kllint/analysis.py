"""One run: files found, gated, parsed, lowered, linked and judged."""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from kllint.configs.lint import Options, lint_configs
from kllint.configs.readers.dispatch import Units
from kllint.configs.schema import builtin, load
from kllint.configs.setting import File
from kllint.configs.values import ConfigValues
from kllint.fence import Fence, dig, watched
from kllint.findings import Analysis
from kllint.judge.inventory import inventory
from kllint.judge.judging import JUDGED, Judge, Policy, settle
from kllint.judge.ways import ways
from kllint.kernels import kernels
from kllint.link.groups import groups
from kllint.link.linker import Linker
from kllint.load.cache import key_of
from kllint.load.forks import Forks, can_fork, shares
from kllint.load.project import ENOUGH_BYTES, Project, project_of
from kllint.load.results import remembered
from kllint.settings.options import AnalysisOptions
from kllint.source.discover import Kind
from kllint.source.gate import may_hold_kl
from kllint.theory.vocabulary import Regime, Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kllint.configs.profile import Profiles
    from kllint.findings import Finding, Problem, Site
    from kllint.judge.judging import Candidate
    from kllint.link.compose import Summary
    from kllint.link.scope import Closure, Scope


def module_names(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """Dotted names of Python files, by their folders below the root or below a source folder."""
    names: dict[str, str] = {}
    base = os.path.realpath(root)
    for path in paths:
        relative = Path(os.path.relpath(os.path.realpath(path), base))
        parts = list(relative.with_suffix("").parts)
        if parts and parts[-1] == "__init__":
            parts.pop()
        names[".".join(parts) or "__init__"] = path
    return names


def analyse(named: Sequence[Path], options: AnalysisOptions | None = None) -> Analysis:
    """Analyses the project and reports on the named files.

    Without options, the first path is the folder of the project, and all of it is reported on.
    """
    if options is None:
        options, named = AnalysisOptions(named[0]), ()
    project = project_of(named, options)
    reported = {str(path) for path in named} or set(project.files)
    fingerprint = project.fingerprint() if project.cache else None
    if fingerprint is None:
        return _analysed(project, options, reported)
    root = os.path.realpath(options.project_root)
    said = repr((_policy(options), _frameworks(options), options.inventory))
    key = key_of("analysis", fingerprint, root, said, *sorted(reported))
    return remembered(project.cache, key, lambda: _analysed(project, options, reported))


def traced(named: Sequence[Path], options: AnalysisOptions) -> Analysis:
    """Analyses the project as `analyse` does, and tells the ways from log-probs to uses as well."""
    project = project_of(named, options)
    with _deep():
        opened = _opened(project, options)
        linked = [_linked(opened, group) for group in opened.groups]
        found = [way for one in linked for way in ways(one.judge, one.closures)]
        whole = _whole(opened, [_judged(opened, one) for one in linked], _configured(opened))
    in_order = sorted(found, key=lambda made: (made.span, made.steps[-1].span, made.condition or ""))
    return _only(replace(whole, ways=tuple(in_order)), {str(path) for path in named})


def _analysed(project: Project, options: AnalysisOptions, reported: set[str]) -> Analysis:
    with _deep():
        opened = _opened(project, options)
        with Forks(partial(_alone, opened), opened.groups, _shares(opened), project.lose) as forks:
            configured = _configured(opened)
            parts = forks.results()
        return _only(_whole(opened, parts, configured), reported)


def _shares(opened: _Opened) -> list[list[int]]:
    """The groups for each further process; none where there is too little to do."""
    weights = opened.weights()
    if opened.project.jobs == 1 or sum(weights) < ENOUGH_BYTES or not can_fork():
        return []
    return shares(weights, opened.project.jobs)


def _alone(opened: _Opened, group: list[str]) -> _Part:
    """One group's part, also in a process that was forked for it, which has no timers yet."""
    with _deep():
        return _part(opened, group)


def _whole(opened: _Opened, parts: Sequence[_Part], configured: Sequence[Finding]) -> Analysis:
    """What was found in the groups and in the configuration together."""
    findings = [*settle(chain.from_iterable(part.candidates for part in parts)), *configured]
    problems = {
        *opened.project.problems,
        *opened.fence.problems,
        *(p for part in parts for p in part.problems),
    }
    return Analysis(
        tuple(sorted(findings, key=lambda finding: (finding.span, finding.rule))),
        tuple(sorted(chain.from_iterable(part.sites for part in parts), key=lambda site: site.span)),
        tuple(sorted(problems, key=lambda one: (one.path, one.offset or 0, one.reason))),
        tuple(opened.python),
    )


def _only(whole: Analysis, reported: set[str]) -> Analysis:
    """What an analysis says of some files; a way is told in all files that it leads through."""
    return Analysis(
        tuple(finding for finding in whole.findings if finding.span.path in reported),
        tuple(site for site in whole.sites if site.span.path in reported),
        tuple(problem for problem in whole.problems if problem.path in reported),
        tuple(path for path in whole.files if path in reported),
        tuple(way for way in whole.ways if any(step.span.path in reported for step in way.steps)),
    )


@contextmanager
def _deep() -> Iterator[None]:
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


def _policy(options: AnalysisOptions) -> Policy:
    roles = tuple((role, word) for role, words in options.roles.items() for word in words)
    regime = None if options.regime is Regime.UNKNOWN else options.regime
    return Policy(roles, regime, options.target)


def _frameworks(options: AnalysisOptions) -> tuple[object, ...]:
    """What the settings say of frameworks, with the content of the profiles that they name."""
    versions = sorted(options.framework_versions.items())
    return sorted(options.disabled_frameworks), versions, own_profiles(options)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A project with its modules by name, in groups, and its configuration at hand."""

    project: Project
    options: AnalysisOptions
    python: list[str]
    names: dict[str, str]
    groups: list[list[str]]
    fence: Fence
    units: Units
    configs: ConfigValues

    def weights(self) -> list[int]:
        """How much there is to do for each group, more or less."""
        return [sum(len(self.project.read(self.names[dotted])) for dotted in group) for group in self.groups]


@dataclass(frozen=True, slots=True)
class _Part:
    """What was found in one group."""

    candidates: list[Candidate]
    sites: tuple[Site, ...]
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class _Linked:
    """The functions of one group, linked, and the judge of them."""

    judge: Judge
    closures: list[Closure]


def _opened(project: Project, options: AnalysisOptions) -> _Opened:
    python = [file.path for file in project.files.values() if file.kind.is_code]
    names = module_names(options.project_root, python)
    gated = [
        dotted for dotted, path in names.items() if not is_test(path) and may_hold_kl(project.read(path))
    ]
    fence, units = Fence(), Units()
    setting = [File(path, project.read(path)) for path in sorted(project.files) if may_set(project, path)]
    grouped = groups(Linker(names, project.load, project.read), gated, project.read)
    configs = ConfigValues(setting, fence, units)
    return _Opened(project, options, python, names, grouped, fence, units, configs)


def _part(opened: _Opened, group: list[str]) -> _Part:
    return _judged(opened, _linked(opened, group))


def _linked(opened: _Opened, group: list[str]) -> _Linked:
    project, options, names, fence = opened.project, opened.options, opened.names, opened.fence
    uses = frozenset(Use) if options.inventory else JUDGED
    linker = Linker({**kernels(), **names}, project.load, project.read, fence, uses)
    project.prepare([names[dotted] for dotted in group], options.progress)
    scopes = [scope for dotted in group for scope in fence.alone(names[dotted], _scope, linker, dotted)]
    for closure in linker.relevant(linker.roots(scopes)):
        fence.alone(closure.scope.path, _summary, linker, closure)
    seen = {scope.path for scope in scopes}
    for closure in linker.closures:  # grows meanwhile: functions that are passed on, never called in sight
        if closure.scope.path in seen and linker.relevance.hints(closure):
            fence.alone(closure.scope.path, _summary, linker, closure)
    closures = [c for c in linker.closures if c.scope.path in seen and c.number in linker.summaries]
    return _Linked(Judge(linker, opened.configs.lookup, _policy(options)), closures)


def _judged(opened: _Opened, linked: _Linked) -> _Part:
    judge, fence, closures = linked.judge, opened.fence, linked.closures
    candidates = [
        one for closure in closures for one in fence.alone(closure.scope.path, judge.candidates, closure)
    ]
    sites = inventory(judge, closures, fence) if opened.options.inventory else ()
    return _Part(candidates, sites, [*opened.project.problems, *fence.problems])


def _configured(opened: _Opened) -> tuple[Finding, ...]:
    files, options = settings_files(opened.project), config_options(opened.options)
    return lint_configs(files, options, opened.fence, opened.units)


def _scope(linker: Linker, dotted: str) -> Iterator[Scope]:
    scope = linker.scope(dotted)
    if scope is not None:
        yield scope


def _summary(linker: Linker, closure: Closure) -> Iterator[Summary | None]:
    yield linker.summary(closure)


def settings_files(project: Project) -> list[File]:
    """The files in which an experiment may be configured; tests configure none."""
    return [File(path, project.read(path)) for path in sorted(project.files) if not is_test(path)]


def config_options(options: AnalysisOptions) -> Options:
    """What the settings leave of the framework profiles, with those of the user's own."""
    profiles = {profile.name: profile for profile in (*builtin(), *own_profiles(options))}
    kept = tuple(profile for name, profile in profiles.items() if name not in options.disabled_frameworks)
    return Options(kept, options.framework_versions, options.regime, options.target)


def own_profiles(options: AnalysisOptions) -> Profiles:
    """The framework profiles that the settings name."""
    return tuple(map(load, options.framework_profiles))


def is_test(path: str) -> bool:
    """Whether a file belongs to a test suite."""
    return bool({"tests", "test"} & set(Path(path).parts)) or Path(path).name.startswith("test_")


def may_set(project: Project, path: str) -> bool:
    """Whether a file may give a selector its value."""
    return project.files[path].kind is not Kind.NOTEBOOK and not is_test(path)
