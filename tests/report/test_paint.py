from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kllint.report.paint import cells, clip, wrap
from kllint.report.plain import plain

TEXT = st.text(st.sampled_from("ab [\té漢\u0301😀"), max_size=60)


@given(TEXT, st.integers(20, 40), st.sampled_from(["", "  ", "      "]))
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: int, indent: str) -> None:
    lines = wrap(text, width, indent)
    assert all(cells(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_wrapping_keeps_the_indent_and_adds_one() -> None:
    assert wrap("  = note: " + "word " * 4, 20, "    ") == ["  = note: word word", "    word word "]
    assert wrap("a b", None) == ["a b"]
    assert wrap("", 20) == [""]


@given(TEXT, st.integers(0, 30))
def test_clipped_text_is_the_longest_beginning_that_fits(text: str, width: int) -> None:
    cut = clip(text, width)
    assert text.startswith(cut)
    assert cells(cut) <= width
    assert cut == text or cells(text[: len(cut) + 1]) > width


@given(st.text())
def test_plain_text_cannot_steer_a_terminal(text: str) -> None:
    shown = plain(text)
    assert len(shown) == len(text)
    assert not any((ord(c) < 32 and c != "\t") or 0x7F <= ord(c) < 0xA0 for c in shown)
    assert not set(shown) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u2028\u2029"
    )
    shown.encode()  # no lone surrogates are left


@pytest.mark.parametrize("text", ["lp[mask] - ref[mask]", "漢字 é 😀", "[red]x[/red] :smile:", "a\tb"])
def test_plain_text_is_left_as_it_is(text: str) -> None:
    assert plain(text) == text
