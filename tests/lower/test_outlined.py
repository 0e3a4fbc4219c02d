"""A program whose functions are parsed one by one is that of the whole tree."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kllint.fence import Unreadable
from kllint.findings import Problem
from kllint.ir import program as ir
from kllint.load.lowering import _whole, program_of
from kllint.lower.outlined import lower_outlined
from kllint.source.gate import outlined
from kllint.source.text import Source
from tests.lower.walking import nodes

ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob("kllint/**/*.py"), *ROOT.glob("examples/**/*.py"), *ROOT.glob("tests/**/*.py")])
BLOCKS = (ir.Function, ir.Class, ir.If, ir.Loop, ir.With, ir.Try)  # end with comments, as lines do


def comparable(value: Any) -> Any:
    if isinstance(value, tuple):
        return [comparable(part) for part in value]
    if not is_dataclass(value):
        return repr(value)
    names = [field.name for field in fields(value) if field.name != "end" or not isinstance(value, BLOCKS)]
    return [type(value).__name__, *(comparable(getattr(value, name)) for name in names)]


def of_parts(source: Source) -> ir.Module | None:
    """The program without any help of the whole tree."""

    def whole() -> NoReturn:
        raise AssertionError(source.text)

    found = outlined(source)
    return lower_outlined(source, *found, whole) if found else None


@pytest.mark.parametrize("file", [pytest.param(file, id=file.stem) for file in FILES])
def test_on_files(file: Path) -> None:
    source = Source("file.py", file.read_bytes())
    program = of_parts(source)
    assert program is None or comparable(program) == comparable(_whole(source))


def test_all_are_read_so_that_hold_no_code_in_strings() -> None:
    files = [
        file for file in ROOT.glob("kllint/**/*.py") if not file.name.startswith("kl") and file.stat().st_size
    ]
    assert [file for file in files if outlined(Source("file.py", file.read_bytes())) is None] == []


_LINES = [
    '"""',
    "    '''",
    "def f(x):",
    "    def g(self):",
    "        return 1",
    "# (",
    ")",
    "x = [",
    "]",
    "class A:",
    "",
    "é",
]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(FILES),
    st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(_LINES)), max_size=4),
    st.lists(st.integers(0, 10_000), max_size=3),
)
def test_on_mutated_files(file: Path, added: list[tuple[int, str]], gone: list[int]) -> None:
    lines = file.read_text().split("\n")
    lines = [line for number, line in enumerate(lines) if number not in {one % len(lines) for one in gone}]
    for number, line in added:
        lines.insert(number % (len(lines) + 1), line)
    source = Source("file.py", "\n".join(lines).encode())
    whole = _whole(source)
    if isinstance(whole, ir.Module):
        program = of_parts(source)
        assert program is None or comparable(program) == comparable(whole)


def test_a_body_that_is_no_python_is_a_problem_when_it_is_looked_into() -> None:
    program = program_of(
        Source("file.py", b"\ndef f():\n    print 'a'\n    return 1\n\ndef g():\n    a\n    b\n")
    )
    assert isinstance(program, ir.Module)
    bad, good = program.body
    assert isinstance(bad, ir.Function)
    with pytest.raises(Unreadable, match="Missing parentheses") as told:
        _ = bad.body
    assert told.value.problem == Problem("file.py", told.value.problem.reason, 14)
    assert len(list(nodes(good))) == 5


def test_a_body_in_syntax_newer_than_the_host_is_found_in_the_whole() -> None:
    text = "\nclass A:\n    def f(self):\n        type B[T] = T\n        return b\n\n    def g(self):\n        a\n        return c\n"
    program = program_of(Source("file.py", text.encode()))
    assert isinstance(program, ir.Module)
    assert {node.id for node in nodes(program) if isinstance(node, ir.Name)} >= {"b", "c"}
