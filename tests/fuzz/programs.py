"""A project for each seed: generated from Python's grammar, or a spoilt one."""

from __future__ import annotations

import re
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Final

from tests.fuzz.mutations import spoilt
from tests.fuzz.originals import originals

if TYPE_CHECKING:
    from tests.fuzz.originals import Files

_GENERATED: Final = 0.15  # of all projects: one takes as long to make as ten others
_NAMES: Final = (
    "logp", "ref_logp", "old_logp", "kl", "loss", "torch", "beta", "mask", "rewards", "advantages", "model", "self", "F", "ratio",
    "kl_loss", "batch", "x", "args",
)  # fmt: skip
_MEMBERS: Final = (
    "exp", "log", "mean", "sum", "detach", "backward", "log_prob", "log_softmax", "clamp", "item", "append", "forward", "kl_coef",
    "square", "pow", "shape", "data", "update", "no_grad", "gather", "loss", "kl",
)  # fmt: skip


def project(seed: int) -> Files:
    """The files of a seed, the same on every machine that has the same Python."""
    random = Random(seed)  # noqa: S311  # for variety, not for secrets
    if random.random() < _GENERATED:
        return _generated(random)
    files = dict(random.choice(_originals()))
    for path in random.sample(sorted(files), random.randint(1, len(files))):
        files[path] = spoilt(random, files[path], _pool())
    return files


def _generated(random: Random) -> Files:
    from pysource_codegen import generate  # noqa: PLC0415  # costs 0.3 s

    try:
        text = generate(random.getrandbits(32), node_limit=random.choice((60, 200, 600)), depth_limit=8)
    except (RecursionError, ValueError):  # of `ast.unparse`, which cannot write all that the generator makes
        return _generated(random)
    names = dict(enumerate(random.sample(_NAMES, len(_NAMES))))
    text = re.sub(r"(?<=\.)name_\d", lambda _: random.choice(_MEMBERS), text)
    return {"train.py": re.sub(r"name_(\d)", lambda found: names[int(found[1])], text).encode()}


@cache
def _originals() -> list[Files]:
    return originals()


@cache
def _pool() -> list[bytes]:
    return [raw for files in _originals() for raw in files.values()]
