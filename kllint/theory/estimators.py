"""Name the estimator that a fitted value is (Schulman 2020, "Approximating KL divergence")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kllint.theory.algebra import as_product, differentiate, fold
from kllint.theory.basis import Element, Shape
from kllint.theory.combination import SAME, Combination
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
_SWAPPED: Final = {Estimator.K3: Estimator.K3_INVERTED, Estimator.K3_INVERTED: Estimator.K3}
_RATIOS: Final = {Shape.ONE, Shape.EXP, Shape.EXP_2, Shape.EXP_NEG}
_LOGARITHMIC_PRODUCTS: Final = {Shape.D_EXP, Shape.D_EXP_NEG, Shape.D2_EXP}


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a value is: an estimator times `sign * scale` and an importance weight.

    The sign is +1 when the value as it stands estimates KL(q || p) and -1 for its negation; for an anchored
    k1, too, it is the sign of d, although -d then estimates KL(mu || q). The value does not show whether a
    weight is live: `weight_of` tells. For Estimator.OTHER sign and scale are those of the leading term.
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

    Constants beside k1, k2 and |d| count for nothing, and neither do pure weights beside any estimator (a
    policy term -rho in the same sum). When `anchored`, samples come from the other side: exp(d) - 1 - d is
    then the k3 and exp(-d) - 1 + d the inverted one (theory.md section 2).
    """
    if anchored and value.shapes <= _RATIOS:
        return None  # a polynomial in the importance ratio: a policy term
    product = as_product(value) if anchored else value
    moving = product.only(_moves)
    if len(moving.powers) != 1:
        return _other(moving, Weight.NONE)
    (power,) = moving.powers
    inner = product.only(lambda e: e.power == power).times_rho(-power)
    weight = (Weight.NONE, Weight.RHO, Weight.INVERTED_RHO)[_sign(power) if power else 0]
    return _named(inner, weight, swap=anchored and not power) or _other(inner.only(_moves), weight)


def weight_of(fit: Fit) -> Weight:
    """Tell the importance weight of a fitted value: none, live, detached or inverted.

    A live weight on k has the derivative rho * (k + k'), a detached one rho * k'. That also finds the live
    weight whose value is one, exp(logp - logp.detach()). A value without gradient keeps the weight it shows.
    """
    found = recognise(fit.value, fit.anchored)
    if found is None or found.weight is Weight.INVERTED_RHO or not fit.derivative:
        return found.weight if found else Weight.NONE
    if not found.weighted:
        live = fit.value + differentiate(fit.value)
        return Weight.RHO if fit.derivative.is_close(live) else Weight.NONE
    value = as_product(fit.value) if fit.anchored else fit.value
    detached = differentiate(value.only(lambda e: e.power == 1).times_rho(-1)).times_rho()
    expected = fold(detached) if fit.anchored else detached
    return Weight.SG_RHO if fit.derivative.is_close(expected) else Weight.RHO


def _named(inner: Combination, weight: Weight, *, swap: bool) -> Recognised | None:
    for estimator, template in _TEMPLATES:
        candidate = inner if Shape.ONE in template.shapes else inner.only(_moves)
        scale = candidate.ratio(template)
        if scale is not None:
            name = _SWAPPED.get(estimator, estimator) if swap else estimator
            return Recognised(name, _sign(scale), abs(scale), weight)
    return None


def _other(moving: Combination, weight: Weight) -> Recognised | None:
    """Describe what depends on d like a KL but is no single estimator, or return None for a mere weight."""
    if len(moving.terms) < 2 and not moving.shapes & _LOGARITHMIC_PRODUCTS:
        return None
    leading = moving.terms[0][1]
    return Recognised(Estimator.OTHER, _sign(leading), abs(leading), weight, _is_near_k3(moving))


def _is_near_k3(moving: Combination) -> bool:
    """Whether this is an exponential plus or minus d, equally weighted: a k3 with a slip in it."""
    sizes = [abs(c) for _, c in moving.terms]
    near = moving.shapes in ({Shape.EXP_NEG, Shape.D}, {Shape.EXP, Shape.D})
    return near and len(sizes) == 2 and abs(sizes[0] - sizes[1]) <= SAME * sizes[0]


def _moves(element: Element) -> bool:
    return element.shape is not Shape.ONE


def _sign(x: float) -> int:
    return 1 if x > 0 else -1
