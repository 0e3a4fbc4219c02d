"""The one gate through which foreign text (names, sources, messages) goes before a person sees it."""

from __future__ import annotations

from functools import cache

_BIDI = [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C]
_SEPARATORS = [0x2028, 0x2029, 0xFEFF, *range(0xFFF9, 0xFFFC)]
_INVISIBLE = [*range(0x200B, 0x200C), *range(0xE0000, 0xE0080)]


@cache
def _table() -> dict[int, int]:
    return {
        **{code: 0x2400 + code for code in range(0x20) if code != 0x09},  # ESC becomes the picture of ESC
        0x7F: 0x2421,
        **dict.fromkeys([*range(0x80, 0xA0), *_BIDI, *_SEPARATORS, *_INVISIBLE], 0xFFFD),
        **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),  # what is left of names that are not UTF-8
    }


def plain(text: str) -> str:
    """The text in one line, each character that could steer a terminal or mislead a reader replaced."""
    return text if text.isascii() and text.isprintable() else text.translate(_table())
