"""YAML, TOML and JSON: keys, values and their places."""

import pytest

from kllint.configs.setting import UNRESOLVED
from tests.configs.linting import found, settings, values


def test_yaml_keys_values_and_places() -> None:
    text = """
        actor:
          kl_loss_type: "low_var_kl"   # k3
          coef: 1e-3
          list: [k1, k2]
        ---
        kl.type: k3
        """
    assert settings("a.yaml", text) == [
        (2, "actor.kl_loss_type", "low_var_kl", 'kl_loss_type: "low_var_kl"'),
        (3, "actor.coef", 0.001, "coef: 1e-3"),
        (4, "actor.list", ("k1", "k2"), "list: [k1, k2]"),
        (4, "actor.list.0", "k1", "k1"),
        (4, "actor.list.1", "k2", "k2"),
        (6, "kl.type", "k3", "kl.type: k3"),
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("Yes", True),
        ("off", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("1_000", 1000),
        ("-0.5", -0.5),
        ("k3", "k3"),
        ("'0.0'", 0.0),
        ("${other}", "k2"),
        ("${..nothing}", UNRESOLVED),
        ("${oc.env:HOME}", UNRESOLVED),
        ("${oc.env:KL,k1}", "k1"),
        ("${oc.select:other,k1}", "k2"),
        ("${oc.select:missing,k1}", "k1"),
        ("pre-${other}", UNRESOLVED),
        ("'{{ template }}'", UNRESOLVED),
        ("<your-value>", UNRESOLVED),
    ],
)
def test_yaml_scalars(written: str, value: object) -> None:
    assert values("a.yaml", f"other: k2\nkl: {written}\n")["kl"] == value


def test_relative_interpolation_and_anchors() -> None:
    text = """
        base: &base
          type: k3
        one:
          <<: *base
          coef: ${.scale}
          scale: 0.1
        two: *base
        """
    found_values = values("a.yaml", text)
    assert found_values["one.type"] == "k3"
    assert found_values["one.coef"] == 0.1
    assert found_values["two.type"] == "k3"


def test_a_bomb_of_aliases_ends() -> None:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))
    assert len(settings("a.yaml", f"a0: &a0 [kl, kl]\n{levels}\n")) < 20_001


def test_commands_inside_yaml() -> None:
    text = """
        run: |
          # start
          python3 -m verl.trainer.main_ppo \\
            actor_rollout_ref.actor.use_kl_loss=True \\
            actor_rollout_ref.actor.kl_loss_type=low_var_kl
        """
    assert found({"task.yaml": text}) == ["task.yaml:5 KL102"]
    command = "python -m verl.trainer.main_ppo actor_rollout_ref.actor.use_kl_loss=True"
    assert found({"task.yaml": f"name: x\ncommand: {command}\n"}) == ["task.yaml:2 KL102"]
    assert found({"job.yaml": f'command: [bash, -c, "{command}"]\n'}) == ["job.yaml:1 KL102"]
    assert found({"package.json": f'{{"scripts": {{"train": "{command}"}}}}'}) == ["package.json:1 KL102"]
    assert found({"tool.toml": f'train = "{command}"\n'}) == ["tool.toml:1 KL102"]
    arguments = """
        containers:
          - command: [python, -m, verl.trainer.main_ppo]
            args:
              - actor_rollout_ref.actor.use_kl_loss=True
              - "actor_rollout_ref.actor.kl_loss_type=low_var_kl"
        """
    assert found({"job.yaml": arguments}) == ["job.yaml:5 KL102"]


def test_toml_keys_values_and_places() -> None:
    text = """
        name = "run"  # the name
        [trainer.loss]
        kl_tau = 1e-3
        "quoted" = 'k3'
        inner = { type = "k2", deep.coef = 0.1, more = { kind = "k3" } }
        list = [
          "a", # one
          "b",
        ]
        [[stages]]
        kl = true
        """
    assert settings("a.toml", text) == [
        (1, "name", "run", 'name = "run"'),
        (3, "trainer.loss.kl_tau", 0.001, "kl_tau = 1e-3"),
        (4, "trainer.loss.quoted", "k3", "\"quoted\" = 'k3'"),
        (5, "trainer.loss.inner.type", "k2", 'type = "k2"'),
        (5, "trainer.loss.inner.deep.coef", 0.1, "deep.coef = 0.1"),
        (5, "trainer.loss.inner.more.kind", "k3", 'kind = "k3"'),
        (6, "trainer.loss.list", ("a", "b"), "list = ["),
        (6, "trainer.loss.list.0", "a", "["),
        (6, "trainer.loss.list.1", "b", "["),
        (11, "stages.kl", True, "kl = true"),
    ]


def test_json_keys_values_and_places() -> None:
    text = '{\n\t"actor": {"kl_loss_type": "k3", "coef": 1e-3},\n\t"off": false\n}\n'
    assert settings("a.json", text) == [
        (2, "actor.kl_loss_type", "k3", '"kl_loss_type": "k3"'),
        (2, "actor.coef", 0.001, '"coef": 1e-3'),
        (3, "off", False, '"off": false'),
    ]


def test_places_count_bytes_beyond_ascii_and_after_a_byte_order_mark() -> None:
    assert settings("a.yaml", "\ufeffnäme: größe # ß\nkl: k3\n") == [
        (1, "näme", "größe", "näme: größe"),
        (2, "kl", "k3", "kl: k3"),
    ]
