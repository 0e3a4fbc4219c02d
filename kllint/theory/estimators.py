"""Name the estimator that a fitted value is (Schulman 2020, "Approximating KL divergence")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kllint.theory.basis import Element, Shape
from kllint.theory.combination import Combination
from kllint.theory.vocabulary import Estimator, Weight

if TYPE_CHECKING:
    from kllint.theory.fit import Fit

K1: Final = Combination.plain(D=1)
K2: Final = Combination.plain(D2=0.5)
K3: Final = Combination.plain(EXP_NEG=1, ONE=-1, D=1)
ABS: Final = Combination.plain(ABS=1)
K3_INVERTED: Final = Combination.plain(EXP=1, ONE=-1, D=-1)

_TEMPLATES: Final = (
    (Estimator.K3, K3),
    (Estimator.K3_INVERTED, K3_INVERTED),
    (Estimator.K1, K1),
    (Estimator.K2, K2),
    (Estimator.ABS, ABS),
)
_WEIGHTS: Final = {-1: Weight.INVERTED_RHO, 0: Weight.NONE, 1: Weight.RHO}
_RATIO_ONLY: Final = frozenset({Shape.ONE, Shape.EXP, Shape.EXP_2, Shape.EXP_NEG})

# With samples from the other side rho is exp(d), so these are products with rho in disguise.
_ANCHORED_PRODUCTS: Final = {
    Shape.D_EXP: Shape.D,
    Shape.D2_EXP: Shape.D2,
    Shape.ABS_EXP: Shape.ABS,
    Shape.SIGN_EXP: Shape.SIGN,
    Shape.EXP_2: Shape.EXP,
}


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a value is: an estimator times `sign * scale` and an importance weight.

    The sign is +1 when the value is, as it stands, an estimate of KL(q || p) and -1 for its negation. For a
    weight in the value nobody can tell whether it is live: see `weight_of`.
    """

    estimator: Estimator
    sign: int
    scale: float
    weight: Weight = Weight.NONE
    malformed: bool = False  # a k3 without its -1, with another constant or with a wrong sign inside

    @property
    def weighted(self) -> bool:
        """Whether the estimator is multiplied by rho."""
        return self.weight is Weight.RHO


def recognise(value: Combination, anchored: bool = False) -> Recognised | None:
    """Name the estimator, or return None for what is none: constants, pure weights, the sign of d.

    Constants besides k1, k2 and |d| are ignored, and so are pure weights beside the estimator (a policy term
    -rho in the same sum). When `anchored`, samples come from the other side, so exp(d) - 1 - d is the k3
    and exp(-d) - 1 + d the inverted one (theory.md section 2).
    """
    moving = value.only(lambda e: e.shape is not Shape.ONE)
    inner, power = _factor_out(value, anchored)
    if anchored and value.shapes <= _RATIO_ONLY:
        return None  # a polynomial in the importance ratio: a policy term, not a KL
    if inner is None:
        return _other(moving, Weight.NONE)
    weight = _WEIGHTS.get(power, Weight.NONE)
    for estimator, template in _TEMPLATES:
        has_constant = Shape.ONE in template.shapes
        scale = (inner if has_constant else inner.only(_moves)).ratio(template)
        if scale is not None:
            named = _seen_from_sampler(estimator) if anchored and not power else estimator
            return Recognised(named, _sign(scale), abs(scale), weight)
    return _other(inner.only(_moves), weight)


def weight_of(fit: Fit) -> Weight:
    """Tell the importance weight of a fitted value: none, live, detached or inverted.

    The weight is detached when the derivative is that of the estimator alone times rho: rho * k' where a
    live weight has rho * (k + k'). A fully detached value keeps the weight it shows.
    """
    found = recognise(fit.value, fit.anchored)
    if found is None or not found.weighted or fit.anchored or not fit.derivative:
        return found.weight if found else Weight.NONE
    inner = fit.value.only(lambda e: e.power == 1).times_rho(-1)
    return Weight.SG_RHO if fit.derivative.is_close(differentiate(inner).times_rho()) else Weight.RHO


def differentiate(value: Combination) -> Combination:
    """Return the derivative of a combination with respect to log q when everything in it is live."""
    return Combination.of(
        (Element(shape, e.power), c * factor)
        for e, c in value.terms
        for shape, factor in (*_DERIVATIVES.get(e.shape, ()), (e.shape, float(e.power)))
        if factor
    )


_DERIVATIVES: Final = {
    Shape.D: ((Shape.ONE, 1.0),),
    Shape.D2: ((Shape.D, 2.0),),
    Shape.EXP_NEG: ((Shape.EXP_NEG, -1.0),),
    Shape.EXP: ((Shape.EXP, 1.0),),
    Shape.ABS: ((Shape.SIGN, 1.0),),
    Shape.D_EXP: ((Shape.EXP, 1.0), (Shape.D_EXP, 1.0)),
    Shape.D_EXP_NEG: ((Shape.EXP_NEG, 1.0), (Shape.D_EXP_NEG, -1.0)),
    Shape.D2_EXP: ((Shape.D_EXP, 2.0), (Shape.D2_EXP, 1.0)),
    Shape.ABS_EXP: ((Shape.SIGN_EXP, 1.0), (Shape.ABS_EXP, 1.0)),
    Shape.SIGN_EXP: ((Shape.SIGN_EXP, 1.0),),
    Shape.EXP_2: ((Shape.EXP_2, 2.0),),
}


def unfold(value: Combination) -> Combination:
    """Write the products with exp(d) of an anchored combination as products with rho."""
    return Combination.of(
        (Element(_ANCHORED_PRODUCTS.get(e.shape, e.shape), e.power + (e.shape in _ANCHORED_PRODUCTS)), c)
        for e, c in value.terms
    )


def _moves(element: Element) -> bool:
    return element.shape is not Shape.ONE


def _sign(x: float) -> int:
    return 1 if x > 0 else -1


def _seen_from_sampler(estimator: Estimator) -> Estimator:
    swapped = {Estimator.K3: Estimator.K3_INVERTED, Estimator.K3_INVERTED: Estimator.K3}
    return swapped.get(estimator, estimator)


def _factor_out(value: Combination, anchored: bool) -> tuple[Combination | None, int]:
    """Take out the power of rho that everything dependent on d shares, and drop the pure weights beside it.

    None stands for a mixture of powers.
    """
    if anchored:
        value = _unfold_products(value)
    powers = value.only(_moves).powers
    if len(powers) != 1:
        return None, 0
    (power,) = powers
    return value.only(lambda e: e.power == power).times_rho(-power), power


def _unfold_products(value: Combination) -> Combination:
    """Write an anchored value as one product with rho where it is one: rho * k3 is 1 - e^d + d e^d."""
    if not value.shapes & _ANCHORED_PRODUCTS.keys():
        return value
    as_rho = {Shape.EXP: Element(Shape.ONE, 1), Shape.ONE: Element(Shape.EXP_NEG, 1)}
    unfolded = unfold(value)
    if unfolded.only(lambda e: e.power == 0).shapes <= as_rho.keys():
        return Combination.of((as_rho[e.shape] if not e.power else e, c) for e, c in unfolded.terms)
    return unfolded


def _other(moving: Combination, weight: Weight) -> Recognised | None:
    """Describe what depends on d like a KL but is no single estimator, or return None for a mere weight."""
    shapes = moving.shapes
    lone = len(moving.terms) < 2 and not shapes & {Shape.D_EXP, Shape.D_EXP_NEG, Shape.D2_EXP}
    if lone:
        return None
    leading = moving.terms[0][1]
    return Recognised(Estimator.OTHER, _sign(leading), abs(leading), weight, _is_near_k3(moving))


def _is_near_k3(moving: Combination) -> bool:
    """Whether this is an exponential plus or minus d, equally weighted: a k3 with a slip in it."""
    sizes = [abs(c) for _, c in moving.terms]
    near = moving.shapes in ({Shape.EXP_NEG, Shape.D}, {Shape.EXP, Shape.D})
    return near and len(sizes) == 2 and abs(sizes[0] - sizes[1]) <= 1e-6 * sizes[0]
