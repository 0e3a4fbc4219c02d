"""`kllint baseline`: write down what is known, and strike out what is gone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kllint.baseline.known import DEFAULT_NAME, Baseline
from kllint.cli.options import for_files, for_rules, given
from kllint.cli.run import run
from kllint.cli.targets import Targets
from kllint.cli.terminal import write
from kllint.report.build import Wanted, build
from kllint.report.plain import plain
from kllint.report.rules import all_rules
from kllint.report.wording import plural

if TYPE_CHECKING:
    from kllint.cli.run import Run
    from kllint.report.build import Built

_file = click.option(
    "--baseline", metavar="FILE", help=f"The file. Default: as in the settings, or {DEFAULT_NAME}."
)


@click.group("baseline")
def command() -> None:
    """Write down what is known, so that only new findings are reported."""


@command.command("update")
@for_files
@for_rules
@_file
def update(**flags: Any) -> None:
    """Make what is found in PATHS now the baseline; entries of other files stay."""
    targets, file = _start(flags)
    done, built = _built(targets, None, flags)
    findings = [reported.finding for reported in built.report.findings]
    fresh = Baseline.of(file, findings, done.places.sources)
    if file.exists():
        fresh = fresh.with_others(Baseline.read(file), done.analysis.files)
    fresh.write()
    write([f"{plain(str(file))}: {plural(sum(entry.count for entry in fresh.entries), 'known finding')}."])


@command.command("prune")
@for_files
@for_rules
@_file
def prune(**flags: Any) -> None:
    """Strike out the entries that nothing in PATHS answers to any more."""
    targets, file = _start(flags)
    known = Baseline.read(file)
    _, built = _built(targets, known, flags)
    pruned = known.without(built.stale)
    if built.stale:
        pruned.write()
    gone = plural(sum(entry.count for entry in built.stale), "known finding")
    write([f"{plain(str(file))}: {gone} struck out, {sum(entry.count for entry in pruned.entries)} left."])


def _start(flags: dict[str, Any]) -> tuple[Targets, Path]:
    targets = Targets(given(flags))
    return targets, Path(flags["baseline"] or targets.settings_of_first.baseline or DEFAULT_NAME)


def _built(targets: Targets, known: Baseline | None, flags: dict[str, Any]) -> tuple[Run, Built]:
    done = run(targets, flags)
    root = targets.root(targets.given.paths[0])
    wanted = Wanted(targets.resolver.of_file, all_rules, done.places.sources, root)
    return done, build(done.analysis, wanted._replace(baseline=known))
