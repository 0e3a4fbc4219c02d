"""The fingerprint of a line that GitHub code scanning keeps alerts together by.

Each line is known by the hundred characters from its beginning on that are no spaces or tabs, read
as digits of a number to base 37, modulo 2 to the 64; equal lines are told apart by counting.
"""

from __future__ import annotations

import re
import sys
from array import array
from itertools import accumulate
from operator import mul

WINDOW = 100
BASE = 37
MODULUS = 1 << 64
END_OF_FILE = b"\xff\xff"
_WORTH = [pow(BASE, WINDOW - 1 - place, MODULUS) for place in range(WINDOW)]
_UTF_16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"  # JavaScript counts UTF-16 units
_UNIT = 2  # bytes


def windows(text: str) -> list[bytes]:
    """What each line of a text is known by."""
    kept = re.sub("[ \t]", "", re.sub("\r\n?", "\n", text))
    lines = [_encoded(line) for line in kept.split("\n")]
    units = _encoded("\n").join(lines) + END_OF_FILE
    starts = accumulate((len(line) + _UNIT for line in lines[:-1]), initial=0)
    return [units[start : start + WINDOW * _UNIT] for start in starts]


def line_hash(windows: list[bytes], line: int) -> str:
    """The hash of a line, counted from 1, such as `271789c17abda88f:1`, as upload-sarif computes it."""
    window = windows[line - 1]
    number = sum(map(mul, array("H", window), _WORTH)) % MODULUS
    return f"{number:x}:{windows[:line].count(window)}"


def _encoded(text: str) -> bytes:
    return text.encode(_UTF_16, "surrogatepass")
