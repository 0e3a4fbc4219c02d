"""Values that read the same are one."""

from __future__ import annotations

from kllint.findings import Span
from kllint.ir import ops
from kllint.ir.values import Value, constant
from kllint.judge.interning import Interned

DEFAULTS = {(1, "kind"): constant("k1"), (2, "kind"): constant("k1"), (3, "kind"): constant("k3")}


def interned() -> Interned:
    return Interned(lambda parameter: DEFAULTS.get(parameter.data))


def difference(function: int, *, start: int = 0) -> Value:
    """The log-ratio that a function computes from its own parameters."""
    logp, ref_logp = (Value(ops.PARAMETER, (), (function, name)) for name in ("logp", "ref_logp"))
    return Value(ops.SUB, (logp, ref_logp), None, Span("train.py", start, start + 1))


def test_parameters_are_read_by_their_names():
    values = interned()
    assert values.of(difference(1)) is values.of(difference(2))
    assert values.of(difference(1)) is not values.of(difference(1, start=7))


def test_parameters_of_other_defaults_are_others():
    values = interned()
    first, second, third = (values.of(Value(ops.PARAMETER, (), key)) for key in DEFAULTS)
    assert first is second
    assert first is not third


def test_equal_constants_of_other_kinds_are_others():
    values = interned()
    assert values.of(constant(1)) is values.of(constant(1))
    assert len({values.of(constant(one)).number for one in (1, 1.0, True)}) == 3


def test_what_shares_a_part_keeps_sharing_it():
    values = interned()
    whole = difference(1)
    doubled = values.of(Value(ops.ADD, (whole, difference(2))))
    assert doubled.args[0] is doubled.args[1]
