"""Symbolic operations on combinations: the derivative, and rho = exp(d) when p is the sampler."""

from __future__ import annotations

from typing import Final

from kllint.theory.basis import Element, Shape
from kllint.theory.combination import Combination

_DERIVATIVES: Final = {
    Shape.ONE: (),
    Shape.D: ((Shape.ONE, 1.0),),
    Shape.D2: ((Shape.D, 2.0),),
    Shape.EXP_NEG: ((Shape.EXP_NEG, -1.0),),
    Shape.EXP: ((Shape.EXP, 1.0),),
    Shape.ABS: ((Shape.SIGN, 1.0),),
    Shape.SIGN: (),
    Shape.D_EXP: ((Shape.EXP, 1.0), (Shape.D_EXP, 1.0)),
    Shape.D_EXP_NEG: ((Shape.EXP_NEG, 1.0), (Shape.D_EXP_NEG, -1.0)),
    Shape.D2_EXP: ((Shape.D_EXP, 2.0), (Shape.D2_EXP, 1.0)),
    Shape.ABS_EXP: ((Shape.SIGN_EXP, 1.0), (Shape.ABS_EXP, 1.0)),
    Shape.SIGN_EXP: ((Shape.SIGN_EXP, 1.0),),
    Shape.EXP_2: ((Shape.EXP_2, 2.0),),
}

_FOLDED: Final = {
    Shape.ONE: Shape.EXP,
    Shape.D: Shape.D_EXP,
    Shape.D2: Shape.D2_EXP,
    Shape.ABS: Shape.ABS_EXP,
    Shape.SIGN: Shape.SIGN_EXP,
    Shape.EXP_NEG: Shape.ONE,
    Shape.EXP: Shape.EXP_2,
}
_PRODUCTS: Final = {Shape.D_EXP, Shape.D2_EXP, Shape.ABS_EXP, Shape.SIGN_EXP, Shape.EXP_2}
_UNFOLDED: Final = {folded: shape for shape, folded in _FOLDED.items() if folded in _PRODUCTS}
_RATIO: Final = {folded: shape for shape, folded in _FOLDED.items() if folded not in _PRODUCTS}


def differentiate(value: Combination) -> Combination:
    """Return the derivative with respect to log q when everything in the value is live."""
    return Combination.of(
        (Element(shape, e.power), c * factor)
        for e, c in value.terms
        for shape, factor in (*_DERIVATIVES[e.shape], (e.shape, float(e.power)))
        if factor
    )


def fold(value: Combination) -> Combination:
    """Write products with rho as the anchored basis has them, where rho is exp(d)."""
    return Combination.of((Element(_FOLDED[e.shape]) if e.power == 1 else e, c) for e, c in value.terms)


def as_product(value: Combination) -> Combination:
    """Undo `fold`: write an anchored value as a product with rho if it is one.

    rho * k3, for one, comes out of the fit as 1 - exp(d) + d * exp(d).
    """
    if not value.shapes & _PRODUCTS:
        return value
    whole = value.shapes <= _PRODUCTS | _RATIO.keys()
    table = {**_UNFOLDED, **_RATIO} if whole else _UNFOLDED
    return Combination.of((Element(table[e.shape], 1) if e.shape in table else e, c) for e, c in value.terms)
