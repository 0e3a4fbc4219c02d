"""The options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kllint.cli.targets import Given
from kllint.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SEVERITIES = click.Choice(["error", "warning", "info"])
_CONFIDENCES = click.Choice(["high", "medium", "low"])
_LISTS = ("select", "extend-select", "ignore", "exclude")
_TAKEN_AS_THEY_ARE = (
    "min-severity",
    "min-confidence",
    "fail-on",
    "regime",
    "target",
    "force-exclude",
    "cache-dir",
)

paths = click.argument("paths", nargs=-1, type=click.Path(allow_dash=True))

_WHICH_FILES = (
    click.option(
        "--exclude", multiple=True, metavar="GLOB", help="Leave out files and folders, as .gitignore would."
    ),
    click.option(
        "--force-exclude", is_flag=True, default=None, help="Leave out excluded files though they are named."
    ),
    click.option(
        "--stdin-filename", metavar="FILE", help="The name of what is read from standard input (`-`)."
    ),
    click.option("--project-root", metavar="FOLDER", help="The folder whose files are analysed together."),
)
_WHICH_SETTINGS = (
    click.option(
        "--config", multiple=True, metavar="FILE|KEY=VALUE", help="A settings file, or one setting in TOML."
    ),
    click.option("--isolated", is_flag=True, help="Read no settings files."),
    click.option(
        "--regime", type=click.Choice(["auto", "on-policy", "off-policy"]), help="Where samples come from."
    ),
    click.option("--target", type=click.Choice(["reverse", "forward"]), help="The KL that is meant."),
    click.option(
        "--jobs", "-j", type=click.IntRange(min=0), metavar="N", help="Processes that judge; 0: one a core."
    ),
    click.option("--cache-dir", metavar="FOLDER", help="The folder of the cache."),
    click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
)
_WHICH_RULES = (
    click.option(
        "--select", multiple=True, metavar="CODES", help="The rules to run: KL1, KL203, ... Default: all."
    ),
    click.option(
        "--ignore", multiple=True, metavar="CODES", help="Rules not to run; the longer prefix wins."
    ),
    click.option(
        "--extend-select", multiple=True, metavar="CODES", help="Rules to run besides those selected."
    ),
    click.option(
        "--per-file-ignores", multiple=True, metavar="GLOB:CODES", help="Rules not to run in some files."
    ),
    click.option("--min-severity", type=_SEVERITIES, help="The least severity to report. Default: warning."),
    click.option(
        "--min-confidence", type=_CONFIDENCES, help="The least confidence to report. Default: medium."
    ),
)
_HOW_LOUD = (
    click.option(
        "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Use colour."
    ),
    click.option("--quiet", "-q", is_flag=True, help="Print findings only."),
    click.option(
        "--verbose", "-v", is_flag=True, help="Say what is read, and show tracebacks of internal errors."
    ),
)


def for_files(command: Any) -> Any:
    """Options of every command that analyses files."""
    return paths(for_analysis(command))


def for_analysis(command: Any) -> Any:
    """The same without the paths."""
    return _with(command, (*_WHICH_FILES, *_WHICH_SETTINGS, *_HOW_LOUD))


def for_rules(command: Any) -> Any:
    """Options of commands that report findings."""
    return _with(command, _WHICH_RULES)


def _with(command: Any, options: Sequence[Callable[[Any], Any]]) -> Any:
    for option in reversed(options):
        command = option(command)
    return command


def given(flags: dict[str, Any], default: tuple[str, ...] = (".",)) -> Given:
    """What the options say, in the words of the settings."""
    table: dict[str, Any] = {}
    for name in _LISTS:
        if values := flags.get(name.replace("-", "_")):
            table[name] = list(values) if name == "exclude" else _codes(values)
    for name in _TAKEN_AS_THEY_ARE:
        if (value := flags.get(name.replace("-", "_"))) is not None:
            table[name] = value
    if flags.get("jobs") is not None:
        table["jobs"] = flags["jobs"]
    if entries := flags.get("per_file_ignores"):
        table["per-file-ignores"] = _file_ignores(entries)
    return Given(
        paths=flags["paths"] or default,
        config=flags["config"],
        isolated=flags["isolated"],
        table=table,
        project_root=flags["project_root"],
        stdin_filename=flags["stdin_filename"],
        no_cache=flags["no_cache"],
    )


def _codes(values: Sequence[str]) -> list[str]:
    return [code for value in values for code in value.replace(",", " ").split()]


def _file_ignores(entries: Sequence[str]) -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for entry in entries:
        glob, colon, codes = entry.rpartition(":")
        if not colon or not glob:
            advice = "write GLOB:CODES, such as tests/**:KL4"
            raise UserError(f"--per-file-ignores {entry}: no colon in it", advice)
        table[glob] = [*table.get(glob, ()), *_codes([codes])]
    return table
