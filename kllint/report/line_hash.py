"""The fingerprint of a line that GitHub code scanning keeps alerts together by.

Each line is known by the hundred characters from its beginning on that are no spaces or tabs, read
as digits of a number to base 37, modulo 2 to the 64; equal numbers are told apart by counting.
"""

from __future__ import annotations

import re
import sys
from array import array
from itertools import accumulate
from operator import mul

from kllint.report.fingerprint import counted

WINDOW = 100
BASE = 37
MODULUS = 1 << 64
END_OF_FILE = b"\xff\xff"
_WORTH = [pow(BASE, WINDOW - 1 - place, MODULUS) for place in range(WINDOW)]
_UTF_16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"  # JavaScript counts UTF-16 units
_UNIT = 2  # bytes


def line_hashes(text: str) -> list[str]:
    """The hash of each line of a text, such as `271789c17abda88f:1`, as upload-sarif computes it."""
    kept = re.sub("[ \t]", "", re.sub("\r\n?", "\n", text))
    lines = [_encoded(line) for line in kept.split("\n")]
    units = _encoded("\n").join(lines) + END_OF_FILE
    starts = accumulate((len(line) + _UNIT for line in lines[:-1]), initial=0)
    return counted(f"{_number(units[start : start + WINDOW * _UNIT]):x}" for start in starts)


def _number(window: bytes) -> int:
    value: int = sum(map(mul, array("H", window), _WORTH))
    return value % MODULUS


def _encoded(text: str) -> bytes:
    return text.encode(_UTF_16, "surrogatepass")
