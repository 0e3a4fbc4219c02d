"""Where values end: the sinks of training code, known by what a target, a call or a function is called."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kllint.link.words import names_kl, names_loss, names_metrics, names_reward, words
from kllint.theory.vocabulary import Use

if TYPE_CHECKING:
    from kllint.findings import Confidence, Span
    from kllint.ir.values import Value


@dataclass(frozen=True, slots=True)
class Sink:
    """A value that reaches a use, under the conditions that guard the statement.

    `confidence` says how sure the use is: high for `.backward()`, medium for names.
    """

    use: Use
    value: Value
    span: Span
    function: str
    guards: tuple[Value, ...]
    confidence: Confidence
    label: str
    repeated: bool = False  # inside a loop over epochs or minibatches
    depth: int = 0  # how many calls lie between the function and the sink


DROPPED = "dropped"  # the label of an expression that nobody assigns
SHAPE_ONLY = "shape only"  # the label of what `torch.ones_like(kl)` is given
UNUSED = frozenset({DROPPED, SHAPE_ONLY})

_BACKWARD = {"backward", "manual_backward", "backward_and_step"}
_TRACKERS = {
    "log", "log_dict", "add_scalar", "add_scalars", "record", "log_metrics", "record_mean", "scalar", "update_metrics",
    "store_metrics", "log_stats", "logkv", "print", "info", "debug", "warning", "add_histogram", "record_tabular", "reduce_metrics",
    "append_metrics", "log_metric", "item", "tolist",
}  # fmt: skip
_CONTROLLERS = {"kl", "ctl", "ctrl"}
_COLLECTORS = {"append", "update", "extend", "add"}
TOLD_BY_RECEIVER = frozenset(_COLLECTORS | {"step", "grad"})


@lru_cache(maxsize=20_000)
def of_call(function: str, receiver: str) -> Use | None:
    """The use of the arguments of a call `receiver.function(...)`; few functions need the receiver to be known."""
    if function in _BACKWARD:
        return Use.LOSS
    if function in _TRACKERS or (function in _COLLECTORS and names_metrics(receiver)):
        return Use.METRIC
    if function in {"update", "step"} and not _CONTROLLERS.isdisjoint(words(receiver)):
        return Use.COEF
    return None


@lru_cache(maxsize=20_000)
def of_target(name: str, container: str) -> Use | None:
    """The use of a value that is stored as `container[name]`, `container.name` or `name`."""
    if names_metrics(container) or name.count("/") > 0:
        return Use.METRIC
    if names_reward(name):
        return Use.REWARD
    if container and names_loss(name):
        return Use.LOSS
    if container and names_loss(container) and not names_kl(name):
        return Use.LOSS
    if names_metrics(name) and container:
        return Use.METRIC
    return None


def of_entry(key: str) -> Use | None:
    """The use of one entry of the dictionary that a loss function returns."""
    return of_target(key, "losses") or (Use.METRIC if names_kl(key) else None)


_LOSS_METHODS = {"forward", "__call__", "loss", "apply"}
_LOSS_FUNCTIONS = {"training_step", "training_loss", "compute_losses", "policy_objective"}
_HELPERS = {
    "reduce",
    "agg",
    "aggregate",
    "log",
    "scale",
    "register",
    "get",
    "make",
    "build",
    "mask",
    "type",
    "name",
    "plot",
    "test",
}


def returns_loss(function: str, owner: str) -> bool:
    """Whether what a function returns is minimised: `compute_loss`, `GRPOLoss.forward`."""
    parts = set(words(function))
    if function in _LOSS_FUNCTIONS:
        return True
    if "kl" in parts and parts & {"loss"} and not parts & {"compute"}:
        return True
    if parts & {"loss", "losses"}:
        return not parts & _HELPERS
    return function in _LOSS_METHODS and bool(set(words(owner)) & {"loss", "losses"})


def is_loss(name: str) -> bool:
    """Whether what is bound to a name is the loss, rather than the KL in it."""
    return names_loss(name) and not names_kl(name)


def returns_reward(function: str) -> bool:
    """Whether a function's result is a reward or advantage by its name."""
    return names_reward(function) and not set(words(function)) & {"normalize", "whiten", "update"}


def of_element(name: str, index: int, *, only: bool) -> Use | None:
    """The use of one element of the tuple that a loss function returns."""
    if only:
        return Use.LOSS
    if is_loss(name):
        return Use.LOSS
    if names_metrics(name) or names_kl(name) or set(words(name)) & {"frac", "clipfrac", "ratio", "entropy"}:
        return Use.METRIC
    return Use.LOSS if index == 0 else None
