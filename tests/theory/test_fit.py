"""The fit finds the formula it was given, and nothing in strangers."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kllint.theory import dual
from kllint.theory.algebra import as_product, differentiate, fold
from kllint.theory.basis import LOG_MU, LOG_P, LOG_Q, Basis, Element, Shape, bases, basis, points
from kllint.theory.dual import Dual, detach, exp, frozen, variable
from kllint.theory.fit import LEAST, Combination, combine, fit

if TYPE_CHECKING:
    from collections.abc import Callable

BASES = [basis(i, anchored) for anchored in (False, True) for i in range(bases(anchored))]


def coefficients() -> st.SearchStrategy[float]:
    size = st.one_of(st.floats(0.01, 4.0), st.sampled_from([1.0, 0.5, 2.0, 0.04, 0.001]))
    return st.builds(lambda x, negative: -x if negative else x, size, st.booleans())


@st.composite
def combinations(draw: st.DrawFn, of: Basis) -> Combination:
    chosen = draw(st.lists(st.sampled_from(of.elements), unique=True, max_size=6))
    combination = Combination.of((e, draw(coefficients())) for e in chosen)
    assume(is_in_sight(combination, of))
    return combination


def is_in_sight(combination: Combination, of: Basis) -> bool:
    """Whether each term is large enough beside the others to be told from rounding: 0.001 + 3 exp(2d) is not."""
    scale = max(map(abs, evaluate(combination, of)))
    sizes = {e: max(map(abs, column)) for e, column in zip(of.elements, of.columns, strict=True)}
    return all(abs(c) * sizes[e] >= LEAST * scale for e, c in combination.terms)


def evaluate(combination: Combination, of: Basis) -> tuple[float, ...]:
    by_element = dict(zip(of.elements, of.columns, strict=True))
    total = [0.0] * len(LOG_Q)
    for e, c in combination.terms:
        total = [t + c * x for t, x in zip(total, by_element[e], strict=True)]
    return tuple(total)


def test_what_is_out_of_sight_fits_nothing() -> None:
    of = basis(1, anchored=True)
    combination = Combination.plain(ONE=0.001, D_EXP=2, EXP_2=3)
    assert not is_in_sight(combination, of)
    assert combine(evaluate(combination, of), anchored=True) is None


@given(st.data(), st.integers(0, bases() - 1))
def test_random_combinations_are_recognised(data: st.DataObject, index: int) -> None:
    of = basis(index)
    combination = data.draw(combinations(of))
    found = combine(evaluate(combination, of))
    assert found is not None
    assert found.elements == combination.elements
    assert [c for _, c in found.terms] == pytest.approx([c for _, c in combination.terms], rel=1e-6)


@given(st.data(), st.integers(0, bases(anchored=True) - 1))
def test_random_anchored_combinations_are_recognised(data: st.DataObject, index: int) -> None:
    of = basis(index, anchored=True)
    combination = data.draw(combinations(of))
    found = combine(evaluate(combination, of), anchored=True)
    assert found is not None
    assert found.elements == combination.elements
    assert [c for _, c in found.terms] == pytest.approx([c for _, c in combination.terms], rel=1e-6)


def sides(anchored: bool = False) -> tuple[Dual, Dual]:
    """Return d and rho at the sample points."""
    at = points(anchored)
    log_q = variable(at.log_q)
    return log_q - frozen(at.log_p), exp(log_q - frozen(at.log_mu))


def rebuild(combination: Combination, anchored: bool = False) -> Dual:
    """Compute a combination with duals, everything live."""
    d, rho = sides(anchored)
    shapes: dict[Shape, Callable[[], Dual]] = {
        Shape.ONE: lambda: dual.constant(1.0),
        Shape.D: lambda: d,
        Shape.D2: lambda: d * d,
        Shape.EXP_NEG: lambda: exp(-d),
        Shape.EXP: lambda: exp(d),
        Shape.ABS: lambda: dual.absolute(d),
        Shape.SIGN: lambda: dual.sign(d),
        Shape.D_EXP: lambda: d * exp(d),
        Shape.D_EXP_NEG: lambda: d * exp(-d),
        Shape.D2_EXP: lambda: d * d * exp(d),
        Shape.ABS_EXP: lambda: dual.absolute(d) * exp(d),
        Shape.SIGN_EXP: lambda: dual.sign(d) * exp(d),
        Shape.EXP_2: lambda: exp(2 * d),
    }
    total = dual.constant(0.0)
    for e, c in combination.terms:
        total = total + c * shapes[e.shape]() * rho**e.power
    return total


@given(st.data(), st.integers(0, 1))
def test_derivative_is_that_of_calculus(data: st.DataObject, index: int) -> None:
    combination = data.draw(combinations(basis(index)))
    found = fit(rebuild(combination))
    assert found is not None
    assert found.derivative is not None
    assert found.derivative.is_close(differentiate(combination))


@given(st.data())
def test_folding_is_undone(data: st.DataObject) -> None:
    weighted = data.draw(combinations(basis(0))).times_rho()
    assert as_product(fold(weighted)).is_close(weighted) or not fold(weighted).shapes & {
        Shape.D_EXP,
        Shape.D2_EXP,
        Shape.ABS_EXP,
        Shape.SIGN_EXP,
        Shape.EXP_2,
    }


STRANGERS: dict[str, Callable[[Dual, Dual], Dual]] = {
    "sigmoid": lambda d, _: dual.sigmoid(d),
    "softplus": lambda d, _: dual.softplus(d),
    "tanh": lambda d, _: (exp(2 * d) - 1) / (exp(2 * d) + 1),
    "cube": lambda d, _: d**3,
    "d |d|": lambda d, _: d * dual.absolute(d),
    "half the power": lambda d, _: exp(d / 2),
    "smooth |d|": lambda d, _: dual.sqrt(d * d + 0.01),
    "log rho": lambda _, rho: dual.log(rho),
    "log(1 + rho)": lambda _, rho: dual.log1p(rho),
    "rho cubed": lambda d, rho: rho**3 * d,
    "clipped ratio": lambda d, rho: dual.clamp(rho, 0.8, 1.2) * d,
    "PPO": lambda _, rho: -dual.minimum(rho * 0.7, dual.clamp(rho, 0.8, 1.2) * 0.7),
    "likelihood": lambda _, __: -variable(LOG_Q),
    "entropy": lambda _, __: -exp(variable(LOG_Q)) * variable(LOG_Q),
    "score function": lambda d, _: detach(d) * variable(LOG_Q),
    "probability weighted": lambda d, _: exp(variable(LOG_Q)) * d,
    "nan": lambda d, _: dual.log(d),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_strangers_do_not_fit(name: str) -> None:
    assert fit(STRANGERS[name](*sides())) is None


@pytest.mark.parametrize("beta", [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0])
@pytest.mark.parametrize("anchored", [False, True])
@pytest.mark.parametrize(
    "smooth",
    [
        lambda x: -dual.logsigmoid(x),
        dual.sigmoid,
        dual.softplus,
        lambda x: dual.exp(x * 0.5),
        lambda x: dual.sqrt(1 + x * x),
        lambda x: 1 / (1 + x * x),
        lambda x: dual.log1p(dual.exp(x) * 0.3),
    ],
)
def test_smooth_functions_of_a_small_argument_do_not_fit(
    smooth: Callable[[Dual], Dual], beta: float, anchored: bool
) -> None:
    # DPO's log sigmoid(beta * d): close to a parabola, but no KL.
    assert fit(smooth(beta * sides(anchored)[0]), anchored) is None


def test_value_may_fit_without_its_derivative() -> None:
    d, _ = sides()
    odd = dual.sigmoid(d)
    found = fit(odd - detach(odd) + detach(d))
    assert found is not None
    assert found.value.render() == "d"
    assert found.derivative is None
    assert found.is_live


def test_rounding_error_is_zero() -> None:
    d, _ = sides()
    found = fit(exp(d) * exp(-d) - 1)
    assert found is not None
    assert not found.value
    assert not found.derivative
    assert not found.is_live


@pytest.mark.parametrize("of", BASES)
def test_basis_is_well_conditioned(of: Basis) -> None:
    assert len(of.elements) + 8 <= len(LOG_Q)  # enough points left to verify
    for i, row in enumerate(of.inverse):
        reach = max(map(abs, of.columns[i]))
        assert reach * sum(map(abs, row)) < 1e6
        for j, column in enumerate(of.columns):
            product = sum(x * y for x, y in zip(row, column, strict=True))
            assert product == pytest.approx(float(i == j), abs=1e-9)


def test_points_lie_on_both_sides_and_off_the_kink() -> None:
    d = [q - p for q, p in zip(LOG_Q, LOG_P, strict=True)]
    log_rho = [q - m for q, m in zip(LOG_Q, LOG_MU, strict=True)]
    assert sum(x > 0 for x in d) == sum(x < 0 for x in d) == len(d) // 2
    assert all(0.1 < abs(x) < 1.8 for x in d)
    assert all(-0.92 < x < 0.8 for x in log_rho)
    assert points(anchored=True).log_mu == LOG_P


def test_import_computes_nothing_heavy() -> None:
    code = (
        "import sys, kllint.theory.verdict, kllint.theory.fit, kllint.theory.basis as b;"
        "assert b.basis.cache_info().currsize == 0;"
        "assert not {'numpy', 'torch', 'libcst'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


class TestRendering:
    @pytest.mark.parametrize(
        ("combination", "text"),
        [
            (Combination(), "0"),
            (Combination.plain(ONE=1), "1"),
            (Combination.plain(ONE=-0.05), "-0.05"),
            (Combination.plain(D=1), "d"),
            (Combination.plain(D=-1), "-d"),
            (Combination.plain(D2=0.5), "0.5 * d^2"),
            (Combination.plain(EXP_NEG=1, ONE=-1, D=1), "exp(-d) - 1 + d"),
            (Combination.plain(EXP_NEG=0.04, ONE=-0.04, D=0.04), "0.04 * (exp(-d) - 1 + d)"),
            (Combination.plain(EXP=1, ONE=-1, D=-1), "exp(d) - 1 - d"),
            (Combination.plain(ONE=1, EXP_NEG=-1), "1 - exp(-d)"),
            (Combination.plain(ONE=-1, EXP_NEG=-1), "-exp(-d) - 1"),
            (Combination.plain(1, ONE=1), "rho"),
            (Combination.plain(1, ONE=-1), "-rho"),
            (Combination.plain(1, D=1), "rho * d"),
            (Combination.plain(1, ONE=1, D=1), "rho * (1 + d)"),
            (Combination.plain(1, D=1, D2=0.5), "rho * (d + 0.5 * d^2)"),
            (Combination.plain(1, D=-0.1), "-0.1 * rho * d"),
            (Combination.plain(1, ONE=-2, D=-1), "-rho * (2 + d)"),
            (Combination.plain(-1, D=1), "d / rho"),
            (Combination.plain(-1, ONE=1), "1 / rho"),
            (Combination.plain(-1, ONE=2, D=-1), "(2 - d) / rho"),
            (Combination.plain(2, D=3), "3 * rho^2 * d"),
            (Combination.plain(-2, D=1), "d / rho^2"),
            (Combination.plain(D=1) + Combination.plain(1, D=-1), "d - rho * d"),
            (Combination.plain(ABS=0.5, D=0.5), "0.5 * (d + |d|)"),
            (Combination.plain(D=1 / 3), "0.3333 * d"),
        ],
    )
    def test_reads_as_the_field_writes(self, combination: Combination, text: str) -> None:
        assert combination.render() == str(combination) == text

    @given(st.data())
    def test_text_means_the_combination(self, data: st.DataObject) -> None:
        """Evaluate the text itself, so that no sign or factor is lost."""
        combination = data.draw(combinations(basis(3)))
        text = combination.render().replace("^", "**").replace("|d|", "abs(d)")
        d, rho = 0.7, 1.3
        scope = {"d": d, "rho": rho, "exp": lambda x: 2.718281828459045**x, "sign": lambda _: 1.0}
        meant = sum(c * e.shape.at(d) * rho**e.power for e, c in combination.terms)
        assert eval(text, scope) == pytest.approx(meant, rel=2e-3, abs=5e-3)  # noqa: S307


class TestArithmetic:
    def test_scaling_and_ratio(self) -> None:
        k3 = Combination.plain(EXP_NEG=1, ONE=-1, D=1)
        assert k3.scale(-0.05).ratio(k3) == pytest.approx(-0.05)
        assert k3.negate() + k3 == Combination()
        assert (k3 - k3) == Combination()
        assert k3.ratio(Combination.plain(EXP_NEG=1, ONE=-1, D=1.01)) is None
        assert k3.ratio(Combination.plain(D=1)) is None
        assert Combination().ratio(k3) is None

    def test_tiny_coefficients_go(self) -> None:
        assert Combination.plain(D=1, D2=1e-12) == Combination.plain(D=1)

    def test_coefficients_become_simple(self) -> None:
        assert Combination.plain(D=0.49999999999).coefficient(Element(Shape.D)) == 0.5
        assert Combination.plain(D=0.123456789123).coefficient(Element(Shape.D)) == 0.123456789
        assert Combination.plain(D=1).coefficient(Element(Shape.D2)) == 0.0

    def test_closeness(self) -> None:
        assert Combination().is_close(Combination())
        assert not Combination().is_close(Combination.plain(D=1))
        assert not Combination.plain(D=2).is_close(Combination.plain(D=1))
