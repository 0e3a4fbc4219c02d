"""Every name is where its span says, whatever the file is written in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kllint.ir.program import Module, Name
from kllint.load.lowering import program_of
from kllint.source.text import Source
from tests.lower.walking import misplaced, nodes

ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob("kllint/**/*.py"), *ROOT.glob("examples/**/*.py"), *ROOT.glob("tests/**/*.py")])
OTHERS = os.environ.get("KLLINT_TREES")  # a folder of other projects, for a thorough run


def names_in(raw: bytes) -> list[str]:
    source = Source("file.py", raw)
    program = program_of(source)
    assert isinstance(program, Module), program
    assert misplaced(source, program) == []
    return [node.id for node in nodes(program) if type(node) is Name]


@pytest.mark.parametrize(
    "raw",
    [
        b"a = b\r\nc = d\r\n",
        b"a = b\rc = d\r",
        b"a = b\n\x0c\nc = d\n",
        b"\x0ca = b\n\x0c c = d\n".replace(b"\x0c c", b"\x0cc"),
        b"\xef\xbb\xbfa = b\nc = d\n",
        b"\xef\xbb\xbf# coding: utf-8\ra = b\rc = d",
        "# coding: latin-1\na = b + 'é'; c = d\n".encode("latin-1"),
        "# coding: cp1252\r\na = ('é€', b)\r\nc = d\r\n".encode("cp1252"),
        "# coding: shift_jis\na = b, '日本語'; c = d\n".encode("shift_jis"),
        "a = b, 'é日𝛼'; c = d\n".encode(),
        "a = b \\\n  ; c = d  # é\n".encode(),
        'a = """\né\r\n""", b; c = d\n'.encode(),
    ],
)
def test_text_of_every_kind(raw: bytes) -> None:
    assert sorted(names_in(raw)) == ["a", "b", "c", "d"]


def test_names_that_python_normalises() -> None:
    assert names_in("\ufb01x = 𝛼\n".encode()) == ["fix", "α"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("f'{a}'", "a"),
        ("f'{a} {a.b} {c!r:>{d}}'", "a a c"),
        ("f'{{a}} {b}'", "b"),
        ("rf'\\{a}' f'\\N{DASH}{b}' '{c}'", "a b"),
        ("f'{a=} {b = !s} {c!=d} {e==f}'", "a b c d e f"),
        ("f'''\n{a}\né{\nb}'''", "a b"),
        ("f'{x[\"}\"]} {(lambda y: y)(z)} {(w:=1)}'", "x y z w"),
        ("(f'é{a}'  # {no}\n 'x' f\"{b:{c}.{d}}\")", "a b"),
        ("f'{f\"{a} {b}\"} {c}'", "a b c"),
        ("f'{a}' + b'{c}'.decode() + f'{ {d: e}[d] }'", "a d e d"),
    ],
)
def test_expressions_in_f_strings(text: str, names: str) -> None:
    assert names_in(f"{text}\n".encode()) == names.split()


_COMMENT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0", exclude_categories=["Cs"]))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(FILES),
    st.lists(st.tuples(st.integers(0, 10_000), _COMMENT), max_size=5),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
def test_mutated_files(file: Path, comments: list[tuple[int, str]], newline: str, bom: bool) -> None:
    lines = file.read_text().split("\n")
    for number, comment in comments:
        spot = number % len(lines)
        if lines[spot] == "":
            lines[spot] = f"\x0c#{comment}" if number % 2 else f"#{comment}"
    text = newline.join(lines)
    source = Source("file.py", b"\xef\xbb\xbf" * bom + text.encode())
    program = program_of(source)
    if isinstance(program, Module):
        assert misplaced(source, program) == []
    else:
        assert "coding" in text  # a comment that happens to be a cookie


@pytest.mark.skipif(not OTHERS, reason="KLLINT_TREES names no folder of projects")
def test_files_of_other_projects() -> None:
    for file in Path(OTHERS or ".").rglob("*.py"):
        source = Source(str(file), file.read_bytes())
        program = program_of(source)
        if isinstance(program, Module):
            assert misplaced(source, program) == [], file
