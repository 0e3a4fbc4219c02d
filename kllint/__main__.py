"""`python -m kllint`, and the command `kllint`."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn


def run() -> NoReturn:
    """Run the command line in a process of its own.

    Memory is left to the system as a whole: to look for garbage in the graph of a large project, and to free
    it node by node, would take a fifth of the time.
    """
    gc.disable()
    from kllint.cli.app import main  # noqa: PLC0415  # what is imported is no garbage either

    try:
        main()
    except SystemExit as end:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else 0)


if __name__ == "__main__":
    run()
