"""Methods of tensors as operations."""

from kllint.findings import Span
from kllint.ir import ops
from kllint.ir.values import Value, constant, render
from kllint.link.tensors import Arguments, method


def test_a_comparison_by_method_reads_as_one_by_operator():
    labels = Value(ops.SYMBOL, (), "labels")
    compared = method("ne", labels, Arguments((constant(-100),), {}, Span("a.py", 0, 1)))
    assert compared is not None
    assert render(compared) == "labels != -100"
