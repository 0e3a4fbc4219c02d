"""The costly half of a run: what has passed the gates is parsed, lowered, linked and judged."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from kllint.fence import Fence, deep
from kllint.findings import Analysis, in_order
from kllint.judge.inventory import inventory
from kllint.judge.judging import JUDGED, Judge, Policy
from kllint.judge.settling import settle
from kllint.judge.ways import ways
from kllint.kernels import kernels
from kllint.link.groups import groups
from kllint.link.linker import Linker
from kllint.link.module_index import ModuleIndex
from kllint.load.forks import Forks, can_fork
from kllint.load.programs import Programs
from kllint.theory.vocabulary import Regime, Use

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from kllint.configs.answers import Configured, Lookup
    from kllint.findings import Finding, Problem, Site
    from kllint.link.compose import Summary
    from kllint.link.scope import Closure, Scope
    from kllint.load.project import Project
    from kllint.settings.options import AnalysisOptions
    from kllint.source.discover import FoundFile


ENOUGH_BYTES = 1_000_000  # of code: a little work is done sooner than a process has started


def module_names(root: Path, files: Iterable[FoundFile]) -> dict[str, str]:
    """Dotted names of Python files, by their folders below the root or below a source folder."""
    names: dict[str, str] = {}
    base = os.path.realpath(root)
    for file in files:
        relative = (
            file.real[len(base) + 1 :]
            if file.real.startswith(base + "/")
            else os.path.relpath(file.real, base)
        )
        parts = os.path.splitext(relative)[0].split("/")  # noqa: PTH122  # a Path of each takes ten times as long
        if parts[-1] == "__init__":
            parts.pop()
        names[".".join(parts) or "__init__"] = file.path
    return names


def analysed(
    project: Project, options: AnalysisOptions, gated: Collection[str], configured: Configured
) -> Analysis:
    """All that is found in a project, of whose code some files may hold a KL."""
    with deep():
        opened = _opened(project, options, gated)
        work = partial(_alone, opened)
        order, lose = _order(opened), opened.programs.lose
        with Forks(work, configured.lookup, opened.groups, order, project.jobs, lose) as forks:
            commented = project.commented
            configured.told()  # all of it read before others ask
            parts = forks.results(partial(_show, opened))
        return _whole(opened, parts, configured)._replace(comments=commented)


def traced(
    project: Project, options: AnalysisOptions, gated: Collection[str], configured: Configured
) -> Analysis:
    """The same with the ways from log-probs to uses."""
    with deep():
        opened = _opened(project, options, gated)
        linked = [_linked(opened, group, configured.lookup) for group in opened.groups]
        found = [way for one in linked for way in ways(one.judge, one.closures)]
        whole = _whole(opened, [_judged(opened, one) for one in linked], configured)
    found.sort(key=lambda made: (made.span, made.steps[-1].span, made.condition or ""))
    return whole._replace(ways=tuple(found))


def _order(opened: _Opened) -> list[int]:
    """The groups that are for further processes, the largest first; none where there is too little to do."""
    weights = opened.weights()
    if opened.project.jobs == 1 or sum(weights) < ENOUGH_BYTES or not can_fork():
        return []
    return sorted(range(len(weights)), key=lambda number: (-weights[number], number))


def _show(opened: _Opened, done: int) -> None:
    """Show how many of the files in all groups other processes have read."""
    if opened.options.progress:
        opened.options.progress(done, sum(map(len, opened.groups)))


def _alone(opened: _Opened, group: list[str], lookup: Lookup) -> _Part:
    """One group's part, also in a process that was forked for it, which has no timers yet."""
    with deep():
        return _judged(opened, _linked(opened, group, lookup))


def _whole(opened: _Opened, parts: Sequence[_Part], configured: Configured) -> Analysis:
    """What was found in the groups and in the configuration together."""
    told = configured.told()
    findings = [*chain.from_iterable(part.findings for part in parts), *told.findings]
    of_parts = chain.from_iterable(part.problems for part in parts)
    problems = chain(opened.project.problems, opened.fence.problems, told.problems, of_parts)
    return Analysis(
        tuple(sorted(findings, key=lambda finding: (finding.span, finding.rule))),
        tuple(sorted(chain.from_iterable(part.sites for part in parts), key=lambda site: site.span)),
        in_order(problems),
        opened.project.python,
    )


def _policy(options: AnalysisOptions) -> Policy:
    roles = tuple((role, word) for role, words in options.roles.items() for word in words)
    regime = None if options.regime is Regime.UNKNOWN else options.regime
    return Policy(roles, regime, options.target)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A project with its modules by name and in groups."""

    project: Project
    programs: Programs
    options: AnalysisOptions
    index: ModuleIndex
    groups: list[list[str]]
    fence: Fence

    def weights(self) -> list[int]:
        """How much there is to do for each group, more or less."""
        return [
            sum(len(self.project.read(self.index.paths[dotted])) for dotted in group) for group in self.groups
        ]


@dataclass(frozen=True, slots=True)
class _Part:
    """What was found in one group."""

    findings: list[Finding]
    sites: tuple[Site, ...]
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class _Linked:
    """The functions of one group, linked, and the judge of them."""

    judge: Judge
    closures: list[Closure]


def _opened(project: Project, options: AnalysisOptions, gated: Collection[str]) -> _Opened:
    names = module_names(options.project_root, (file for file in project.files.values() if file.kind.is_code))
    roots = [dotted for dotted, path in names.items() if path in gated]
    programs = Programs(project)
    grouped = groups(ModuleIndex(names), roots, project.read)
    index = ModuleIndex({**kernels(), **names})
    return _Opened(project, programs, options, index, grouped, Fence())


def _linked(opened: _Opened, group: list[str], lookup: Lookup) -> _Linked:
    programs, options, fence = opened.programs, opened.options, opened.fence
    names = opened.index.paths
    uses = frozenset(Use) if options.inventory else JUDGED
    linker = Linker(opened.index, programs.load, opened.project.read, fence, uses)
    programs.prepare([names[dotted] for dotted in group], options.progress)
    scopes = [scope for dotted in group for scope in fence.alone(names[dotted], _scope, linker, dotted)]
    for closure in linker.relevant(linker.roots(scopes)):
        fence.alone(closure.scope.path, _summary, linker, closure)
    seen = {scope.path for scope in scopes}
    for closure in linker.closures:  # grows meanwhile: functions that are passed on, never called in sight
        if closure.scope.path in seen and linker.asks_for(closure):
            fence.alone(closure.scope.path, _summary, linker, closure)
    closures = [c for c in linker.closures if c.scope.path in seen and c.number in linker.summaries]
    return _Linked(Judge(linker, lookup, _policy(options)), closures)


def _judged(opened: _Opened, linked: _Linked) -> _Part:
    judge, fence, closures = linked.judge, opened.fence, linked.closures
    candidates = [
        one for closure in closures for one in fence.alone(closure.scope.path, judge.candidates, closure)
    ]
    settled = settle(candidates)
    findings = [told for one in settled for told in fence.alone(one.finding.span.path, judge.told, one)]
    sites = inventory(judge, closures, fence) if opened.options.inventory else ()
    return _Part(findings, sites, [*opened.project.problems, *fence.problems])


def _scope(linker: Linker, dotted: str) -> Iterator[Scope]:
    scope = linker.scope(dotted)
    if scope is not None:
        yield scope


def _summary(linker: Linker, closure: Closure) -> Iterator[Summary | None]:
    yield linker.summary(closure)
