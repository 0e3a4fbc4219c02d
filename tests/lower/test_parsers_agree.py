"""Both parsers give one program: `ast`, and LibCST for what is newer than the running Python."""

from __future__ import annotations

import ast
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import libcst
import pytest

from kllint.ir import program as ir
from kllint.load.lowering import _newer, program_of
from kllint.lower.newer.statements import lower_module as lower_newer
from kllint.lower.statements import lower_module
from kllint.source.text import Source
from tests.lower.walking import misplaced

ROOT = Path(__file__).parents[2]
FILES = [*ROOT.glob("kllint/**/*.py"), *ROOT.glob("examples/**/*.py"), *ROOT.glob("tests/**/*.py")]
BLOCK = re.compile(r"^```python.*?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CASES = [
    pytest.param(block.encode(), id=f"{file.name}:{number}")
    for file in sorted(ROOT.glob("tests/cases/*.md"))
    for number, block in enumerate(BLOCK.findall(file.read_text()))
]
# Where a span is with one parser but not with the other that of the brackets around.
BRACKETED = (ir.Sequence, ir.Comprehension, ir.Return)


def comparable(value: Any) -> Any:
    """A program without what the parsers are free to differ in."""
    if isinstance(value, tuple):
        return [comparable(part) for part in value]
    if not is_dataclass(value):
        return repr(value)
    if isinstance(value, ir.Format):
        return [comparable(part) for part in value.parts if not isinstance(part, ir.Literal)]
    left_out = {"start", "end"} if isinstance(value, BRACKETED) else set()
    kept = [field.name for field in fields(value) if field.name not in left_out]
    kind = ir.Function if isinstance(value, ir.Function) else type(value)  # which may be lowered later
    return [kind.__name__, *(comparable(getattr(value, name)) for name in kept)]


def both(raw: bytes) -> tuple[Any, Any]:
    source = Source("file.py", raw)
    old = lower_module(source, ast.parse(source.text))
    new = lower_newer(source.path, libcst.parse_module(source.text), source.bom)
    return comparable(old), comparable(new)


@pytest.mark.parametrize("file", [pytest.param(file, id=file.stem) for file in sorted(FILES)])
def test_on_files(file: Path) -> None:
    old, new = both(file.read_bytes())
    assert old == new


@pytest.mark.parametrize("raw", CASES)
def test_on_cases(raw: bytes) -> None:
    old, new = both(raw)
    assert old == new


EVERYTHING = """
async def f(a, /, b=1, *c, d: int = 2, e, **g) -> int:
    async with x as y, z: await w
    async for i, *j in k: continue
    else: pass
    return (yield a), (yield from b), not c, -1, -x, ~y, a if b else c, lambda p, *q, r=1, **s: p
while a < b <= c != d is not e not in f: break
try: raise X from y
except (A, B) as e: pass
else: g()
finally: h(*a, b, k=1, *c, **d)
try: raise
except* A: pass
x: int
x: dict[str, int] = {**a, b: c, 1: {2, 3}, "k": [*d, 4]}
x @= y; z //= 2; w >>= v = 1 if 0 else 2 if 0 else 3
match a:
    case 1 | 2: b
    case None: c
    case [x, *_]: d
    case {"k": 1} if e: f
    case _: g
import a.b.c, d as e; from .. import f as g; from .h import *; from i.j import (k, l as m)
x[1:2, ..., None, i:], x[1:], x[(a, b)], {k: v for k in a if b for v in c}, {i for i in j}
(n := 10), 1j, b"a" b"b", "a" "b", r"\\d", u"x", 0x10, 1_000, 1e3, True, ..., a and b and c or d or (e and f)
assert a, b
del a
global q
@d.e(1)
class C(A, B[int], *D, metaclass=M): x = 1; y: int
""".replace("w >>= v = 1", "w >>= 1")


def test_on_all_of_the_grammar() -> None:
    old, new = both(EVERYTHING.encode())
    assert old == new


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_syntax_newer_than_the_host_keeps_its_places(newline: str) -> None:
    text = "# coding: latin-1\ntype A[T] = T\n\x0c\ndef f[T](x: T) -> T:\n    a = 'é'; return x.mean()\n"
    source = Source("file.py", text.replace("\n", newline).encode("latin-1"))
    for program in (program_of(source), _newer(source)):
        assert isinstance(program, ir.Module)
        assert misplaced(source, program) == []
        assert [statement.name for statement in program.body if isinstance(statement, ir.Function)] == ["f"]
