"""A scan of bytes sees each way of setting a key that the readers know, and passes over code that only reads it."""

from __future__ import annotations

import pytest

from kllint.configs.readers.dispatch import Units
from kllint.configs.scan import gives, sets
from kllint.configs.setting import File

SETS = [
    'Config(kl_type="k3")',
    'Config(\n    kl_type = "k3",\n)',
    'config.loss.kl_type = "k3"',
    'config["loss"]["kl_type"] = "k3"',
    'settings = {"kl_type": "k3"}',
    'settings = {"loss.kl-type" : "k3"}',
    'settings = dict(kl_type="k3")',
    'class Config:\n    kl_type: str = "k3"',
    'class Config:\n    kl_type: Literal[\n        "k1", "k3"\n    ] = "k3"',
    'class Config:\n    kl_type = "k3"',
    'class Config:\n    def __init__(self, *,kl_type:str="k3"): ...',
    'parser.add_argument("--kl-type", default="k3")',
    'parser.add_argument("--loss.kl_type", default="k3")',
    'parser.add_argument("kind", dest="kl_type", default="k3")',
    'flags.DEFINE_string("kl_type", "k3", "")',
    'run(["train", "--loss.kl_type", "k3"])',
    'run("train loss.kl_type=k3 --more 1")',
]
GIVES = ['run("train --kl-type k3 --more 1")', 'run("train --more 1 --loss.kl_type k3")']
READS = [
    'if config.kl_type == "k3": ...',
    'kind = getattr(config, "kl_type", "k3")',
    'kind = config["kl_type"]',
    "self.kl_type = config.kl_type",
    'def loss(kl_type: str):\n    """`kl_type=k3` is meant."""',
    'raise ValueError("no such kl_type")',
]


@pytest.mark.parametrize("text", SETS)
def test_what_sets_a_key_is_seen(text: str) -> None:
    assert read(text)
    assert sets("run.py", text.encode(), "kl_type")


@pytest.mark.parametrize("text", GIVES)
def test_options_in_strings_are_seen(text: str) -> None:
    assert read(text)
    assert gives("run.py", text.encode(), "kl_type")


@pytest.mark.parametrize("text", READS)
def test_what_reads_a_key_is_passed_over(text: str) -> None:
    assert not read(text)
    assert not gives("run.py", text.encode(), "kl_type")


@pytest.mark.parametrize("text", ["Loss(kl_type=args.kl_type, weight=1)", "Loss(kl_type=kl_type)"])
def test_what_is_passed_on_is_set_elsewhere(text: str) -> None:
    assert not sets("run.py", text.encode(), "kl_type")
    assert sets("run.py", f'kl_type = "k3"\n{text}'.encode(), "kl_type")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("rl: grpo", True),
        ("--no-rl", True),
        ("x --a.rl=1", True),
        ("cleanrl/x.py", False),
        ("nemo-rl: 1", False),
    ],
)
def test_elsewhere_a_key_is_a_word_of_its_own(text: str, *, seen: bool) -> None:
    assert gives("run.sh", text.encode(), "rl") is seen


def read(text: str) -> bool:
    """Whether the readers find a setting of the key."""
    units = Units().of(File("run.py", text.encode()))
    return any(setting.key[-1:] == ("kl_type",) for unit in units for setting in unit.settings)
