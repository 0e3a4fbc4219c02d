"""`kllint config`: settings, their keys and their schema."""

from __future__ import annotations

import json

import click

from kllint.cli.targets import Given, Targets
from kllint.cli.terminal import write
from kllint.report.plain import plain
from kllint.settings.keys import KEYS


@click.group("config")
def command() -> None:
    """Show settings, their keys and their schema."""


@command.command("show")
@click.argument("path", default=".", type=click.Path())
@click.option(
    "--config", multiple=True, metavar="FILE|KEY=VALUE", help="A settings file, or one setting in TOML."
)
@click.option("--isolated", is_flag=True, help="Read no settings files.")
def show(path: str, config: tuple[str, ...], isolated: bool) -> None:
    """Print the settings that hold for PATH, each with the file it comes from."""
    from kllint.settings.show import shown  # noqa: PLC0415

    targets = Targets(Given((path,), config=config, isolated=isolated))
    write(map(plain, shown(targets.settings_of_first)))


@command.command("keys")
def keys() -> None:
    """Print every key of [tool.kllint] with what it means."""
    width = max(map(len, KEYS))
    write(f"{key.name:{width}}  {key.doc}" for key in KEYS.values())


@command.command("schema")
def schema() -> None:
    """Print the JSON schema of the settings."""
    from kllint.settings.schema import schema as made  # noqa: PLC0415

    write([json.dumps(made(), indent=2)])
