"""Dual numbers: a value and its derivative with respect to log q, at every sample point at once.

Forward-mode differentiation is all a KL term needs, since each is a function of one live scalar, log q(x).
`detach`, `no_grad` and constants have slope zero, just as under autograd. Nothing here raises for a bad
argument: what is out of domain or overflows becomes nan, and a nan never fits a basis, so such a value is
silently no KL term.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NAN: Final = math.nan

Pair: TypeAlias = "tuple[float, float]"


class Dual:
    """Values and slopes (derivatives with respect to log q) at the sample points; never changed once made."""

    __slots__ = ("slopes", "values")

    values: tuple[float, ...]
    slopes: tuple[float, ...]

    def __init__(self, values: Sequence[float], slopes: Sequence[float]) -> None:
        self.values = tuple(values)
        self.slopes = tuple(slopes)

    def __repr__(self) -> str:
        return f"Dual(values={self.values!r}, slopes={self.slopes!r})"

    def __neg__(self) -> Dual:
        return Dual([-a for a in self.values], [-a for a in self.slopes])

    def __add__(self, other: Dual | float) -> Dual:
        if isinstance(other, Dual):
            return Dual(
                [a + b for a, b in zip(self.values, other.values, strict=True)],
                [a + b for a, b in zip(self.slopes, other.slopes, strict=True)],
            )
        return Dual([a + other for a in self.values], self.slopes)

    __radd__ = __add__

    def __sub__(self, other: Dual | float) -> Dual:
        if isinstance(other, Dual):
            return Dual(
                [a - b for a, b in zip(self.values, other.values, strict=True)],
                [a - b for a, b in zip(self.slopes, other.slopes, strict=True)],
            )
        return Dual([a - other for a in self.values], self.slopes)

    def __rsub__(self, other: float) -> Dual:
        return Dual([other - a for a in self.values], [-a for a in self.slopes])

    def __mul__(self, other: Dual | float) -> Dual:
        if isinstance(other, Dual):
            u, v = self.values, other.values
            return Dual(
                [a * b for a, b in zip(u, v, strict=True)],
                [da * b + a * db for a, b, da, db in zip(u, v, self.slopes, other.slopes, strict=True)],
            )
        return Dual([a * other for a in self.values], [a * other for a in self.slopes])

    __rmul__ = __mul__

    def __truediv__(self, other: Dual | float) -> Dual:
        return self * _reciprocal(other if isinstance(other, Dual) else constant(other, len(self.values)))

    def __rtruediv__(self, other: float) -> Dual:
        return _reciprocal(self) * other

    def __pow__(self, other: Dual | float) -> Dual:
        return _power(self, other if isinstance(other, Dual) else constant(other, len(self.values)))

    def __rpow__(self, other: float) -> Dual:
        return _power(constant(other, len(self.values)), self)


def variable(values: Sequence[float]) -> Dual:
    """Make log q itself: slope one everywhere."""
    return Dual(values, (1.0,) * len(values))


def frozen(values: Sequence[float]) -> Dual:
    """Make a quantity that does not depend on log q, such as log p or log mu."""
    return Dual(values, (0.0,) * len(values))


def constant(x: float, size: int | None = None) -> Dual:
    """Make the same number at every point (by default at those of `basis`), with slope zero."""
    if size is None:
        from kllint.theory.basis import LOG_Q  # noqa: PLC0415 (basis need not be loaded to use plain duals)

        size = len(LOG_Q)
    return Dual((float(x),) * size, (0.0,) * size)


def detach(a: Dual) -> Dual:
    """Stop the gradient: the same values, slope zero (`x.detach()`, `torch.no_grad`)."""
    return Dual(a.values, (0.0,) * len(a.values))


def exp(a: Dual) -> Dual:
    """Return e^a."""
    values = [_safe(math.exp, x) for x in a.values]
    return Dual(values, [y * da for y, da in zip(values, a.slopes, strict=True)])


def expm1(a: Dual) -> Dual:
    """Return e^a - 1: the better conditioned half of k3."""
    return _lift(a, math.expm1, math.exp)


def log(a: Dual) -> Dual:
    """Return the natural logarithm, nan where a <= 0."""
    return _lift(a, math.log, lambda x: 1.0 / x)


def log1p(a: Dual) -> Dual:
    """Return log(1 + a), nan where a <= -1."""
    return _lift(a, math.log1p, lambda x: 1.0 / (1.0 + x))


def absolute(a: Dual) -> Dual:
    """Return |a|, with slope zero at a = 0 as autograd has it."""
    return _lift(a, abs, _sign)


def sign(a: Dual) -> Dual:
    """Return the sign of a, whose slope is zero everywhere."""
    return Dual([_sign(x) for x in a.values], (0.0,) * len(a.values))


def sigmoid(a: Dual) -> Dual:
    """Return 1 / (1 + e^-a)."""
    return _lift(a, _sigmoid, lambda x: _sigmoid(x) * _sigmoid(-x))


def softplus(a: Dual) -> Dual:
    """Return log(1 + e^a) without overflow."""
    return _lift(a, _softplus, _sigmoid)


def logsigmoid(a: Dual) -> Dual:
    """Return log sigmoid(a) = -softplus(-a)."""
    return -softplus(-a)


def sqrt(a: Dual) -> Dual:
    """Return the square root, nan where a < 0 (and where a = 0, whose slope is infinite)."""
    return _lift(a, math.sqrt, lambda x: 0.5 / math.sqrt(x))


def square(a: Dual) -> Dual:
    """Return a^2."""
    return a * a


def minimum(a: Dual, b: Dual | float) -> Dual:
    """Return the smaller; where both are equal each gets half of the gradient (as `torch.minimum` does)."""
    return _choose(a, b, lambda x, y: x < y)


def maximum(a: Dual, b: Dual | float) -> Dual:
    """Return the larger; where both are equal each gets half of the gradient (as `torch.maximum` does)."""
    return _choose(a, b, lambda x, y: x > y)


def clamp(a: Dual, low: float | None = None, high: float | None = None) -> Dual:
    """Clamp to constants: no gradient outside the bounds, all of it on them (as `torch.clamp` does)."""
    lowest = -math.inf if low is None else low
    highest = math.inf if high is None else high
    return Dual(
        [NAN if math.isnan(x) else min(max(x, lowest), highest) for x in a.values],
        [da if lowest <= x <= highest else 0.0 for x, da in zip(a.values, a.slopes, strict=True)],
    )


def where(cond_values: Sequence[float], a: Dual | float, b: Dual | float) -> Dual:
    """Choose point by point: `a` where the condition holds, else `b`."""
    size = len(cond_values)
    first = a if isinstance(a, Dual) else constant(a, size)
    second = b if isinstance(b, Dual) else constant(b, size)
    return Dual(
        [x if c else y for c, x, y in zip(cond_values, first.values, second.values, strict=True)],
        [x if c else y for c, x, y in zip(cond_values, first.slopes, second.slopes, strict=True)],
    )


def _safe(function: Callable[[float], float], x: float) -> float:
    try:
        return function(x)
    except (ValueError, OverflowError, ZeroDivisionError):
        return NAN


def _lift(a: Dual, function: Callable[[float], float], slope: Callable[[float], float]) -> Dual:
    """Apply a scalar function whose derivative is `slope`."""
    return Dual(
        [_safe(function, x) for x in a.values],
        [_safe(slope, x) * da for x, da in zip(a.values, a.slopes, strict=True)],
    )


def _sign(x: float) -> float:
    if math.isnan(x):
        return NAN
    return float((x > 0) - (x < 0))


def _sigmoid(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _reciprocal(a: Dual) -> Dual:
    values = [1.0 / x if x else NAN for x in a.values]
    return Dual(values, [-y * y * da for y, da in zip(values, a.slopes, strict=True)])


def _power(a: Dual, b: Dual) -> Dual:
    pairs = [
        _power_at(x, dx, y, dy) for x, dx, y, dy in zip(a.values, a.slopes, b.values, b.slopes, strict=True)
    ]
    return Dual([p[0] for p in pairs], [p[1] for p in pairs])


def _power_at(x: float, dx: float, y: float, dy: float) -> Pair:
    """Return x^y and its derivative; the logarithm is only taken where the exponent is live."""
    try:
        value = math.pow(x, y)
        slope = y * math.pow(x, y - 1.0) * dx if dx and y else 0.0
        return value, slope + (value * math.log(x) * dy if dy else 0.0)
    except (ValueError, OverflowError, ZeroDivisionError):
        return NAN, NAN


def _choose(a: Dual, other: Dual | float, better: Callable[[float, float], bool]) -> Dual:
    b = other if isinstance(other, Dual) else constant(other, len(a.values))
    pairs = [
        _choose_at(x, dx, y, dy, better)
        for x, dx, y, dy in zip(a.values, a.slopes, b.values, b.slopes, strict=True)
    ]
    return Dual([p[0] for p in pairs], [p[1] for p in pairs])


def _choose_at(x: float, dx: float, y: float, dy: float, better: Callable[[float, float], bool]) -> Pair:
    if better(x, y):
        return x, dx
    if better(y, x):
        return y, dy
    if x == y:
        return x, 0.5 * (dx + dy)
    return NAN, NAN
