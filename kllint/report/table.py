"""The inventory as a table."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kllint.report.plain import plain
from kllint.report.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kllint.findings import Analysis, Site
    from kllint.report.places import Places

COLUMNS = ("place", "function", "estimator", "of", "weight", "gradient", "use", "regime", "verdict")
STACKED = ((0, 2), (2, 4), (4, 6), (6, 8), (8, 9))  # columns that share one where there is little room
ROOMY = 150
UNLIMITED = 10_000


def table(
    analysis: Analysis, places: Places, width: int | None, *, colour: bool, quiet: bool
) -> Iterator[str]:
    """A row for each site, then what could not be read, then a count."""
    if analysis.sites:
        roomy = width is None or width >= ROOMY
        groups = tuple((index, index + 1) for index in range(len(COLUMNS))) if roomy else STACKED
        yield from _printed(_table(analysis, places, groups), width, colour=colour)
    for problem in analysis.problems:
        yield plain(f"{places.of_problem(problem)}: KL001 error: {problem.reason}")
    if not quiet:
        yield f"{plural(len(analysis.sites), 'KL term')} in {plural(len(analysis.files), 'file')}."


def _table(analysis: Analysis, places: Places, groups: Sequence[tuple[int, int]]) -> Table:
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_lines=False, leading=0 if len(groups) > 5 else 1)
    for start, end in groups:
        made.add_column("\n".join(COLUMNS[start:end]), overflow="fold")
    for site in analysis.sites:
        cells = [plain(cell) for cell in _row(site, places)]
        made.add_row(*(Text("\n".join(cells[start:end])) for start, end in groups))
    return made


def _row(site: Site, places: Places) -> Iterator[str]:
    verdict = f"{site.verdict}, when {site.condition}" if site.condition else site.verdict
    yield str(places.place(site.span))
    yield site.function
    yield site.estimator
    yield f"KL({site.numerator} || {site.denominator})"
    yield site.weight
    yield site.grad
    yield site.use
    yield site.regime
    yield verdict


def _printed(made: Table, width: int | None, *, colour: bool) -> Iterator[str]:
    """The table as lines; rich never sees text as markup, nor a stream it could make assumptions about."""
    console = Console(
        file=StringIO(),
        width=width or UNLIMITED,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        markup=False,
        emoji=False,
        highlight=False,
    )
    with console.capture() as capture:
        console.print(made)
    lines = [line.rstrip() for line in capture.get().split("\n")]
    yield from "\n".join(lines).strip("\n").split("\n")
