"""Python: what modules declare, call and spell in strings."""

import json

from kllint.configs.setting import UNRESOLVED
from tests.configs.linting import found, lint, settings, values


def test_defaults_of_classes() -> None:
    text = """
        from dataclasses import dataclass, field
        from pydantic import BaseModel, Field

        TYPE = "k3"

        @dataclass
        class Actor:
            kl_loss_type: str = "low_var_kl"
            coef: float = field(
                default=0.001,
            )
            betas: list[float] = field(default_factory=lambda: [0.1])
            kind: str = TYPE
            name: str

        class Loss(BaseModel):
            kl_tau: float = Field(1e-3, ge=0)

        class Module:
            def __init__(self, actor, kl_direction="reverse", *, scale=-1.0, other=make()):
                pass
        """
    assert settings("a.py", text) == [
        (8, "kl_loss_type", "low_var_kl", 'kl_loss_type: str = "low_var_kl"'),
        (9, "coef", 0.001, "coef"),
        (12, "betas", (0.1,), "betas: list[float] = field(default_factory=lambda: [0.1])"),
        (13, "kind", "k3", "kind: str = TYPE"),
        (17, "kl_tau", 0.001, "kl_tau: float = Field(1e-3, ge=0)"),
        (20, "kl_direction", "reverse", 'kl_direction="reverse"'),
        (20, "scale", -1.0, "scale=-1.0"),
        (20, "other", UNRESOLVED, "other=make()"),
    ]


def test_options_of_command_lines() -> None:
    text = """
        parser.add_argument("-k", "--kl-type", type=str, default="k3")
        parser.add_argument(
            "--algo.kl.use_loss", action="store_true"
        )
        parser.add_argument("--none")
        parser.set_defaults(kl_coef=0.1)
        flags.DEFINE_float("kl_beta", 0.2, "help")

        @click.option("--kl-mode", default="k2")
        @click.option("--use-kl/--no-kl", is_flag=True)
        def main(kl_mode, use_kl): ...

        @app.command()
        def run(kl_name: str = typer.Option("k1")): ...
        """
    assert values("a.py", text) == {
        "kl_type": "k3",
        "algo.kl.use_loss": False,
        "kl_coef": 0.1,
        "kl_beta": 0.2,
        "kl_mode": "k2",
        "use_kl": False,
        "kl_name": "k1",
    }


def test_calls_dictionaries_and_strings() -> None:
    text = '''
        """A docstring: python -m x.y a.b=1 --kl-type k3"""
        BETA = 0.04
        GRPOConfig(beta=BETA, steps=n)
        config = {"actor": {"kl": "k3", "coef": -0.1}, **rest}
        run(["python", "-m", "x.y", "a.kl=k2", f"a.data={path}"])
        command = (
            "--use-kl-loss "
            f"--kl-loss-type low_var_kl --name {name}-1 "
        )
        '''
    assert sorted(settings("a.py", text), key=lambda row: row[0]) == [
        (3, "beta", 0.04, "beta=BETA"),
        (3, "steps", UNRESOLVED, "steps=n"),
        (4, "actor.kl", "k3", '"kl": "k3"'),
        (4, "actor.coef", -0.1, '"coef": -0.1'),
        (5, "m", "x.y", '-m", "x.y'),
        (5, "a.kl", "k2", "a.kl=k2"),
        (5, "a.data", UNRESOLVED, "a.data={"),
        (7, "use_kl_loss", True, "--use-kl-loss"),
        (8, "kl_loss_type", "low_var_kl", "--kl-loss-type low_var_kl"),
        (8, "name", UNRESOLVED, "--name {name}-1"),
    ]


def test_a_name_bound_twice_has_no_value() -> None:
    text = "beta = 0.1\nif x:\n    beta = 0\nGRPOConfig(beta=beta)\n"
    assert values("a.py", text)["beta"] is UNRESOLVED


def test_notebooks() -> None:
    cells = [{"cell_type": "code", "source": ["!pip install trl\n", "from trl import GRPOConfig\n"]}]
    cells.append({"cell_type": "code", "source": ["GRPOConfig(beta=0.04)\n"]})
    notebook = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    assert len(found({"a.ipynb": notebook})) == 1


def test_attributes_and_items_that_are_assigned() -> None:
    text = """
        from trl import GRPOConfig
        config = GRPOConfig(output_dir="x")
        config.beta = 0.04
        cfg = OmegaConf.load("base.yaml")
        cfg.actor.kl_type = "k3"
        cfg["actor"]["coef"] = 0.1
        def run(options):
            options.kind = "k1"
            options.algo.kind = "k2"
            options.algo.twice = 1
            options.algo.twice = 2
            self.args.kind = "k3"
        """
    assert settings("a.py", text) == [
        (2, "output_dir", "x", 'output_dir="x"'),
        (3, "beta", 0.04, "config.beta = 0.04"),
        (5, "actor.kl_type", "k3", 'cfg.actor.kl_type = "k3"'),
        (6, "actor.coef", 0.1, 'cfg["actor"]["coef"] = 0.1'),
        (9, "algo.kind", "k2", 'options.algo.kind = "k2"'),
        (10, "algo.twice", UNRESOLVED, "options.algo.twice"),
        (11, "algo.twice", UNRESOLVED, "options.algo.twice"),
    ]


def test_a_keyword_that_passes_the_default_of_an_argument_on() -> None:
    options = 'parser.add_argument("--kl-beta", type=float, default=0.04)\nargs = parser.parse_args()\n'
    (finding,) = lint({"a.py": f"from trl import GRPOConfig\n{options}GRPOConfig(beta=args.kl_beta)\n"})
    assert finding.message.startswith("beta = 0.04")
    assert [note.message for note in finding.related] == ["the value is set here"]
    fields = "class Script:\n    beta: float = field(default=0.1)\n"
    parsed = "script, training = parser.parse_args_into_dataclasses()\n"
    assert values("a.py", f"{fields}{parsed}GRPOConfig(beta=script.beta)\n")["beta"] == 0.1
    assert values("a.py", f"{fields}GRPOConfig(beta=other.beta, x=1)\n")["beta"] is UNRESOLVED
    plain = "class CFG:\n    beta = 0.2\n"
    assert values("a.py", f"{plain}GRPOConfig(beta=CFG.beta, x=1)\n")["beta"] == 0.2
    assert values("a.py", f"{plain}cfg = CFG()\nGRPOConfig(beta=cfg.beta, x=1)\n")["beta"] == 0.2


def test_keywords_that_are_spread_and_parameters_that_are_options() -> None:
    assert values("a.py", 'GRPOConfig(**{"beta": 0.1})\n')["beta"] == 0.1
    assert values("a.py", "given = dict(beta=0.1, kl=dict(type='k3'))\nGRPOConfig(**given)\n") == {
        "beta": 0.1,
        "kl": UNRESOLVED,
        "kl.type": "k3",
    }
    assert values("a.py", "def main(kl_type='k3'): ...\nfire.Fire(main)\n") == {"kl_type": "k3"}
    assert values("a.py", 'parser.add_argument("--no-kl", dest="kl", action="store_false")\n') == {"kl": True}


def test_commands_of_notebooks() -> None:
    cells = [
        ["%%bash\n", "swift rlhf --rlhf_type grpo --beta 0.04\n"],
        ["x = 1\n", "!swift rlhf --rlhf_type grpo \\\n", "    --beta 0.04\n", "print(x)\n"],
        ["!swift rlhf --rlhf_type grpo --beta 0.0\n"],
    ]
    made = [{"cell_type": "code", "source": source} for source in cells]
    notebook = json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    assert len(found({"a.ipynb": notebook})) == 2
