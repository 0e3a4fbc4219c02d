"""What is left of a text without its functions."""

from __future__ import annotations

import pytest

from kllint.source.outline import outline


def left_out(text: str) -> list[str]:
    found = outline("\n" + text)
    assert found.text.count("\n") == text.count("\n") + 1
    return [("\n" + text)[one.start : one.end] for one in found.functions.values()]


@pytest.mark.parametrize(
    ("text", "functions"),
    [
        ("def f(x):\n    y = x\n    return y\nz = 1\n", ["def f(x):\n    y = x\n    return y"]),
        ("if x:\n async def f():\n  a\n  b\n def g():\n  c\n  d\n", [" async def f():\n  a\n  b", " def g():\n  c\n  d"]),
        ("def f(\n    x,\n    y=(1, 2),  # why (\n) -> dict[str, int]:  # this\n\n    a\n    b\n", [...]),
        ("if x:\n\tdef f():\n\t\ta\n\t\tb\nelse:\n\tdef f():\n\t\tc\n\t\td", ["\tdef f():\n\t\ta\n\t\tb", "\tdef f():\n\t\tc\n\t\td"]),
        ("def f():\n    def g():\n        a\n        b\n    return g\n", [...]),
        ('def f():\n    """a\nb\n"""\n    return 1\nx = 1\n', ['def f():\n    """a\nb\n"""\n    return 1']),
        ("def f():\n    a\n# not the end\n    b\n    # of it\n# after\nx = 1\n", ["def f():\n    a\n# not the end\n    b"]),
        ("@a\ndef f():\n    a\n    b\n@b\ndef g(): return 1\n", ["def f():\n    a\n    b"]),
    ],
)  # fmt: skip
def test_functions(text: str, functions: list[str]) -> None:
    assert left_out(text) == ([text.rstrip("\n")] if functions == [...] else functions)


@pytest.mark.parametrize(
    "text",
    [
        "def f(): return 1\nif x:\n    a\n    b\n",
        "def f(x='#)'):\n    a\n    b\n",
        "def f(x):\nreturn x\n",
        "def f(x",
        "def f(x):",
        "def f(x):\n    # nothing\n",
        "def f(x):\n    y = x\n    return g(y,\n",
        "def f(x):\n    y = x\n    return x]\n",
        'def f(a="#"):\n    pass\ndef g(x):\n    y = "(", ")"\n    if y == ")":\n        a\n        b\n',
        "def f():\n    x = \"'''\"\n    return x\ndef g():\n    a\n    b\n"[:44],
    ],
)
def test_what_the_lines_do_not_tell_stays(text: str) -> None:
    assert left_out(text) == []


def test_a_name_ends_where_the_body_ends() -> None:
    found = outline("x\ndef f(x):\n    y = x\n    return 'é'  # \n\nz\n")
    assert found.text == "x\ndef f():\n\n    ______________ \n\nz\n"
    assert list(found.functions) == [4]
    assert found.functions[4].line == 2
