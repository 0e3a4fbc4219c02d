"""Evaluate the snippets of the oracle with dual numbers: the same text, another `torch`."""

from __future__ import annotations

import textwrap
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from kllint.theory import dual
from kllint.theory.basis import points
from kllint.theory.fit import Fit, fit

if TYPE_CHECKING:
    from collections.abc import Callable

    from kllint.theory.dual import Dual


class Traced:
    """A tensor of one element that computes with duals, and whose reductions change nothing."""

    def __init__(self, inner: Dual) -> None:
        self.inner = inner

    def __add__(self, other: Traced | float) -> Traced:
        return Traced(self.inner + _bare(other))

    def __radd__(self, other: float) -> Traced:
        return Traced(other + self.inner)

    def __sub__(self, other: Traced | float) -> Traced:
        return Traced(self.inner - _bare(other))

    def __rsub__(self, other: float) -> Traced:
        return Traced(other - self.inner)

    def __mul__(self, other: Traced | float) -> Traced:
        return Traced(self.inner * _bare(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Traced | float) -> Traced:
        return Traced(self.inner / _bare(other))

    def __rtruediv__(self, other: float) -> Traced:
        return Traced(other / self.inner)

    def __pow__(self, other: float) -> Traced:
        return Traced(self.inner**other)

    def __neg__(self) -> Traced:
        return Traced(-self.inner)

    def __getattr__(self, name: str) -> Callable[..., Traced]:
        if name in {"mean", "sum"}:
            return lambda *_args, **_keywords: self
        return lambda *args, **keywords: TORCH[name](self, *args, **keywords)


def _bare(x: Traced | float) -> Dual | float:
    return x.inner if isinstance(x, Traced) else x


def _wrap(function: Callable[..., Dual]) -> Callable[..., Traced]:
    return lambda *args: Traced(function(*map(_bare, args)))


def _clamp(x: Traced, low: float | None = None, high: float | None = None, **bounds: float) -> Traced:
    return Traced(dual.clamp(x.inner, bounds.get("min", low), bounds.get("max", high)))


TORCH: dict[str, Callable[..., Traced]] = {
    "abs": _wrap(dual.absolute),
    "clamp": _clamp,
    "detach": _wrap(dual.detach),
    "exp": _wrap(dual.exp),
    "expm1": _wrap(dual.expm1),
    "log": _wrap(dual.log),
    "maximum": _wrap(dual.maximum),
    "minimum": _wrap(dual.minimum),
    "ones_like": _wrap(lambda _: dual.constant(1.0)),
    "relu": lambda x: _clamp(x, 0.0),
    "square": _wrap(dual.square),
}


def trace(snippet: str, name: str = "loss", *, anchored: bool = False) -> Fit | None:
    """Run a snippet over the sample points and fit what it leaves in a variable.

    `ref_logp` is the other side; when `anchored`, `old_logp` is, and it stands at the same points.
    """
    at = points(anchored)
    scope: dict[str, Any] = {
        "torch": SimpleNamespace(**TORCH),
        "logp": Traced(dual.variable(at.log_q)),
        "ref_logp": Traced(dual.frozen(at.log_p)),
        "old_logp": Traced(dual.frozen(at.log_mu)),
        "advantages": Traced(dual.constant(0.0)),
        "mask": Traced(dual.constant(1.0)),
    }
    exec(textwrap.dedent(snippet), scope)  # noqa: S102 (our own snippets)
    return fit(scope[name].inner, anchored)
