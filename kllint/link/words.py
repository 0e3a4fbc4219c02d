"""What a name says: its words, and the role of the log-probabilities it holds (design.md section 3)."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

from kllint.theory.vocabulary import Role

_SPLIT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_COMPOUND = re.compile(r"(logprobs?|logps?$)")  # newlogprob, oldlogps

_LOG_PROB = {
    "logp", "logps", "logprob", "logprobs", "logpi", "logpis", "logpac", "lp", "lps", "lprobs", "logpp", "logprobas",
    "loglik", "loglikelihood", "loglikelihoods", "llh", "logpas", "logpa", "logq", "logqs", "logmu",
}  # fmt: skip
# What is beside a log-prob in the name of something else.
_NO_LOG_PROB = {"ratio", "ratios", "diff", "fn", "func"}
_AFTER_LOG = {
    "p", "ps", "prob", "probs", "pi", "pis", "probability", "probabilities", "likelihood", "likelihoods", "q", "mu",
    "lik",
}  # fmt: skip
_LOG_RATIO = {"logratio", "logratios", "logr", "logits_ratio", "logrho"}
_DIFFERENCE = {"ratio", "ratios", "diff", "delta"}
_AFTER_LOG_RATIO = {"ratio", "ratios", "rho", "rhos", "r", "diff", "weight", "weights", "is"}

ROLE_WORDS: dict[Role, frozenset[str]] = {
    Role.REFERENCE: frozenset(
        {"ref", "refs", "reference", "base", "init", "initial", "sft", "frozen", "pretrained", "prior", "anchor", "refer"}
    ),
    Role.BEHAVIOUR: frozenset(
        {
            "old", "prev", "previous", "behavior", "behaviour", "behav", "behavioral", "rollout", "rollouts", "sampling",
            "sampler", "sampled", "sample", "generation", "generator", "gen", "inference", "infer", "vllm", "sglang",
            "prox", "proximal", "mu", "stored", "original", "orig", "collected", "past", "logged", "buffer", "trajectory",
        }
    ),
    Role.TEACHER: frozenset({"teacher", "tlp", "expert", "tgt", "target", "t"}),
    Role.ACTOR: frozenset(
        {
            "new", "cur", "curr", "current", "policy", "actor", "student", "model", "pi", "q", "train", "trainer",
            "training", "learner", "slp", "theta", "live", "online", "agent", "updated",
        }
    ),
}  # fmt: skip

# Of two role words in one name the stronger says whose log-probs they are: "ref_policy", "old_actor".
_STRENGTH = (Role.TEACHER, Role.REFERENCE, Role.BEHAVIOUR, Role.ACTOR)
_WEAK = {
    "t",
    "q",
    "mu",
    "target",
    "tgt",
    "sample",
    "base",
    "init",
    "gen",
    "r",
}  # only next to a log-prob word


@lru_cache(maxsize=20_000)
def words(name: str) -> tuple[str, ...]:
    """The lower-case words of a name, whichever way they are joined."""
    found = map(str.lower, _SPLIT.findall(name))
    return tuple([part for word in found for part in _COMPOUND.split(word) if part])


_NUMBERS = {
    "weight",
    "weights",
    "coef",
    "coeff",
    "coefficient",
    "loss",
    "losses",
    "threshold",
    "scale",
    "dim",
    "key",
    "keys",
}


@lru_cache(maxsize=20_000)
def names_log_prob(name: str) -> bool:
    """Whether a name says that it holds log-probabilities."""
    parts = words(name)
    if parts and parts[-1] in _NUMBERS:
        return False
    if not _LOG_PROB.isdisjoint(parts):
        return _NO_LOG_PROB.isdisjoint(parts)
    return _after_log(parts, _AFTER_LOG) and "rho" not in parts and _NO_LOG_PROB.isdisjoint(parts)


def _after_log(parts: tuple[str, ...], following: set[str]) -> bool:
    """Whether one of some words follows the word "log"."""
    return "log" in parts and any(a == "log" and b in following for a, b in itertools.pairwise(parts))


@lru_cache(maxsize=20_000)
def names_log_ratio(name: str) -> bool:
    """Whether a name says that it holds a difference of log-probabilities."""
    parts = words(name)
    if not _LOG_RATIO.isdisjoint(parts) or _after_log(parts, _AFTER_LOG_RATIO):
        return True
    has_log_prob = "log" in parts or not _LOG_PROB.isdisjoint(parts)
    return has_log_prob and not _DIFFERENCE.isdisjoint(parts)


_PROBABILITY = {"prob", "probs", "pmf", "pmfs", "probability", "probabilities"}


@lru_cache(maxsize=20_000)
def names_probability(name: str) -> bool:
    """Whether a name says that it holds probabilities (not their logarithms)."""
    parts = words(name)
    return "log" not in parts and not _PROBABILITY.isdisjoint(parts)


_KL = {
    "kl",
    "kld",
    "kls",
    "kldiv",
    "klds",
    "k1",
    "k2",
    "k3",
    "kl1",
    "kl2",
    "kl3",
    "kullback",
    "divergence",
    "rkl",
    "fkl",
}


_NO_KL = {"neg", "negative", "coef", "coeff", "beta", "ctl"}


@lru_cache(maxsize=20_000)
def names_kl(name: str) -> bool:
    """Whether a name says that it holds a KL value: `approx_kl`, but not `negative_approx_kl`."""
    parts = words(name)
    joined = "kl" in name.lower() and any(
        part.endswith("kl") and len(part) > 2 and part not in {"pkl", "mkl"} for part in parts
    )
    return (joined or not _KL.isdisjoint(parts)) and _NO_KL.isdisjoint(parts)


_PREFERENCE = {
    "chosen",
    "rejected",
    "reject",
    "winner",
    "loser",
    "win",
    "lose",
    "preferred",
    "dispreferred",
    "w",
    "l",
}


@lru_cache(maxsize=20_000)
def names_preference(name: str) -> bool:
    """Whether a name belongs to a pair of preferred and rejected answers (DPO and its kin): no KL."""
    return not _PREFERENCE.isdisjoint(words(name))


_LATENT = {"z", "zs", "zx", "pz", "qz", "qzx", "pzx", "logpz", "logqz", "latent", "latents"}


@lru_cache(maxsize=20_000)
def names_latent(name: str) -> bool:
    """Whether log-probs are by their name those of a latent variable, as in a VAE: `log_q_z`, `log_pz`."""
    return not _LATENT.isdisjoint(words(name))


_MASKS = {"mask", "masks", "valid", "nonpad"}


@lru_cache(maxsize=20_000)
def names_mask(name: str) -> bool:
    """Whether a name says that it holds a mask over tokens."""
    return not _MASKS.isdisjoint(words(name))


_COUNT = {
    "num",
    "n",
    "count",
    "total",
    "size",
    "len",
    "length",
    "lengths",
    "numel",
    "tokens",
    "steps",
    "denom",
    "normalizer",
    "denominator",
    "factor",
}


@lru_cache(maxsize=20_000)
def names_count(name: str) -> bool:
    """Whether a name says that it holds a number of things to divide by."""
    return not _COUNT.isdisjoint(words(name))


@lru_cache(maxsize=20_000)
def role_in(name: str, extra: tuple[tuple[Role, str], ...] = ()) -> Role | None:
    """The role that a name gives, if any; words before the log-prob word count before those after it."""
    parts = words(name)
    position = next((i for i, word in enumerate(parts) if _begins_log_prob(parts, i)), len(parts))
    for group in (parts[:position], parts[position:]):
        near = position < len(parts)
        for role in _STRENGTH:
            vocabulary = ROLE_WORDS[role] | {word for extra_role, word in extra if extra_role is role}
            if any(word in vocabulary and (near or word not in _WEAK) for word in group):
                return role
    return None


def _begins_log_prob(parts: tuple[str, ...], index: int) -> bool:
    return parts[index] in _LOG_PROB or parts[index] == "log"


_REWARD = {"reward", "rewards", "advantage", "advantages", "adv", "advs", "returns", "rew", "rews", "advant"}

_NO_REWARD = {
    "loss", "mean", "std", "abs", "total", "prefix", "beta", "coeff", "scale", "lambda", "alpha", "use", "norm", "margin",
    "margins", "model", "fn", "func", "weight", "accuracies", "coef", "implicit",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def names_reward(name: str) -> bool:
    """Whether a name says that it holds rewards, returns or advantages (not those of a preference pair)."""
    parts = words(name)
    return not _REWARD.isdisjoint(parts) and _PREFERENCE.isdisjoint(parts) and _NO_REWARD.isdisjoint(parts)


_LOSS = {"loss", "losses", "objective"}
_NO_LOSS = {"mask", "type", "fn", "func", "coef", "weight", "scale"}


@lru_cache(maxsize=20_000)
def names_loss(name: str) -> bool:
    """Whether a name says that it holds a training loss."""
    parts = words(name)
    return not _LOSS.isdisjoint(parts) and _NO_LOSS.isdisjoint(parts)


_METRICS = {
    "metric", "metrics", "stat", "stats", "log", "logs", "info", "infos", "logger", "history", "tracker", "wandb",
    "writer", "monitor", "meter", "meters", "statistics", "summary", "record", "records", "swanlab", "tensorboard", "mlflow",
    "debug", "aux", "reported", "report",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def names_metrics(name: str) -> bool:
    """Whether a name says that it is a collection of metrics."""
    return not _METRICS.isdisjoint(words(name))


_ROLLOUT = {
    "rollout",
    "rollouts",
    "vllm",
    "sglang",
    "generation",
    "gen",
    "inference",
    "infer",
    "sampling",
    "sampler",
    "behavior",
    "behaviour",
    "behav",
    "mu",
}


@lru_cache(maxsize=20_000)
def names_rollout(name: str) -> bool:
    """Whether a name says that the rollout engine computed the log-probs, not the trainer."""
    return not _ROLLOUT.isdisjoint(words(name))
