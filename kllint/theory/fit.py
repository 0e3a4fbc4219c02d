"""Read value and derivative of an expression off its dual numbers, as combinations of the basis.

Least squares by a precomputed pseudo-inverse, verified at every point: there are about twice as many points
as elements, so what fits is the formula and no approximation of it. What does not fit is no KL term.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Final

from kllint.theory.basis import bases, basis
from kllint.theory.combination import Combination

if TYPE_CHECKING:
    from kllint.theory.dual import Dual

__all__ = ["NOTHING", "TOLERANCE", "Combination", "Fit", "combine", "fit"]

TOLERANCE: Final = 1e-10
"""Greatest residual at any point, relative to the greatest value."""

NOISE: Final = 1e-9
"""Greatest contribution of an element that is rounding error, relative to the greatest value."""

LEAST: Final = 1e-5
"""Least contribution that a real term has. Between both lies what a smooth stranger needs:
log sigmoid(d / 10) is almost a parabola, and minute exponentials can make up the rest."""

NOTHING: Final = 1e-12
"""Below this, relative to the value, what is left is rounding error."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The formulas of one expression.

    `derivative` is the coefficient c in gradient = E_mu[c * s], with respect to log q; None when it is no
    combination of the basis although the value is. The two need not belong together: a straight-through
    `a - a.detach() + b.detach()` has the value of b and the derivative of a (theory.md section 6).
    """

    value: Combination
    derivative: Combination | None
    anchored: bool = False

    @property
    def is_live(self) -> bool:
        """Whether any gradient reaches log q."""
        return self.derivative is None or bool(self.derivative)


def fit(dual: Dual, anchored: bool = False) -> Fit | None:
    """Fit value and derivative, or return None when the value is no combination of the basis.

    `anchored` says that the other side is the sampler itself: the dual was evaluated with p = mu, at
    `basis.points(anchored=True)`.
    """
    value = combine(dual.values, anchored)
    if value is None:
        return None
    size = max(1.0, *map(abs, dual.values))
    return Fit(value, combine(dual.slopes, anchored, size), anchored)


@lru_cache(maxsize=5_000)  # most terms of a project are one of few formulas
def combine(values: tuple[float, ...], anchored: bool = False, size: float = 1.0) -> Combination | None:
    """Fit the values of one function; those below `NOTHING * size` count as zero."""
    if not all(map(isfinite, values)):
        return None
    scale = max(map(abs, values))
    if scale <= NOTHING * size:
        return Combination()
    for index in range(bases(anchored)):
        combination = _try(values, scale, index, anchored)
        if combination is not None:
            return combination
    return None


def _try(values: tuple[float, ...], scale: float, index: int, anchored: bool) -> Combination | None:
    """Fit one basis; elements that contribute nothing are dropped before the fit is verified."""
    tried = basis(index, anchored)
    if tried.excludes(values, scale):
        return None
    found = tried.solve(values)
    shares = [abs(c) * max(map(abs, column)) / scale for c, column in zip(found, tried.columns, strict=True)]
    if any(NOISE < share < LEAST for share in shares):
        return None
    kept = [c if share >= LEAST else 0.0 for c, share in zip(found, shares, strict=True)]
    if max(map(abs, tried.residual(kept, values))) > TOLERANCE * scale:
        return None
    return Combination.of(zip(tried.elements, kept, strict=True))
