"""`kllint cache`: where it is, and an end to what is in it."""

from __future__ import annotations

from pathlib import Path

import click

from kllint.cli.targets import Given, Targets
from kllint.cli.terminal import write
from kllint.load.cache import Cache
from kllint.report.plain import plain
from kllint.report.wording import plural

_path = click.argument("path", default=".", type=click.Path())
_folder = click.option("--cache-dir", metavar="FOLDER", help="The folder of the cache.")


@click.group("cache")
def command() -> None:
    """Show where the cache is, or empty it."""


@command.command("dir")
@_path
@_folder
def where(path: str, cache_dir: str | None) -> None:
    """Print the folder of the cache for the project of PATH."""
    write([plain(str(_of(path, cache_dir)))])


@command.command("clear")
@_path
@_folder
def clear(path: str, cache_dir: str | None) -> None:
    """Remove what is cached for the project of PATH. Nothing but time is lost."""
    folder = _of(path, cache_dir)
    write([f"{plain(str(folder))}: {plural(Cache(folder).clear(), 'cached file')} removed."])


def _of(path: str, cache_dir: str | None) -> Path:
    return Targets(Given((path,))).cache_folder if cache_dir is None else Path(cache_dir)
