"""What is left of a text without the bodies of its functions."""

from __future__ import annotations

import pytest

from kllint.source.outline import outline


def left_out(text: str) -> list[str]:
    found = outline("\n" + text)
    assert found.text.count("\n") == text.count("\n") + 1
    return [("\n" + text)[body.start : body.end] for body in found.bodies.values()]


@pytest.mark.parametrize(
    ("text", "bodies"),
    [
        ("def f(x):\n    y = x\n    return y\nz = 1\n", ["    y = x\n    return y"]),
        ("class A:\n  async def f(self):\n    a\n    b\n  def g(self):\n    c\n    d\n", ["    a\n    b", "    c\n    d"]),
        ("def f(\n    x,\n    y=(1, 2),  # why (\n) -> dict[str, int]:  # this\n\n    a\n    b\n", ["\n    a\n    b"]),
        ("if x:\n\tdef f():\n\t\ta\n\t\tb\nelse:\n\tdef f():\n\t\tc\n\t\td", ["\t\ta\n\t\tb", "\t\tc\n\t\td"]),
        ("def f():\n    def g():\n        a\n        b\n    return g\n", ["    def g():\n        a\n        b\n    return g"]),
        ('def f():\n    """a\nb\n"""\n    return 1\nx = 1\n', ['    """a\nb\n"""\n    return 1']),
        ("def f():\n    a\n# not the end\n    b\n    # of it\n# after\nx = 1\n", ["    a\n# not the end\n    b"]),
        ("@a\ndef f():\n    a\n    b\n@b\ndef g(): return 1\n", ["    a\n    b"]),
    ],
)  # fmt: skip
def test_bodies(text: str, bodies: list[str]) -> None:
    assert left_out(text) == bodies


@pytest.mark.parametrize(
    "text",
    [
        "def f(): return 1\nif x:\n    a\n    b\n",
        "def f(x='#)'):\n    a\n    b\n",
        "def f(x):\nreturn x\n",
        "def f(x",
        "def f(x):",
        "def f(x):\n    # nothing\n",
        "def f():\n    x = \"'''\"\n    return x\ndef g():\n    a\n    b\n"[:44],
    ],
)
def test_what_the_lines_do_not_tell_stays(text: str) -> None:
    assert left_out(text) == []


def test_a_name_ends_where_the_body_ends() -> None:
    found = outline("x\ndef f(x):\n    y = x\n    return 'é'  # \n\nz\n")
    assert found.text == "x\ndef f(x):\n\n    ______________ \n\nz\n"
    assert list(found.bodies) == [4]
    assert found.bodies[4].line == 3
