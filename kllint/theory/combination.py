"""Linear combinations of basis elements: exact enough to compare, simple enough to read aloud."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, Self

from kllint.theory.basis import Element, Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

SAME: Final = 1e-6
"""Relative difference below which two coefficients are one."""

_ORDER: Final = {shape: i for i, shape in enumerate(Shape)}


@dataclass(frozen=True, slots=True)
class Combination:
    """A sum of coefficient * element, in canonical order and without zeros; empty means zero."""

    terms: tuple[tuple[Element, float], ...] = ()

    @classmethod
    def of(cls, coefficients: Mapping[Element, float] | Iterable[tuple[Element, float]]) -> Self:
        """Make a combination in canonical order, adding up what is repeated and dropping what is tiny."""
        pairs = coefficients.items() if hasattr(coefficients, "items") else coefficients
        total: dict[Element, float] = {}
        for element, coefficient in pairs:
            total[element] = total.get(element, 0.0) + coefficient
        least = SAME * max((abs(c) for c in total.values()), default=0.0)
        kept = [(e, _simple(c)) for e, c in total.items() if abs(c) > least]
        return cls(tuple(sorted(kept, key=lambda term: (term[0].power, _ORDER[term[0].shape]))))

    @classmethod
    def plain(cls, power: int = 0, /, **coefficients: float) -> Self:
        """Make a combination by the names of shapes: `plain(1, ONE=1, D=1)` is rho * (1 + d)."""
        return cls.of((Element(Shape[name], power), c) for name, c in coefficients.items())

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __add__(self, other: Combination) -> Combination:
        return Combination.of((*self.terms, *other.terms))

    def __sub__(self, other: Combination) -> Combination:
        return self + other.negate()

    def __str__(self) -> str:
        return self.render()

    @property
    def elements(self) -> frozenset[Element]:
        """The elements that take part."""
        return frozenset(e for e, _ in self.terms)

    @property
    def shapes(self) -> frozenset[Shape]:
        """The functions of d that take part, whatever power of rho they carry."""
        return frozenset(e.shape for e, _ in self.terms)

    @property
    def powers(self) -> frozenset[int]:
        """The powers of rho that take part."""
        return frozenset(e.power for e, _ in self.terms)

    def coefficient(self, element: Element) -> float:
        """Return the coefficient of one element, zero where it takes no part."""
        return next((c for e, c in self.terms if e == element), 0.0)

    def scale(self, factor: float) -> Combination:
        """Multiply by a number."""
        return Combination.of((e, c * factor) for e, c in self.terms)

    def negate(self) -> Combination:
        """Change the sign."""
        return self.scale(-1.0)

    def times_rho(self, power: int = 1) -> Combination:
        """Multiply by a power of rho."""
        return Combination.of((Element(e.shape, e.power + power), c) for e, c in self.terms)

    def only(self, keep: Callable[[Element], bool]) -> Combination:
        """Return the part whose elements satisfy a condition."""
        return Combination(tuple((e, c) for e, c in self.terms if keep(e)))

    def without(self, elements: frozenset[Element]) -> Combination:
        """Return what is left when some elements are ignored, such as a zero-mean score term."""
        return self.only(lambda e: e not in elements)

    def ratio(self, other: Combination) -> float | None:
        """Return the number that turns `other` into this combination, or None when there is none."""
        if not self or self.elements != other.elements:
            return None
        factor = self.terms[0][1] / other.terms[0][1]
        pairs = zip(self.terms, other.terms, strict=True)
        return factor if all(abs(a - factor * b) <= 10 * SAME * abs(a) for (_, a), (_, b) in pairs) else None

    def is_close(self, other: Combination) -> bool:
        """Whether both are the same combination but for rounding."""
        if not self or not other:
            return not self and not other
        factor = self.ratio(other)
        return factor is not None and abs(factor - 1.0) <= 10 * SAME

    def render(self) -> str:
        """Write it as the field does: "exp(-d) - 1 + d", "rho * d", "0.5 * d^2", and "0" for nothing."""
        groups = groupby(self.terms, key=lambda term: term[0].power)
        texts = [_group(power, [(e.shape.value, c) for e, c in terms]) for power, terms in groups]
        return " + ".join(texts).replace("+ -", "- ") or "0"


def _simple(c: float) -> float:
    """Round to a nearby decimal or a fraction of small denominator, and else to nine digits."""
    for denominator in (1, 2, 3, 100, 1000):
        near = round(c * denominator) / denominator
        if near and abs(near - c) <= 1e-7 * abs(c):
            return near
    return float(f"{c:.9g}")


def _group(power: int, terms: list[tuple[str, float]]) -> str:
    """Write the terms that share a power of rho, with a common factor taken out."""
    common = abs(terms[0][1])
    if any(abs(abs(c) - common) > SAME * common for _, c in terms):
        common = 1.0
    factors = [_number(common)] if abs(common - 1.0) > SAME else []
    factors += [f"rho^{power}" if power > 1 else "rho"] if power > 0 else []
    negative = all(c < 0 for _, c in terms) and (bool(factors) or power < 0 or len(terms) == 1)
    inner = _sum([(text, abs(c) / common if negative else c / common) for text, c in terms])
    if inner == "1" and factors:
        inner = ""
    elif len(terms) > 1 and (factors or power < 0):
        inner = f"({inner})"
    text = " * ".join(part for part in (*factors, inner) if part)
    text += f" / rho^{-power}" if power < -1 else " / rho" if power < 0 else ""
    return f"-{text}" if negative else text


def _sum(terms: list[tuple[str, float]]) -> str:
    """Write a sum, beginning with a term that is not negative if there is one."""
    first = next((i for i, (_, c) in enumerate(terms) if c > 0), 0)
    ordered = [terms[first], *terms[:first], *terms[first + 1 :]]
    text = "".join(f" {'-' if c < 0 else '+'} {_monomial(shape, abs(c))}" for shape, c in ordered)
    return text.removeprefix(" + ").replace(" - ", "-", 1) if text.startswith(" - ") else text[3:]


def _monomial(shape: str, c: float) -> str:
    number = _number(c)
    if number == "1":
        return shape
    return number if shape == "1" else f"{number} * {shape}"


def _number(c: float) -> str:
    return f"{c:.4g}"
