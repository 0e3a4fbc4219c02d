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
_AFTER_LOG = {
    "p", "ps", "prob", "probs", "pi", "pis", "probability", "probabilities", "likelihood", "likelihoods", "q", "mu",
    "lik",
}  # fmt: skip
_LOG_RATIO = {"logratio", "logratios", "logr", "logits_ratio", "logrho"}
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
    found = (match.group().lower() for match in _SPLIT.finditer(name))
    return tuple(part for word in found for part in _COMPOUND.split(word) if part)


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
    if any(word in _LOG_PROB for word in parts):
        return not ({"ratio", "ratios", "diff", "fn", "func"} & set(parts))
    follows = any(a == "log" and b in _AFTER_LOG for a, b in itertools.pairwise(parts))
    return follows and not ({"ratio", "ratios", "diff", "rho", "fn", "func"} & set(parts))


@lru_cache(maxsize=20_000)
def names_log_ratio(name: str) -> bool:
    """Whether a name says that it holds a difference of log-probabilities."""
    parts = words(name)
    if any(word in _LOG_RATIO for word in parts):
        return True
    if any(a == "log" and b in _AFTER_LOG_RATIO for a, b in itertools.pairwise(parts)):
        return True
    has_log_prob = any(word in _LOG_PROB for word in parts) or "log" in parts
    return has_log_prob and bool({"ratio", "ratios", "diff", "delta"} & set(parts))


@lru_cache(maxsize=20_000)
def names_probability(name: str) -> bool:
    """Whether a name says that it holds probabilities (not their logarithms)."""
    parts = words(name)
    return (
        bool({"prob", "probs", "pmf", "pmfs", "probability", "probabilities"} & set(parts))
        and "log" not in parts
    )


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


@lru_cache(maxsize=20_000)
def names_kl(name: str) -> bool:
    """Whether a name says that it holds a KL value: `approx_kl`, but not `negative_approx_kl`."""
    parts = set(words(name))
    joined = any(part.endswith("kl") and len(part) > 2 and part not in {"pkl", "mkl"} for part in parts)
    return (bool(parts & _KL) or joined) and not parts & {"neg", "negative", "coef", "coeff", "beta", "ctl"}


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
    return bool(_PREFERENCE & set(words(name)))


_LATENT = {"z", "zs", "zx", "pz", "qz", "qzx", "pzx", "logpz", "logqz", "latent", "latents"}


@lru_cache(maxsize=20_000)
def names_latent(name: str) -> bool:
    """Whether log-probs are by their name those of a latent variable, as in a VAE: `log_q_z`, `log_pz`."""
    return bool(_LATENT & set(words(name)))


_MASK = {
    "mask", "masks", "valid", "masked", "attention", "pad", "padding", "nonpad", "action", "loss", "indicator",
    "keep", "inside",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def names_mask(name: str) -> bool:
    """Whether a name says that it holds a mask over tokens."""
    return bool({"mask", "masks", "valid", "nonpad"} & set(words(name)))


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
    return bool(_COUNT & set(words(name)))


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


@lru_cache(maxsize=20_000)
def names_reward(name: str) -> bool:
    """Whether a name says that it holds rewards, returns or advantages (not those of a preference pair)."""
    parts = set(words(name))
    if parts & _PREFERENCE or parts & {
        "loss",
        "mean",
        "std",
        "abs",
        "total",
        "prefix",
        "beta",
        "coeff",
        "scale",
        "lambda",
        "alpha",
        "use",
        "norm",
        "margin",
        "margins",
        "model",
        "fn",
        "func",
        "weight",
        "accuracies",
        "coef",
        "implicit",
    }:
        return False
    return bool(parts & _REWARD)


@lru_cache(maxsize=20_000)
def names_loss(name: str) -> bool:
    """Whether a name says that it holds a training loss."""
    parts = set(words(name))
    return bool(parts & {"loss", "losses", "objective"}) and not parts & {
        "mask",
        "type",
        "fn",
        "func",
        "coef",
        "weight",
        "scale",
    }


_METRICS = {
    "metric", "metrics", "stat", "stats", "log", "logs", "info", "infos", "logger", "history", "tracker", "wandb",
    "writer", "monitor", "meter", "meters", "statistics", "summary", "record", "records", "swanlab", "tensorboard", "mlflow",
    "debug", "aux", "reported", "report",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def names_metrics(name: str) -> bool:
    """Whether a name says that it is a collection of metrics."""
    return bool(_METRICS & set(words(name)))


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
    return bool(_ROLLOUT & set(words(name)))
