"""The sample points, and the functions of d and rho that KL terms are made of.

d = log q - log p always; rho = q / mu. A point is a triple (log q, log p, log mu) on either side of d = 0.
The three coordinates vary independently of one another, so an expression that depends on log q otherwise
than through d and rho (an entropy, a likelihood) cannot fit by chance.

When the other side is the sampler itself (theory.md section 2) p and mu are one distribution, so
rho = exp(d) and the products with rho collide with the plain ones: that is the *anchored* case, with
points and bases of its own.
"""

from __future__ import annotations

import math
from enum import Enum, unique
from functools import cache
from operator import mul
from typing import Final, NamedTuple, TypeAlias

SIZE: Final = 26
"""How many points: more than any basis has elements, so that each fit is also verified."""


@unique
class Shape(Enum):
    """A function of d; its value is how the field writes it."""

    EXP_NEG = "exp(-d)"
    EXP = "exp(d)"
    ONE = "1"
    D = "d"
    D2 = "d^2"
    ABS = "|d|"
    SIGN = "sign(d)"
    D_EXP_NEG = "d * exp(-d)"
    D_EXP = "d * exp(d)"
    D2_EXP = "d^2 * exp(d)"
    ABS_EXP = "|d| * exp(d)"
    SIGN_EXP = "sign(d) * exp(d)"
    EXP_2 = "exp(2 * d)"

    def __hash__(self) -> int:
        return id(self)  # members are singletons, and Enum's own hash is slow

    def at(self, d: float) -> float:
        """Evaluate at one d (never at d = 0, where the kinks are)."""
        e, back, side = math.exp(d), math.exp(-d), math.copysign(1.0, d)
        return {
            Shape.EXP_NEG: back,
            Shape.EXP: e,
            Shape.ONE: 1.0,
            Shape.D: d,
            Shape.D2: d * d,
            Shape.ABS: abs(d),
            Shape.SIGN: side,
            Shape.D_EXP_NEG: d * back,
            Shape.D_EXP: d * e,
            Shape.D2_EXP: d * d * e,
            Shape.ABS_EXP: abs(d) * e,
            Shape.SIGN_EXP: side * e,
            Shape.EXP_2: e * e,
        }[self]


Rows: TypeAlias = tuple[tuple[float, ...], ...]


class Element(NamedTuple):
    """One function of the basis: a shape times a power of rho."""

    shape: Shape
    power: int = 0


class Points(NamedTuple):
    """The log-probabilities of the three roles at each sample point."""

    log_q: tuple[float, ...]
    log_p: tuple[float, ...]
    log_mu: tuple[float, ...]


class Basis:
    """Elements with their columns (values at the points) and the pseudo-inverse of the matrix of columns.

    `probe` is a unit vector orthogonal to every column: what is not orthogonal to it is no combination.
    """

    __slots__ = ("columns", "elements", "inverse", "probe")

    def __init__(self, elements: tuple[Element, ...], columns: Rows) -> None:
        self.elements = elements
        self.columns = columns
        self.inverse, self.probe = _invert(columns)

    def excludes(self, values: tuple[float, ...], scale: float) -> bool:
        """Whether one product shows already that no combination of the columns gives these values."""
        return bool(abs(sum(map(mul, self.probe, values))) > 1e-7 * scale)

    def solve(self, values: tuple[float, ...]) -> list[float]:
        """Return the least-squares coefficients, with one step of iterative refinement."""
        first = [sum(map(mul, row, values)) for row in self.inverse]
        rest = self.residual(first, values)
        return [c + sum(map(mul, row, rest)) for c, row in zip(first, self.inverse, strict=True)]

    def residual(self, coefficients: list[float], values: tuple[float, ...]) -> list[float]:
        """Return what the combination of columns leaves over."""
        rest = list(values)
        for c, column in zip(coefficients, self.columns, strict=True):
            if c:
                rest = [r - c * x for r, x in zip(rest, column, strict=True)]
        return rest


def _spread(step: float, low: float, high: float, size: int) -> list[float]:
    """Return a low-discrepancy sequence (multiples of an irrational step, modulo one) over [low, high]."""
    return [round(low + (high - low) * ((i + 0.5) * step % 1.0), 6) for i in range(size)]


def _make_points() -> Points:
    # Even points have d < 0 and odd ones d > 0, none nearer to the kink than 0.12. The steps are the golden
    # ratio and the roots of 2 and 3: irrational and with no ratio in common.
    near = _spread(0.6180339887498949, 0.12, 1.8, SIZE)
    d = [x if i % 2 else -x for i, x in enumerate(near)]
    log_rho = _spread(0.4142135623730951, -0.9, 0.78, SIZE)
    log_q = _spread(0.7320508075688772, -3.1, -0.9, SIZE)
    return Points(
        tuple(log_q),
        tuple(q - x for q, x in zip(log_q, d, strict=True)),
        tuple(q - x for q, x in zip(log_q, log_rho, strict=True)),
    )


LOG_Q, LOG_P, LOG_MU = _make_points()


def points(anchored: bool = False) -> Points:
    """Return where to evaluate; when anchored, log mu is log p."""
    return Points(LOG_Q, LOG_P, LOG_P if anchored else LOG_MU)


_PLAIN: Final = (Shape.ONE, Shape.D, Shape.D2, Shape.EXP_NEG, Shape.EXP, Shape.ABS, Shape.SIGN)


def _weighted(power: int) -> tuple[Element, ...]:
    return tuple(Element(shape, power) for shape in _PLAIN)


# Tried in this order. A small basis comes first, for it is better conditioned and most terms need no more.
# The elements of one basis are independent, so what fits two of them has the same coefficients in both.
_FAMILIES: Final = (
    _weighted(0),
    (*_weighted(0), *_weighted(1)),
    (*_weighted(0), Element(Shape.D_EXP), Element(Shape.D_EXP_NEG)),
    (*_weighted(0), *_weighted(-1)),
    (*_weighted(1), Element(Shape.D_EXP, 1), Element(Shape.D_EXP_NEG, 1)),
    (*_weighted(1), *_weighted(2)),
)
_ANCHORED_FAMILIES: Final = (
    (*_weighted(0), Element(Shape.D_EXP), Element(Shape.D2_EXP)),
    (*_weighted(0), *(Element(s) for s in (Shape.D_EXP, Shape.ABS_EXP, Shape.SIGN_EXP, Shape.EXP_2))),
    (*_weighted(0), Element(Shape.D_EXP_NEG)),
)


def bases(anchored: bool = False) -> int:
    """Return how many bases there are to try."""
    return len(_ANCHORED_FAMILIES if anchored else _FAMILIES)


@cache
def basis(index: int, anchored: bool = False) -> Basis:
    """Return one basis with its pseudo-inverse, computed once and only when first needed."""
    elements = (_ANCHORED_FAMILIES if anchored else _FAMILIES)[index]
    at = points(anchored)
    d = [q - p for q, p in zip(at.log_q, at.log_p, strict=True)]
    rho = [math.exp(q - m) for q, m in zip(at.log_q, at.log_mu, strict=True)]
    columns = tuple(tuple(e.shape.at(x) * w**e.power for x, w in zip(d, rho, strict=True)) for e in elements)
    return Basis(elements, columns)


def _invert(columns: Rows) -> tuple[Rows, tuple[float, ...]]:
    """Return the pseudo-inverse R^-1 Q^T of the QR decomposition, and a vector orthogonal to all columns.

    Gram-Schmidt, done twice, which is enough. The orthogonal vector comes of a last column that is generic.
    """
    orthonormal: list[list[float]] = []
    rows: list[list[float]] = []  # rows[j] expresses the j-th orthonormal vector through the columns
    for j, column in enumerate((*columns, tuple(_spread(math.e, -1.0, 1.0, SIZE)))):
        vector = list(column)
        mixture = [float(i == j) for i in range(len(columns))]
        for _ in range(2):
            for q, row in zip(orthonormal, rows, strict=True):
                along = sum(map(mul, q, vector))
                vector = [v - along * x for v, x in zip(vector, q, strict=True)]
                mixture = [m - along * x for m, x in zip(mixture, row, strict=True)]
        norm = math.sqrt(sum(map(mul, vector, vector)))
        orthonormal.append([v / norm for v in vector])
        rows.append([m / norm for m in mixture])
    probe, _ = tuple(orthonormal.pop()), rows.pop()
    across = list(zip(*orthonormal, strict=True))
    inverse = tuple(tuple(sum(map(mul, r, q)) for q in across) for r in zip(*rows, strict=True))
    return inverse, probe
