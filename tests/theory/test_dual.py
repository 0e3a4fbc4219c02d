"""Duals against finite differences and against autograd."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from kllint.theory import dual
from kllint.theory.basis import LOG_Q
from kllint.theory.dual import Dual, constant, detach, frozen, variable

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = Callable[[Dual], Dual]

UNARY: dict[str, Function] = {
    "exp": dual.exp,
    "expm1": dual.expm1,
    "log": dual.log,
    "log1p": dual.log1p,
    "absolute": dual.absolute,
    "sign": dual.sign,
    "sigmoid": dual.sigmoid,
    "logsigmoid": dual.logsigmoid,
    "softplus": dual.softplus,
    "sqrt": dual.sqrt,
    "square": dual.square,
    "neg": lambda a: -a,
    "reciprocal": lambda a: 1.0 / a,
    "cube": lambda a: a**3,
    "halved": lambda a: a / 2,
    "power of two": lambda a: 2.0**a,
    "from one": lambda a: 1.0 - a,
    "clamped": lambda a: dual.clamp(a, -0.7, 0.9),
    "capped": lambda a: dual.minimum(a, 0.5),
    "rectified": lambda a: dual.maximum(a, 0.0),
}
BINARY: dict[str, Callable[[Dual, Dual], Dual]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: dual.exp(a) ** b,
    "min": dual.minimum,
    "max": dual.maximum,
}


def _compose(f: Function, g: Function) -> Function:
    return lambda a: f(g(a))


def _combine(op: Callable[[Dual, Dual], Dual], f: Function, g: Function) -> Function:
    return lambda a: op(f(a), g(a))


LEAVES: list[Function] = [lambda a: a, lambda a: a - 0.37, lambda a: constant(0.8, len(a.values)) * a]
expressions = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.builds(_compose, st.sampled_from(list(UNARY.values())), inner),
        st.builds(_combine, st.sampled_from(list(BINARY.values())), inner, inner),
    ),
    max_leaves=5,
)


@given(expressions, st.floats(-2.0, 2.0))
def test_slopes_are_finite_differences(f: Function, x: float) -> None:
    def at(t: float) -> float:
        return f(variable([t])).values[0]

    result = f(variable([x]))
    value, slope = result.values[0], result.slopes[0]
    assume(math.isfinite(value) and math.isfinite(slope) and abs(value) < 1e4 and abs(slope) < 1e4)
    h = 1e-5
    left, right = (value - at(x - h)) / h, (at(x + h) - value) / h
    finer = (at(x + h / 2) - value) / (h / 2)
    # Kinks and poles have no derivative: skip where the one-sided quotients differ.
    assume(math.isfinite(left) and math.isfinite(right))
    assume(abs(left - right) < 1e-3 * (1 + abs(slope)) and abs(right - finer) < 1e-3 * (1 + abs(slope)))
    assert slope == pytest.approx((left + right) / 2, rel=1e-4, abs=1e-4)


TORCH: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "exp": torch.exp,
    "expm1": torch.expm1,
    "log": torch.log,
    "log1p": torch.log1p,
    "absolute": torch.abs,
    "sign": torch.sign,
    "sigmoid": torch.sigmoid,
    "logsigmoid": torch.nn.functional.logsigmoid,
    "softplus": torch.nn.functional.softplus,
    "sqrt": torch.sqrt,
    "square": torch.square,
    "cube": lambda x: x**3,
    "power of two": lambda x: 2.0**x,
    "clamped": lambda x: torch.clamp(x, -0.7, 0.9),
    "capped": lambda x: torch.minimum(x, torch.full_like(x, 0.5)),
    "rectified": lambda x: torch.maximum(x, torch.zeros_like(x)),
}


@pytest.mark.parametrize("name", TORCH)
def test_functions_are_those_of_torch(name: str) -> None:
    places = (-1.7, -0.7, -0.2, 0.0, 0.3, 0.5, 0.9, 1.4)
    x = torch.tensor(places, dtype=torch.float64, requires_grad=True)
    y = TORCH[name](x)
    torch.autograd.backward(y.sum())
    assert x.grad is not None
    ours = UNARY[name](variable(places))
    for mine, its, slope, its_slope in zip(
        ours.values, y.tolist(), ours.slopes, x.grad.tolist(), strict=True
    ):
        if math.isfinite(its) and math.isfinite(its_slope):
            assert (mine, slope) == pytest.approx((its, its_slope), abs=1e-12)
        else:
            assert math.isnan(mine) or math.isnan(slope)


def test_detach_and_constants_have_no_slope() -> None:
    q = variable((0.5, -0.5))
    assert detach(q * q).slopes == (0.0, 0.0)
    assert (q - detach(q)).values == (0.0, 0.0)
    assert (q - detach(q)).slopes == (1.0, 1.0)
    assert frozen((1.0, 2.0)).slopes == (0.0, 0.0)
    assert constant(3).values == (3.0,) * len(LOG_Q)


def test_where_takes_value_and_slope_of_one_branch() -> None:
    q = variable((0.5, -0.5))
    chosen = dual.where((True, False), q * 2, 7.0)
    assert chosen.values == (1.0, 7.0)
    assert chosen.slopes == (2.0, 0.0)


@pytest.mark.parametrize(
    "bad",
    [
        lambda q: dual.exp(q * 1e6),
        lambda q: dual.expm1(q * 1e6),
        lambda q: dual.log(-q),
        lambda q: dual.log(q * 0),
        lambda q: dual.sqrt(-q),
        lambda q: dual.log1p(-q - 5),
        lambda q: 1 / (q * 0),
        lambda q: q / 0,
        lambda q: (-q) ** 0.5,
        lambda q: (q * 0) ** -1,
        lambda q: 10.0 ** (q * 1e6),
        lambda q: (-2.0) ** q,
    ],
)
def test_out_of_domain_is_nan_and_never_raises(bad: Function) -> None:
    result = bad(variable((1.5,)))
    assert math.isnan(result.values[0]) or math.isnan(result.slopes[0])


@given(expressions, st.floats())
def test_nothing_raises(f: Function, x: float) -> None:
    f(variable([x]))


def test_repr_shows_both() -> None:
    assert repr(variable((1.0,))) == "Dual(values=(1.0,), slopes=(1.0,))"
