"""The fingerprint of a line that GitHub code scanning keeps alerts together by.

Each line is known by the hundred characters from its beginning on that are no spaces or tabs, read
as digits of a number to base 37, modulo 2 to the 64; equal numbers are told apart by counting.
"""

from __future__ import annotations

import re
import sys
from array import array

from kllint.report.fingerprint import counted

WINDOW = 100
BASE = 37
END_OF_FILE = 0xFFFF
MODULUS = 1 << 64
_UTF_16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"


def line_hashes(text: str) -> list[str]:
    """The hash of each line of a text, such as `271789c17abda88f:1`, as upload-sarif computes it."""
    kept = re.sub("[ \t]", "", re.sub("\r\n?", "\n", text))
    units = array("H", kept.encode(_UTF_16, "surrogatepass"))  # JavaScript counts UTF-16 units
    units.append(END_OF_FILE)
    ends = [index for index, unit in enumerate(units) if unit == ord("\n")]
    return counted(f"{_number(units[start : start + WINDOW]):x}" for start in (0, *(end + 1 for end in ends)))


def _number(units: array[int]) -> int:
    value = 0
    for unit in units:
        value = value * BASE + unit
    return value * pow(BASE, WINDOW - len(units), MODULUS) % MODULUS
