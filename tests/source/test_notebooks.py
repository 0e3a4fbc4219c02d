import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kllint.findings import Problem
from kllint.source.files import read
from kllint.source.notebooks import BadNotebook, Notebook
from kllint.source.text import Position

MARKDOWN = {"cell_type": "markdown", "source": ["# A title\n"]}


def code(source: str | list[str]) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "outputs": [{"source": ["not code"]}]}


def notebook(*cells: dict[str, Any], language: str = "python", indent: int | None = 1) -> Notebook:
    content = {"cells": list(cells), "metadata": {"language_info": {"name": language}}, "nbformat": 4}
    return Notebook("a.ipynb", json.dumps(content, indent=indent).encode())


def test_code_cells_are_one_source() -> None:
    made = notebook(MARKDOWN, code(["x = 1\n", "y = 2"]), MARKDOWN, code("z = 3"))
    assert made.source.text == "x = 1\ny = 2\nz = 3\n"


def test_places_are_found_in_cells_and_in_the_file() -> None:
    made = notebook(
        MARKDOWN,
        code(
            ["x = 1\n", 'y = "é\\n😀" + kl'],
        ),
        code("z = kl"),
    )
    first, second = (made.source.position(made.source.raw.index(word)) for word in (b"kl", b"z = kl"))
    assert made.locate(first) == (2, Position(2, 14))
    assert made.locate(second) == (3, Position(1, 1))
    for place in (first, second):
        in_file = made.in_file(place)
        rest = made.raw.line(in_file.line)[in_file.column - 1 :]
        assert rest.startswith(("kl", "z = kl"))


@given(
    st.lists(st.text(st.sampled_from('ab"\\\n\té😀\u2028%!?'), max_size=12), min_size=1, max_size=4),
    st.booleans(),
)
def test_every_character_is_found_again_in_the_file(sources: list[str], spread: bool) -> None:
    made = notebook(*map(code, sources), indent=1 if spread else None)
    for index, character in enumerate(made.source.text):
        place = made.source.position(len(made.source.text[:index].encode()))
        cell, inside = made.locate(place)
        line = sources[cell - 1].split("\n")[inside.line - 1]
        if inside.column > len(line):
            assert character == "\n"
            continue
        in_file = made.in_file(place)
        rest = made.raw.line(in_file.line)[in_file.column - 1 :]
        assert rest.startswith(json.dumps(line[inside.column - 1])[1:-1])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%matplotlib inline\nx = 1", "0                 \nx = 1\n"),
        ("!pip install x\nx = 1", "0             \nx = 1\n"),
        ("if x:\n  !ls\nx?", "if x:\n  0  \n0 \n"),
        ("files = !ls\nx = 1", "0          \nx = 1\n"),
        ("%%bash\necho 'x'\n", "0     \n0       \n"),
        ("!python x.py \\\n  --a 1 \\\n  --b 2\nx = 1", "0             \n         \n       \nx = 1\n"),
        ("%%time\nx = 1", "0     \nx = 1\n"),
        ("x = (a\n  % b)", "x = (a\n  % b)\n"),
        ("s = '''\n%s\n'''", "s = '''\n%s\n'''\n"),
    ],
)
def test_magics_become_nothing_of_the_same_length(source: str, expected: str) -> None:
    assert notebook(code(source)).source.text == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1\n!python 'é' \\\n  --b 2", "     \n python '?' \\\n  --b 2\n"),
        ("files = !ls\ny = 'é'", "         ls\n        \n"),
        ("%%bash\npython x.py\n", "      \npython x.py\n"),
        ("%%html\n<p>\n", "      \n   \n"),
        ("%cd x\n", "     \n"),
    ],
)
def test_what_is_left_to_the_shell_keeps_its_place(source: str, expected: str) -> None:
    made = notebook(code(source))
    assert made.commands == expected
    assert len(made.commands) == len(made.source.raw)


def test_other_languages_have_no_code() -> None:
    assert notebook(code("library(x)"), language="R").source.text == ""


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"{", "its JSON cannot be read"),
        (b"[1]", "has no list of cells"),
        (b'{"cells": 3}', "has no list of cells"),
        (b"[" * 100_000, "its JSON cannot be read"),
    ],
)
def test_what_is_no_notebook_says_so(raw: bytes, reason: str) -> None:
    with pytest.raises(BadNotebook, match=reason):
        Notebook("a.ipynb", raw)
    problem = read("a.ipynb", {"a.ipynb": raw})
    assert isinstance(problem, Problem)


def test_odd_cells_count_as_empty() -> None:
    made = notebook(code([1, None, "x = 1"]), {"cell_type": "code"}, {"cell_type": "code", "source": 7})  # type: ignore[list-item]
    assert made.source.text == "x = 1\n\n\n"
