"""What a scan of a file's bytes tells of keys, for a hundredth of what reading the file costs."""

from __future__ import annotations

import re
from functools import cache

PYTHON = (".py", ".pyi", ".pyw")
NOTEBOOK = ".ipynb"
SHELL = (".sh", ".bash", ".zsh", ".slurm", ".sbatch")

# Each pattern begins with the word, and what must stand in front of it comes after it: `re` finds letters that
# a pattern begins with some thirty times as fast as what is behind a lookbehind.
IN_CODE = rb"""WORD(?<!\wWORD)(?:
    (?<=[.-]WORD)["']                                  # "--kl-type", "--algo.kl_type"
  | (?<=["'+~]WORD)["'](?=\s*:|\s*\]\s*=(?!=))          # {"kl_type": "k3"}, config["kl_type"] = "k3"
  | (?<!`WORD)(?<!\bself\.WORD)\s*=(?!=|PASSED)        # f(kl_type="k3"), config.kl_type = "k3"
  | (?<=[\s(,:;]WORD)\s*:[ \t]*[^\s=][^=\n]*           # kl_type: str = "k3", kl_type: Literal[
        (?:=|[\[(|\\][^\])=\n]*$)
)"""
QUOTED = rb"""WORD(?<=["'+~]WORD)["']"""  # add_argument("kl_type", default="k3")
PASSED = rb"\s*(?:WORD|[A-Za-z_]\w*(?:\.\w+)+)\s*[,)\r\n]"  # of kl_type=kl_type, kl_type=args.kl_type: set elsewhere
OPTIONS = re.compile(rb"add_argument|option\(|DEFINE_|dest\s*=")
ELSEWHERE = rb"""WORD(?<!\wWORD)["']?(?:[\s:=]|$)"""
OPTION = rb"--[\w.-]*?WORD(?!\w)"  # "--algo.kl-type k3"
WHOLE = rb"WORD(?<![^\W_]WORD)(?:(?<!\w-WORD)|(?<=--no-WORD))(?!\w)"


@cache
def spelt(words: frozenset[str] | tuple[str, ...]) -> tuple[bytes, ...]:
    """Words as they may be spelt: with underscores or with hyphens."""
    return tuple(sorted({spelt.encode() for word in words for spelt in (word, word.replace("_", "-"))}))


def stem(name: str) -> bytes:
    """A part of a name, however that is spelt, which few texts hold and other names share."""
    parts = name.split("_")
    return b"kl" if "kl" in parts else max(parts, key=len).encode()


def sets(path: str, raw: bytes, name: str) -> bool:
    """Whether a file may give a key of this last name a value."""
    words = _words(name, raw)
    if not path.endswith((*PYTHON, NOTEBOOK)):
        return _found(ELSEWHERE, words, raw)
    return _found(IN_CODE, words, raw) or (_found(QUOTED, words, raw) and OPTIONS.search(raw) is not None)


def gives(path: str, raw: bytes, name: str) -> bool:
    """The same or, in the strings of code, an option of a command."""
    words = _words(name, raw)
    if not _found(WHOLE, words, raw):
        return False
    return not path.endswith(PYTHON) or sets(path, raw, name) or _found(OPTION, words, raw)


def _words(name: str, raw: bytes) -> list[bytes]:
    """The spellings of a name that are in a text: to search for a string is far faster than for a pattern."""
    return [word for word in spelt((name,)) if word in raw]


def _found(pattern: bytes, words: list[bytes], raw: bytes) -> bool:
    return any(_compiled(pattern, word).search(raw) for word in words)


@cache
def _compiled(pattern: bytes, word: bytes) -> re.Pattern[bytes]:
    spelt_out = pattern.replace(b"PASSED", PASSED).replace(b"WORD", re.escape(word))
    return re.compile(spelt_out, re.VERBOSE | re.MULTILINE)
