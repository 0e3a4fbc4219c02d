import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kllint.source.text import Position, Source, Undecodable

TEXTS = st.text(st.sampled_from("ab\té😀\u0301\u2028\x0c\n\r"), max_size=30)


@given(TEXTS)
def test_every_offset_comes_back_from_its_position(text: str) -> None:
    source = Source("a.py", text.encode())
    for index in range(len(text) + 1):
        offset = len(text[:index].encode())
        if text[index - 1 : index + 1] != "\r\n":
            assert source.offset(*source.position(offset)) in {offset, *_inside_line_end(text, index)}


def _inside_line_end(text: str, index: int) -> set[int]:
    """A position within a line's end is that of the line's last character."""
    start = len(text[:index].rstrip("\r\n").encode())
    return {start} if index and text[index - 1] in "\r\n" else set()


@given(TEXTS)
def test_lines_are_those_of_python(text: str) -> None:
    normal = text.replace("\r\n", "\n").replace("\r", "\n")
    source = Source("a.py", text.encode())
    assert [source.line(number) for number in range(1, len(source.starts) + 1)] == normal.split("\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_positions_agree_with_ast(end: str) -> None:
    raw = end.join(["s = 'é😀'", "y = 1", "z = s + y"]).encode()
    last = ast.parse(raw.decode().replace("\r\n", "\n").replace("\r", "\n")).body[2]
    assert isinstance(last, ast.Assign)
    node = last.value
    offset = raw.index(b"s + y")
    assert Source("a.py", raw).position(offset) == Position(node.lineno, node.col_offset + 1)


def test_columns_count_code_points_and_utf16_units() -> None:
    raw = "x = '😀'; kl = 1".encode()
    source = Source("a.py", raw)
    offset = raw.index(b"kl")
    assert source.position(offset) == (1, 10)
    assert source.utf16_column(offset) == 11


def test_a_byte_order_mark_is_in_no_column() -> None:
    source = Source("a.py", b"\xef\xbb\xbfkl = 1\nx = 2")
    assert source.position(3) == (1, 1)
    assert source.offset(1, 1) == 3
    assert source.line(1) == "kl = 1"
    assert source.text.startswith("kl")


def test_a_cookie_chooses_the_encoding() -> None:
    raw = "# -*- coding: latin-1 -*-\ns = 'é'; kl = 1\n".encode("latin-1")
    source = Source("a.py", raw)
    assert source.text.splitlines()[1] == "s = 'é'; kl = 1"
    assert source.position(raw.index(b"kl")) == (2, 10)


def test_a_cookie_stands_on_the_second_line_also_after_carriage_returns() -> None:
    assert Source("a.py", b"#!/usr/bin/python\r# coding: latin-1\rs = '\xe9'").text.endswith("'é'")


@pytest.mark.parametrize(
    ("raw", "reason", "offset"),
    [
        (b"x = 1\ns = '\xe9'\n", "not valid utf-8: byte 0xe9 cannot be decoded", 11),
        (b"# coding: no-such\n", "unknown encoding: no-such", 0),
        (b"# coding: utf-16\nx = 1", "not valid utf-16", 0),
    ],
)
def test_what_is_not_text_says_why(raw: bytes, reason: str, offset: int) -> None:
    source = Source("a.py", raw)
    with pytest.raises(Undecodable, match=reason) as caught:
        _ = source.text
    assert caught.value.offset >= offset
    assert source.line(1)  # what can be shown of it still is


def test_places_beyond_the_end_are_the_end() -> None:
    source = Source("a.py", b"x = 1\n")
    assert source.position(100) == (2, 1)
    assert source.offset(100, 100) == 6
    assert source.line(9) == ""
    assert Source("e.py", b"").position(0) == (1, 1)
