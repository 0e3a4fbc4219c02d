"""`kllint trace`: the way of one KL from log-probs to its use."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kllint.cli.options import for_analysis, given
from kllint.cli.run import run
from kllint.cli.targets import Targets
from kllint.cli.terminal import Colour, has_colour, width_of, write
from kllint.errors import UserError
from kllint.report.trace import nearest_lines, trace

if TYPE_CHECKING:
    from kllint.cli.run import Analyser, Run


@click.command("trace")
@click.argument("place", metavar="FILE:LINE")
@for_analysis
@click.pass_context
def command(context: click.Context, /, place: str, **flags: Any) -> None:
    """Show the KL at FILE:LINE: what it is, and its way from log-probs to its use.

    The way goes through functions and files; each step tells the fitted value, and the derivative with respect
    to log q, where they change.
    """
    path, line = _place(place)
    targets = Targets(given({**flags, "paths": (path,)}))
    done = run(targets, flags, _tracer, inventory=True)
    colour = has_colour(Colour(flags["color"]), sys.stdout)
    lines = list(trace(done.analysis, done.places, line, width_of(sys.stdout), colour=colour))
    if not lines:
        raise UserError(f"{place}: no KL term is found there", _elsewhere(done))
    write(lines)
    context.exit(0)


def _tracer() -> Analyser:
    from kllint.analysis import traced  # noqa: PLC0415  # imports the core: only when there is work

    return traced


def _place(place: str) -> tuple[str, int]:
    path, _, line = place.removesuffix(":").rpartition(":")
    if path and line.isdecimal() and not Path(place).exists():
        head, _, before = path.rpartition(":")
        if before.isdecimal() and head and not Path(path).exists():
            return head, int(before)  # FILE:LINE:COLUMN, as in a report
        return path, int(line)
    raise UserError(f"{place}: not a file and a line", "write FILE:LINE, such as trainer.py:120")


def _elsewhere(done: Run) -> str:
    lines = nearest_lines(done.analysis, done.places)
    if not lines:
        return "there is none in this file: `kllint inventory` lists all of a folder"
    return f"there are some on line {', '.join(map(str, lines))}"
