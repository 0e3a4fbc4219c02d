"""Other linters, each from PyPI in an environment of its own: TorchFix would else be a plugin of flake8."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES: Final = {"ruff": "ruff==0.17.6", "flake8": "flake8==7.5.0", "torchfix": "torchfix==0.7.0"}
UNIT: Final = "ruff check --no-cache"
_COMMANDS: Final = {
    UNIT: ("ruff", "check", "--no-cache", "--quiet", "--exit-zero", "--isolated"),
    "flake8": ("flake8", "--exit-zero", "--isolated", "--quiet"),
    "torchfix": ("torchfix", "--select=ALL"),
}


def installed(folder: Path) -> dict[str, tuple[str, ...]]:
    """The command of each linter, installed below a folder."""
    return {name: (str(_program(folder, words[0])), *words[1:]) for name, words in _COMMANDS.items()}


def _program(folder: Path, name: str) -> Path:
    environment = folder / name
    python = environment / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)  # noqa: S603
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGES[name]]
    subprocess.run(install, check=True, stderr=subprocess.DEVNULL)  # noqa: S603
    return python.with_name(name)
