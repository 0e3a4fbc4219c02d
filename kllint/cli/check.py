"""`kllint check`: report the pitfalls."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from kllint.cli.options import for_files, for_rules, given
from kllint.cli.run import run
from kllint.cli.targets import Targets
from kllint.cli.terminal import Colour, has_colour, width_of, write
from kllint.errors import UserError, suggestion
from kllint.report.build import Wanted, build
from kllint.report.formats import Format
from kllint.report.model import Page
from kllint.report.plain import plain
from kllint.report.rules import all_rules
from kllint.report.wording import plural, statistics, summary
from kllint.settings.project import repository_root

if TYPE_CHECKING:
    from kllint.baseline.changes import Changes
    from kllint.baseline.known import Baseline
    from kllint.cli.run import Run
    from kllint.report.model import Report

FORMATS = [format_.value for format_ in Format]


class Output(NamedTuple):
    """A report to write: in which format, and into which file."""

    format: Format
    file: Path


@click.command("check")
@for_files
@for_rules
@click.option(
    "--fail-on", type=click.Choice(["error", "warning", "info"]), help="The least severity that fails."
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 although there are findings.")
@click.option(
    "--output-format", type=click.Choice(FORMATS), help="Default: full on a terminal, concise in a pipe."
)
@click.option("--output", multiple=True, metavar="FORMAT:FILE", help="Write a report into a file as well.")
@click.option(
    "--category", metavar="NAME", help="The category of a SARIF report, where a repository has several."
)
@click.option(
    "--statistics", is_flag=True, help="Print how often each rule was broken, in place of the findings."
)
@click.option(
    "--baseline", metavar="FILE", help="Report only what this file of known findings does not hold."
)
@click.option(
    "--diff-base", metavar="REV", help="Report only findings on lines changed since a git revision."
)
@click.option(
    "--add-ignore", metavar="REASON", help="Silence what is found with comments that give this reason."
)
@click.option("--show-files", is_flag=True, help="Print the files that would be read, and exit.")
@click.option("--show-settings", is_flag=True, help="Print the settings that hold for the paths, and exit.")
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Report the pitfalls in files and folders (default: the working directory; `-`: standard input).

    Exit code: 0 nothing found, 1 findings, or files that could not be read, 2 wrong use.
    """
    targets = Targets(given(flags))
    outputs = [_output(value) for value in flags["output"]]
    if flags["show_files"]:
        write(plain(file.path) for file in targets.found.files)
    elif flags["show_settings"]:
        _show_settings(targets)
    else:
        failed = _check(targets, flags, outputs)
        context.exit(1 if failed and not flags["exit_zero"] else 0)


def _check(targets: Targets, flags: dict[str, Any], outputs: list[Output]) -> bool:
    folder = Path.cwd()
    root = targets.root(targets.given.paths[0])
    changes = _changes(flags["diff_base"], folder)
    baseline = _baseline(targets, flags["baseline"])
    done = run(targets, flags)
    wanted = Wanted(targets.resolver.of_file, all_rules, done.places.sources, root, changes, baseline)
    built = build(done.analysis, wanted)
    if flags["add_ignore"] is not None:
        _add_ignore(built.report, done, flags["add_ignore"])
        return False
    page = Page(done.places, repository_root(root) or folder, all_rules, category=flags["category"])
    _write(outputs, built.report, page)
    _print(built.report, page, flags)
    return built.failed


def _write(outputs: list[Output], report: Report, page: Page) -> None:
    from kllint import atomic  # noqa: PLC0415

    for output in outputs:
        text = "".join(f"{line}\n" for line in output.format.render(report, page))
        atomic.write(output.file, text.encode("utf-8", "backslashreplace"))


def _print(report: Report, page: Page, flags: dict[str, Any]) -> None:
    width = width_of(sys.stdout)
    chosen = Format(flags["output_format"] or ("full" if sys.stdout.isatty() else "concise"))
    page = page._replace(width=width, colour=has_colour(Colour(flags["color"]), sys.stdout))
    lines = statistics(report) if flags["statistics"] and chosen.is_text else chosen.render(report, page)
    end = [summary(report)] if chosen.is_text and not flags["quiet"] else []
    write([*lines, *end])


def _output(value: str) -> Output:
    word, colon, file = value.partition(":")
    if word not in FORMATS or not file:
        hint = suggestion(word, FORMATS) if colon else ""
        advice = f"write FORMAT:FILE with one of the formats {', '.join(FORMATS)}"
        raise UserError(f"--output {value}: not a format and a file{hint}", advice)
    return Output(Format(word), Path(file))


def _changes(revision: str | None, folder: Path) -> Changes | None:
    if revision is None:
        return None
    from kllint.baseline.changes import since  # noqa: PLC0415

    return since(revision, folder)


def _baseline(targets: Targets, option: str | None) -> Baseline | None:
    file = Path(option) if option else targets.settings_of_first.baseline
    if file is None:
        return None
    from kllint.baseline.known import Baseline  # noqa: PLC0415

    return Baseline.read(file)


def _add_ignore(report: Report, done: Run, reason: str) -> None:
    from kllint.baseline.ignores import add_ignores  # noqa: PLC0415

    findings = [reported.finding for reported in report.findings]
    added = add_ignores(findings, done.places.sources, reason)
    write([f"Added {plural(added.comments, 'comment')} in {plural(added.files, 'file')}."])
    for path, why in added.left:
        click.echo(plain(f"kllint: {path}: {why}"), err=True)


def _show_settings(targets: Targets) -> None:
    from kllint.settings.show import shown  # noqa: PLC0415

    first = targets.settings_of_first
    others = [targets.resolver.of_file(file.path) for file in targets.found.files]
    different = {id(settings): settings for settings in [first, *others]}
    write(plain(line) for settings in different.values() for line in shown(settings))
