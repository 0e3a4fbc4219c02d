"""Fused losses of other libraries, written out in plain PyTorch so that their KL can be judged at the call.

A folder here is a package that training code imports but no project contains. Its files are never run: they
are read as if they belonged to the project, unless it has modules of that name itself.
"""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = Path(__file__).parent
_OURS = f"{_FOLDER}{os.sep}"
_MODULES = {
    "liger_kernel.chunked_loss": "liger_kernel/chunked_loss.py",
    "liger_kernel.chunked_loss.grpo_loss": "liger_kernel/chunked_loss.py",
}


def kernels() -> dict[str, str]:
    """The dotted names of the modules, and the files that stand for them."""
    return {dotted: str(_FOLDER / path) for dotted, path in _MODULES.items()}


def is_kernel(path: str) -> bool:
    """Whether a file stands for another library's."""
    return path.startswith(_OURS)
