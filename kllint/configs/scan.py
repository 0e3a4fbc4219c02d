"""What a scan of a file's bytes tells of keys, for a hundredth of what reading the file costs."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from kllint.configs.readers.dispatch import CODE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kllint.configs.setting import File

# The word comes first in each pattern, and what must stand in front of it after it: `re` finds fixed letters
# at the begin of a pattern some thirty times faster than what is behind a lookbehind.
IN_CODE = rb"""
    (?<=-%(word)b)["']                                     # "--kl-type"
  | (?<=["'.+~]%(word)b)["'](?=\s*:|\s*\]\s*=(?!=))         # {"kl_type": "k3"}, config["kl_type"] = "k3"
  | (?<!`%(word)b)(?<!\bself\.%(word)b)\s*=(?!=)           # f(kl_type="k3"), config.kl_type = "k3"
  | (?<=[\s(,:;]%(word)b)\s*:[ \t]*[^\s=][^=\n]*           # kl_type: str = "k3", kl_type: Literal[
        (?:=|[\[(|\\][^\])=\n]*$)
"""
IN_OPTIONS = IN_CODE + rb"""| (?<=["'.+~]%(word)b)["']"""  # add_argument("kl_type", default="k3")
OPTIONS = re.compile(rb"add_argument|option\(|DEFINE_|dest\s*=")
ELSEWHERE = rb"""["']?(?:[\s:=]|$)"""


def spelt(words: Iterable[str]) -> tuple[bytes, ...]:
    """Words as they may be spelt: with underscores or with hyphens."""
    return tuple(sorted({spelt.encode() for word in words for spelt in (word, word.replace("_", "-"))}))


def holds(words: Iterable[bytes], raw: bytes) -> bool:
    """Whether any of the words is in a text."""
    return any(word in raw for word in words)


def sets(file: File, name: str) -> bool:
    """Whether a file may give a key of this last name a value."""
    # Python's search for one string is a hundred times as fast as that for a pattern.
    found = [word for word in spelt([name]) if word in file.raw]
    return any(_setting(word, _context(file)).search(file.raw) for word in found)


def _context(file: File) -> bytes:
    if not file.path.endswith(CODE):
        return ELSEWHERE
    return IN_OPTIONS if OPTIONS.search(file.raw) else IN_CODE


def gives(file: File, name: str) -> bool:
    """Whether a text may hold a command with an option of this name: `--algo.kl-type k3`."""
    return any(word in file.raw and _option(word).search(file.raw) for word in spelt([name]))


@cache
def _option(word: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"--[\w.-]*?%b(?!\w)" % re.escape(word))


@cache
def _setting(word: bytes, context: bytes) -> re.Pattern[bytes]:
    word = re.escape(word)
    return re.compile(
        rb"%b(?<!\w%b)(?:%b)" % (word, word, context.replace(b"%(word)b", word)), re.VERBOSE | re.MULTILINE
    )
