"""Ways to write one training step: programs that differ in their text and agree in what autograd does."""

from __future__ import annotations

from dataclasses import dataclass, fields
from textwrap import indent
from typing import Final

# Each axis: the plain spelling first. {q}, {p} and {mu} are log-probs, {d} their difference, {x} a value.
NAMES: Final = (
    ("logp", "ref_logp", "old_logp"),
    ("log_probs", "ref_log_probs", "old_log_probs"),
    ("policy_logps", "reference_logps", "behavior_logps"),
    ("new_logprobs", "sft_logprobs", "rollout_logprobs"),
)
SOURCES: Final = (
    "{q} = model.log_probs(tokens)",
    "{q} = torch.log_softmax(model(tokens).logits, dim=-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)",
    "{q} = F.log_softmax(model(tokens).logits, -1).gather(2, tokens[..., None])[..., 0]",
    "{q} = torch.distributions.Categorical(logits=model(tokens).logits).log_prob(tokens)",
    "{q} = selective_log_softmax(model(tokens).logits, tokens)",
)
STORES: Final = (  # where reference and sampler come from
    "",
    '{p} = batch["ref_log_prob"]\n{mu} = batch["old_log_probs"]',
    "{p} = batch.ref_logp\n{mu} = batch.old_logp",
    '{p}, {mu} = batch["ref_logps"].detach(), batch["old_logps"].to({q}.device)',
    "{p} = {p}.detach()\n{mu} = {mu}.clone()",
)
DIFFERENCES: Final = (
    "{q} - {p}",
    "torch.sub({q}, {p})",
    "{q}.sub({p})",
    "-({p} - {q})",
    "({p} - {q}).neg()",
    "torch.neg({p} - {q})",
    "{q} + -{p}",
    "{q}.float() - {p}.float()",
    "torch.subtract({q}, {p})",
)
VARIABLES: Final = ("diff", "delta", "log_ratio_to_ref", "x")
KS: Final = {
    "k1": ("{d}", "{d} * 1.0", "0.0 + {d}", "({d}).clone()"),
    "k2": (
        "0.5 * {d} ** 2",
        "{d}.pow(2) / 2",
        "torch.square({d}) * 0.5",
        "{d}.square() / 2.0",
        "0.5 * {d} * {d}",
        "torch.pow({d}, 2).mul(0.5)",
        "({d} ** 2).div(2)",
        "torch.div({d}.square(), 2)",
    ),
    "k3": (
        "torch.exp(-{d}) - 1 + {d}",
        "(-{d}).exp() - 1.0 + {d}",
        "torch.expm1(-{d}) + {d}",
        "{d} + torch.expm1({d}.neg())",
        "torch.exp({p} - {q}) - ({p} - {q}) - 1",
        "({p} - {q}).exp() - 1 - ({p} - {q})",
        "torch.exp({p} - {q}).sub(1).add({d})",
        "1 / torch.exp({d}) - 1 + {d}",
        "torch.exp({p}) / torch.exp({q}) - 1 + {d}",
    ),
}
STEPS: Final = (  # between estimator and weight; {k} is the name of the KL
    "",
    "penalty = {k}\n{k} = penalty",
    "{k} = {k} * mask",
    "{k} = torch.where(mask.bool(), {k}, torch.zeros_like({k}))",
    "{k} = {k}.masked_fill(mask == 0, 0.0)",
    "{k} *= 1.0",
    "{k} += 0.0",
    "{k} = {k}.clamp(min=-100.0, max=100.0)",
    "{k} = torch.nan_to_num({k})",
    "terms = {{'kl': {k}}}\n{k} = terms['kl']",
    "{k} = {k}.float().contiguous()",
)
RATIOS: Final = (
    "torch.exp({q} - {mu})",
    "({q} - {mu}).exp()",
    "torch.expm1({q} - {mu}) + 1",
    "torch.exp({q}) / torch.exp({mu})",
    "torch.exp(-({mu} - {q}))",
)
DETACHED_RATIOS: Final = (
    "rho = torch.exp({q} - {mu}).detach()",
    "rho = torch.exp({q}.detach() - {mu})",
    "rho = ({q} - {mu}).detach().exp()",
    "rho = torch.exp({q} - {mu}).data",
    "with torch.no_grad():\n    rho = torch.exp({q} - {mu})",
    "with torch.inference_mode():\n    rho = ({q} - {mu}).exp()",
    "rho = torch.exp({q} - {mu})\nrho = rho.detach()",
    "rho = jax.lax.stop_gradient(torch.exp({q} - {mu}))",
)
PRODUCTS: Final = ("rho * {k}", "{k} * rho", "{k}.mul(rho)", "torch.mul(rho, {k})")
REDUCTIONS: Final = (
    "{x}.mean()",
    "torch.mean({x})",
    "{x}.sum(-1).mean()",
    "({x} * mask).sum() / mask.sum()",
    "masked_mean({x}, mask)",
    "({x} * mask).sum(-1).div(mask.sum(-1)).mean()",
)
COEFFICIENTS: Final = ("beta * {x}", "{x} * beta", "self.args.kl_coef * {x}", "0.04 * {x}", "{x} / 25")
LOSSES: Final = (
    "loss = pg_loss + {x}\nloss.backward()",
    "loss = pg_loss\nloss = loss + {x}\nloss.backward()",
    "loss = pg_loss\nloss += {x}\nloss.backward()",
    "loss = {x} + pg_loss\naccelerator.backward(loss)",
    "losses = {{'policy': pg_loss, 'kl': {x}}}\ntotal_loss = sum(losses.values())\ntotal_loss.backward()",
    "(pg_loss + {x}).backward()",
)
DETACHMENTS: Final = (  # of a KL that goes into a reward
    "{k} = {k}.detach()",
    "{k} = {k}.data",
    "{k} = {k}.clone().detach()",
    "with torch.no_grad():\n    {k} = {k} * 1.0",
)
SURROGATES: Final = (
    "shaped = advantages - {x}\nloss = -(ratio * shaped).mean()\nloss.backward()",
    "loss = -(ratio * (advantages - {x})).mean()\nloss.backward()",
    "loss = (-ratio * (advantages - {x})).mean()\nloss.backward()",
    "shaped = advantages\nshaped -= {x}\nloss = -torch.mean(shaped * ratio)\nloss.backward()",
    "shaped = advantages + -{x}\n(-torch.min(ratio * shaped, ratio.clamp(0.8, 1.2) * shaped).mean()).backward()",
)
PLACES: Final = ("inline", "function", "nested", "file", "method")


@dataclass(frozen=True)
class Spelling:
    """Which spelling each part of a program has: an index into its axis, taken modulo its length."""

    names: int = 0
    source: int = 0
    store: int = 0
    difference: int = 0
    variable: int = 0
    estimator: int = 0
    step: int = 0
    ratio: int = 0
    product: int = 0
    reduction: int = 0
    coefficient: int = 0
    sink: int = 0
    detachment: int = 0
    place: int = 0
    keyword: int = 0


AXES: Final = tuple(field.name for field in fields(Spelling))


@dataclass(frozen=True)
class Program:
    """What a program means: an estimator, its weight (none, rho, sg_rho) and its use (loss, reward, live)."""

    estimator: str
    weight: str = "none"
    use: str = "loss"
    sign: int = 1


HEAD: Final = "import jax\nimport torch\nimport torch.nn.functional as F\n"
HELPERS: Final = """

def masked_mean(values, mask, dim=None):
    return (values * mask).sum(dim) / mask.sum(dim)
"""


def files(program: Program, spelling: Spelling) -> dict[str, str]:
    """The files of a program, in one spelling."""
    return _Writer(program, spelling).files()


class _Writer:
    def __init__(self, program: Program, spelling: Spelling) -> None:
        self.program = program
        self.spelling = spelling
        self.q, self.p, self.mu = NAMES[spelling.names % len(NAMES)]
        self.place = self.pick("place", PLACES)
        self.sign = "-" if program.sign < 0 else ""

    def pick(self, axis: str, options: tuple[str, ...]) -> str:
        index: int = getattr(self.spelling, axis)
        return options[index % len(options)]

    def text(self, template: str, **more: str) -> str:
        return template.format(q=self.q, p=self.p, mu=self.mu, k="kl", **more)

    def estimator(self) -> str:
        """The lines that compute `kl`."""
        d = self.pick("variable", VARIABLES)
        difference = self.text(self.pick("difference", DIFFERENCES))
        formula = self.text(self.pick("estimator", KS[self.program.estimator]), d=d)
        return f"{d} = {difference}\nkl = {formula}"

    def weight(self) -> str:
        if self.program.weight == "none":
            return ""
        product = f"kl = {self.text(self.pick('product', PRODUCTS))}"
        if self.program.weight == "rho":
            return f"rho = {self.text(self.pick('ratio', RATIOS))}\n{product}"
        return f"{self.text(self.pick('ratio', DETACHED_RATIOS))}\n{product}"

    def sink(self) -> str:
        scaled = self.text(self.pick("coefficient", COEFFICIENTS), x="kl")
        if self.program.use == "loss":
            mean = self.text(self.pick("reduction", REDUCTIONS), x="kl")
            term = self.text(self.pick("coefficient", COEFFICIENTS), x=mean)
            start = f"pg_loss = -(advantages * {self.q}).mean()\n"
            return start + self.pick("sink", LOSSES).format(x=f"{self.sign}{term}")
        ratio = f"ratio = torch.exp({self.q} - {self.mu})\n"
        surrogate = self.pick("sink", SURROGATES).format(x=f"{self.sign}{scaled}")
        detach = (
            self.text(self.pick("detachment", DETACHMENTS)) + "\n" if self.program.use == "reward" else ""
        )
        return detach + ratio + surrogate

    def divergence(self) -> str:
        """A function that returns the estimator."""
        return f"def divergence({self.q}, {self.p}):\n{indent(self.estimator(), '    ')}\n    return kl\n"

    def made(self) -> str:
        """How the step gets its KL, which is then called `kl`."""
        if self.place == "inline":
            return self.estimator()
        named = self.spelling.keyword % 2
        arguments = f"{self.p}={self.p}, {self.q}={self.q}" if named else f"{self.q}, {self.p}"
        call = f"kl = {'self.' if self.place == 'method' else ''}divergence({arguments})"
        return f"{self.divergence()}{call}" if self.place == "nested" else call

    def step(self) -> str:
        """The training step, a method."""
        parts = (
            self.text(self.pick("source", SOURCES)),
            self.text(self.pick("store", STORES)),
            self.made(),
            self.text(self.pick("step", STEPS)),
            self.weight(),
            self.sink(),
        )
        parameters = f"self, model, batch, tokens, {self.p}, {self.mu}, advantages, mask, beta"
        body = "\n".join(filter(None, parts))
        return f"def step({parameters}):\n{indent(body, '    ')}\n"

    def files(self) -> dict[str, str]:
        """All files of the project."""
        methods = self.step()
        if self.place == "method":
            methods = self.divergence().replace("divergence(", "divergence(self, ", 1) + "\n" + methods
        trainer = f"{HEAD}{HELPERS}\n\nclass Trainer:\n{indent(methods, '    ')}"
        if self.place == "function":
            trainer += f"\n\n{self.divergence()}"
        if self.place != "file":
            return {"trainer.py": trainer}
        trainer = trainer.replace(HEAD, f"{HEAD}from divergences import divergence\n")
        return {"trainer.py": trainer, "divergences.py": f"import torch\n\n\n{self.divergence()}"}
