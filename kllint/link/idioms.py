"""Helpers that every project writes for itself, known by the words of their names."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value, is_constant
from kllint.link.words import words

if TYPE_CHECKING:
    from kllint.link.tensors import Arguments

_REDUCING_WORDS = {
    "mean", "sum", "agg", "aggregate", "aggregator", "average", "avg", "reduce", "reducer", "reduction",
}  # fmt: skip
_REDUCING_CONTEXT = _REDUCING_WORDS | {
    "masked", "mask", "loss", "losses", "token", "tokens", "seq", "sequence", "nan", "global", "local", "all", "over",
    "safe", "by", "valid", "weighted", "axis", "dim", "per", "batch", "with", "normalized", "mat", "of", "sample",
    "samples", "func", "fn",
}  # fmt: skip
_WHITENED = "whitened"
_WHITENING_WORDS = {"whiten", "whitening", "standardize", "standardise"}


def called(name: str, arguments: Arguments) -> Value | None:
    """The value of a call of such a helper: None if its name says nothing.

    `masked_mean`, `agg_loss`, `masked_whiten`: reading through their bodies would only add their options
    to every condition.
    """
    kind = _kind(name)
    if kind == _WHITENED:
        return _whitened(arguments)
    return _reduced(kind, arguments) if kind else None


@lru_cache(maxsize=20_000)
def _kind(name: str) -> str:
    """What a helper does, by its name; empty if that says nothing."""
    parts = set(words(name))
    if parts & _WHITENING_WORDS:
        return _WHITENED
    if parts & _REDUCING_WORDS and parts <= _REDUCING_CONTEXT:
        return "mean" if parts & {"mean", "agg", "aggregate", "aggregator", "average", "avg"} else "sum"
    return ""


def _reduced(kind: str, arguments: Arguments) -> Value | None:
    """A reduction over what the helper was given besides: a mask, or tokens that it chooses itself."""
    given = [*arguments.positional, *arguments.keyword.values()]
    names = ("input", "x", "a", "values", "tensor", "loss_mat")
    value = arguments.get(0, *names) or next(iter(given), None)
    if value is None:
        return None
    others = [one for one in given if one is not value and one.op is not ops.CONSTANT]
    over = others[0] if others else Value(ops.SYMBOL, (), "tokens", arguments.span)
    return Value(ops.REDUCE, (value, over), kind, arguments.span)


def _whitened(arguments: Arguments) -> Value | None:
    value = arguments.get(0, "input", "values", "x", "xs")
    shift = arguments.keyword.get("shift_mean")
    op = ops.SAME if shift is not None and is_constant(shift, False) else ops.CENTRED
    return Value(op, (value,), "whiten", arguments.span) if value else None
