"""`kllint inventory`: every KL term, right or wrong."""

from __future__ import annotations

import sys
from typing import Any

import click

from kllint.cli.options import for_files, given
from kllint.cli.run import run
from kllint.cli.targets import Targets
from kllint.cli.terminal import Colour, has_colour, width_of, write


@click.command("inventory")
@for_files
@click.option(
    "--output-format", type=click.Choice(["table", "json"]), default="table", help="Default: table."
)
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """List every KL term: estimator, direction, weight, gradient, use, regime and verdict.

    Exit code: 0, or 1 if files could not be read, 2 wrong use.
    """
    targets = Targets(given(flags))
    done = run(targets, flags, inventory=True)
    if flags["output_format"] == "json":
        from kllint.report.formats.json_v1 import dumps, sites_object  # noqa: PLC0415

        write([dumps(sites_object(done.analysis.sites, done.analysis.problems, done.places))])
    else:
        from kllint.report.table import table  # noqa: PLC0415  # imports rich

        colour = has_colour(Colour(flags["color"]), sys.stdout)
        write(table(done.analysis, done.places, width_of(sys.stdout), colour=colour, quiet=flags["quiet"]))
    context.exit(1 if done.analysis.problems else 0)
