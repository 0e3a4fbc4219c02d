"""How the time grows with the number of files, and with the lines of one file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN = (
    "def f{number}(x, y):\n    total = x + y * {number}\n    return [total for _ in range({number})]\n\n\n"
)
_KL = (
    "def kl_loss{number}(logp, ref_logp, mask):\n"
    "    log_ratio = ref_logp - logp\n"
    "    kl = log_ratio.exp() - log_ratio - 1\n"
    "    return (kl * mask).sum() / mask.sum()\n\n\n"
)


def by_files(lint: Callable[..., float]) -> list[tuple[int, float]]:
    """Seconds for folders of more and more files, of which one in ten holds a KL."""
    found = []
    for count in (1_000, 3_000, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            for number in range(count):
                block = _PLAIN if number % 10 else _KL
                package = Path(folder, f"part{number // 100}")
                package.mkdir(exist_ok=True)
                (package / f"file{number}.py").write_text(block.format(number=number) * 5)
            found.append((count, lint(Path(folder), "--no-cache")))
    return found


def by_lines(lint: Callable[..., float]) -> list[tuple[int, float]]:
    """Seconds for one file of more and more lines, half of them in functions that hold a KL."""
    found = []
    for count in (100, 1_000, 5_000, 20_000):
        with tempfile.TemporaryDirectory() as folder:
            blocks = [(_PLAIN, _KL)[number % 2].format(number=number) for number in range(count * 2 // 11)]
            Path(folder, "train.py").write_text("".join(blocks))
            found.append((count, lint(Path(folder), "--no-cache")))
    return found
