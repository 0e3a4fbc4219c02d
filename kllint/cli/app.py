"""The command `kllint`: commands are imported when they are called, and `check` may go unsaid."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import click

from kllint import __version__
from kllint.cli.terminal import hush
from kllint.errors import UserError, suggestion
from kllint.report.plain import plain

_COMMANDS = {
    "check": "Report the pitfalls in files and folders.",
    "inventory": "List every KL term, right or wrong.",
    "trace": "Show the way of the KL at FILE:LINE from log-probs to its use.",
    "rule": "Explain a rule, or list all rules.",
    "config": "Show settings, their keys and their schema.",
    "baseline": "Write down what is known, so that only new findings are reported.",
    "cache": "Show where the cache is, or empty it.",
}
_WRONG_USE = 2
_INTERRUPTED = 130


class _Commands(click.Group):
    """The commands by name; what is no command's name is the first path of `check`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"kllint.cli.{cmd_name}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {name for option in self.get_params(ctx) for name in option.opts}
        if args and args[0] not in _COMMANDS and args[0] not in own:
            is_path = args[0].startswith("-") or Path(args[0]).exists()
            if hint := "" if is_path else suggestion(args[0], _COMMANDS):
                raise UserError(
                    f"{args[0]}: neither a command nor a file{hint}", "`kllint --help` lists the commands"
                )
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`kllint PATH...` is `kllint check PATH...`.",
)
@click.version_option(__version__, "--version", "-V", prog_name="kllint", message="%(prog)s %(version)s")
def app() -> None:
    """Find KL-divergence terms in PyTorch RL code whose gradient is not what it should be."""


def main() -> NoReturn:
    """Run the command line and exit: 0 clean, 1 findings, 2 wrong use or an internal error."""
    sys.exit(_run())


def _run() -> int:
    try:
        outcome = app.main(prog_name="kllint", standalone_mode=False)
    except UserError as error:
        _complain(error.what, error.advice)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "kllint"
        _complain(error.format_message(), f"`{command} --help` tells how it is used")
    except click.ClickException as error:
        _complain(error.format_message())
    except (KeyboardInterrupt, click.Abort):
        return _INTERRUPTED
    except BrokenPipeError:
        hush()
        return _WRONG_USE
    except Exception as error:  # the last line of defence: no traceback for the user
        if isinstance(error.__cause__, KeyboardInterrupt):  # before Python 3.12, while a class is being made
            return _INTERRUPTED
        _confess(error)
    else:
        return outcome if isinstance(outcome, int) else 0
    return _WRONG_USE


def _complain(what: str, advice: str = "") -> None:
    click.echo(f"kllint: {plain(what)}", err=True)
    if advice:
        click.echo(f"  {plain(advice)}", err=True)


def _confess(error: Exception) -> None:
    if {"-v", "--verbose"} & set(sys.argv):
        import traceback  # noqa: PLC0415

        click.echo(traceback.format_exc(), err=True)
    what = f"internal error: {type(error).__name__}: {error}"
    _complain(what.partition("\n")[0], f"run it again with --verbose and report what it prints{_tracker()}")


def _tracker() -> str:
    from kllint.rules.rule import repository  # noqa: PLC0415

    return f" at {repository()}/issues" if repository() else ""
