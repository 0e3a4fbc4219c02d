"""What makes a finding loud, quiet or none, and what it says."""

import pytest

from kllint.configs.lint import Options
from kllint.findings import Confidence, Severity
from kllint.theory.vocabulary import Regime, Target
from tests.configs.linting import found, lint

VERL = "python3 -m verl.trainer.main_ppo"
LOSS = "actor_rollout_ref.actor.use_kl_loss=True"
K3 = "actor_rollout_ref.actor.kl_loss_type=low_var_kl"


def test_the_estimator_carries_the_code_not_its_switch() -> None:
    script = f"{VERL} \\\n  {LOSS} \\\n  {K3}\n"
    (finding,) = lint({"run.sh": script})
    assert script[finding.span.start : finding.span.end] == K3
    assert finding.severity is Severity.ERROR
    assert finding.confidence is Confidence.HIGH
    assert finding.selected_by_default is True
    assert finding.condition == (
        "actor_rollout_ref.actor.use_kl_loss = true and actor_rollout_ref.actor.kl_loss_coef != 0"
    )
    assert finding.evidence is not None
    assert finding.evidence.derivative == "1 - exp(-d)"
    assert finding.message == (
        "actor_rollout_ref.actor.kl_loss_type = low_var_kl: k3 in the loss has the gradient of the forward "
        "KL(p || q), whose derivative is 1 - exp(-d) where KL(q || p) needs d; set kl_loss_type = mse (k2), "
        "or use_kl_loss = False and algorithm.use_kl_in_reward = True with kl_penalty = kl"
    )
    assert [note.message for note in finding.related] == ["actor_rollout_ref.actor.use_kl_loss = True"]


def test_a_flag_alone_inherits_the_default_estimator() -> None:
    (finding,) = lint({"run.sh": f"{VERL} {LOSS}\n"})
    assert finding.message.startswith(
        "actor_rollout_ref.actor.use_kl_loss = True goes with the default "
        "actor_rollout_ref.actor.kl_loss_type = low_var_kl: k3 in the loss"
    )


def test_what_the_text_does_not_tell_is_left_alone() -> None:
    assert found({"run.sh": f"{VERL} {LOSS} actor_rollout_ref.actor.kl_loss_type=$TYPE\n"}) == []
    assert found({"run.sh": f"{VERL} actor_rollout_ref.actor.use_kl_loss=$LOSS {K3}\n"}) == []
    assert found({"run.sh": f"{VERL} {LOSS} {K3} actor_rollout_ref.actor.kl_loss_coef=$COEF\n"}) == [
        "run.sh:1 KL102"
    ]
    assert found({"a.yaml": "actor_rollout_ref:\n  actor:\n    use_kl_loss: '{{ x }}'\n"}) == []


def test_the_last_of_two_values_holds() -> None:
    assert found({"run.sh": f"{VERL} {LOSS} {K3} actor_rollout_ref.actor.use_kl_loss=False\n"}) == []


def test_kl_in_reward_and_loss() -> None:
    script = f"{VERL} \\\n  {LOSS} \\\n  actor_rollout_ref.actor.kl_loss_type=mse \\\n"
    script += "  data.train_batch_size=64 actor_rollout_ref.actor.ppo_mini_batch_size=64 \\\n"
    assert found({"run.sh": script + "  algorithm.use_kl_in_reward=True\n"}) == ["run.sh:5 KL206"]
    assert found({"run.sh": script + "  algorithm.use_kl_in_reward=False\n"}) == []
    assert found({"run.sh": script + "  algorithm.use_kl_in_reward=True algorithm.kl_ctrl.kl_coef=0\n"}) == []


def test_a_coefficient_of_a_penalty_that_nobody_switched_on() -> None:
    script = f"{VERL} algorithm.kl_ctrl.kl_coef=0.001 trainer.epochs=3\n"
    knows = {"verl/trainer.py": "use_kl_in_reward\n"}
    (finding,) = lint({"run.sh": script} | knows)
    assert (finding.rule, finding.severity) == ("KL208", Severity.INFO)
    assert "algorithm.use_kl_in_reward is False by default" in finding.message
    assert lint({"run.sh": script}) == (), "without a word of the switch it may be a version that has none"
    off = script.replace("trainer.epochs=3", "algorithm.use_kl_in_reward=False")
    assert lint({"run.sh": off} | knows) == (), "switched off in so many words"


@pytest.mark.parametrize("value", ["k4", "full"])
def test_an_estimator_that_nobody_accepts(value: str) -> None:
    script = f"{VERL} {LOSS} actor_rollout_ref.actor.kl_loss_type={value}\n"
    assert found({"run.sh": script}) == ["run.sh:1 KL308"]
    own = {"verl/core_algos.py": "def kl_penalty(): ...\n"}
    assert found({"run.sh": script} | own) == [], "the tree's own verl may know it"
    assert found({"run.sh": script} | own, quiet=True) == ["run.sh:1 KL308"]


def test_declared_defaults_that_are_not_in_effect_are_quiet() -> None:
    text = """
        class ActorConfig:
            use_kl_loss: bool = False
            kl_loss_type: str = "low_var_kl"
        """
    path = "verl/workers/config.py"
    assert found({path: text}) == []
    (finding,) = lint({path: text})
    assert (finding.rule, finding.confidence, finding.selected_by_default) == ("KL102", Confidence.LOW, False)
    assert "in the loss once use_kl_loss = true" in finding.message
    on = text.replace("False", "True")
    assert found({path: on}) == [f"{path}:3 KL102"]


def test_files_of_a_configuration_that_refer_to_each_other() -> None:
    base = "loss_fn:\n  reference_policy_kl_type: k2\n  reference_policy_kl_penalty: 0\n"
    child = "defaults: base.yaml\nloss_fn:\n  reference_policy_kl_penalty: 0.01\n"
    tree = {"configs/base.yaml": base, "configs/child.yaml": child}
    assert found(tree) == ["configs/child.yaml:3 KL103"], "the child switches on what the base keeps"
    wrong = base.replace("penalty: 0", "penalty: 0.1")
    assert found(tree | {"configs/base.yaml": wrong}) == ["configs/base.yaml:2 KL103"], (
        "said where it is chosen"
    )
    right = child.replace("0.01", "0.01\n  reference_policy_kl_type: k3")
    assert found(tree | {"configs/child.yaml": right}) == []


def test_groups_and_packages_of_hydra() -> None:
    tree = {
        "conf/main.yaml": "defaults:\n  - actor@actor_rollout_ref.actor: dp\n  - _self_\n"
        "actor_rollout_ref:\n  actor:\n    use_kl_loss: true\n",
        "conf/actor/dp.yaml": "use_kl_loss: false\nkl_loss_type: abs\n",
    }
    assert found(tree) == ["conf/main.yaml:6 KL109"]
    (finding,) = lint(tree)
    assert [note.span.path for note in finding.related] == ["conf/actor/dp.yaml"]


def test_a_command_takes_over_the_file_that_it_names() -> None:
    tree = {
        "run.sh": f"python3 -m verl.trainer.main_ppo --config-name=mine {LOSS}\n",
        "conf/mine.yaml": "actor_rollout_ref:\n  actor:\n    kl_loss_type: abs\n",
    }
    assert found(tree) == ["run.sh:1 KL109"]
    launcher = {"run.sh": f"deepspeed run.py --deepspeed zero.json -m verl.trainer.main_ppo {LOSS}\n"}
    assert found(launcher | {"zero.json": '{"kl_loss_type": "abs"}'}) == ["run.sh:1 KL102"]
    (elsewhere,) = lint({"run.sh": tree["run.sh"]})
    assert (elsewhere.rule, elsewhere.confidence) == ("KL102", Confidence.MEDIUM)


def test_a_launched_script_tells_the_framework_and_may_override_it() -> None:
    command = "python scripts/train.py --beta 0.04\n"
    assert found({"run.sh": command}) == []
    imports = {"scripts/train.py": "from trl import (\n    GRPOConfig,\n)\n"}
    assert found({"run.sh": command} | imports) == ["run.sh:1 KL102"]
    skyrl = (
        "python -m jobs.main trainer.algorithm.use_kl_loss=false trainer.algorithm.use_kl_in_reward=true\n"
    )
    assert found({"run.sh": skyrl}) == ["run.sh:1 KL201"]
    own = {"jobs/main.py": "class T:\n    def apply_reward_kl_penalty(self, data): ...\n"}
    assert found({"run.sh": skyrl} | own) == []


def test_tests_and_trainers_chosen_without_a_word_of_kl_are_quiet() -> None:
    script = f"{VERL} {LOSS} {K3}\n"
    assert found({"tests/run.sh": script}) == []
    assert found({"tests/run.sh": script}, quiet=True) == ["tests/run.sh:1 KL102"]
    assert found({"run.sh": "swift rlhf --rlhf_type grpo\n"}) == []
    assert found({"run.sh": "swift rlhf --rlhf_type grpo\n"}, quiet=True) == ["run.sh:1 KL102"]


def test_a_framework_known_by_shared_keys_is_of_medium_confidence() -> None:
    (finding,) = lint({"a.yaml": "num_generations: 8\nreward_funcs: [x]\nbeta: 0.1\n"})
    assert (finding.rule, finding.confidence) == ("KL102", Confidence.MEDIUM)
    assert lint({"a.yaml": "rlhf_type: gkd\nnum_generations: 8\nreward_funcs: [x]\nbeta: 0.1\n"}) == ()


def test_names_that_frameworks_share_are_a_guess() -> None:
    text = "use_kl_loss: true\nkl_loss_type: k3\n"
    assert found({"a.yaml": text}) == []
    assert found({"a.yaml": text}, quiet=True) == ["a.yaml:2 KL102"]


def test_the_regime_and_the_target_that_the_user_names() -> None:
    k2 = {"run.sh": f"{VERL} {LOSS} actor_rollout_ref.actor.kl_loss_type=mse\n"}
    assert found(k2) == ["run.sh:1 KL107"]
    assert found(k2, Options(regime=Regime.ON)) == []
    k3 = {"run.sh": f"{VERL} {LOSS} {K3}\n"}
    assert found(k3, Options(target=Target.FORWARD, regime=Regime.ON)) == []
    assert found(k3, Options(target=Target.FORWARD, regime=Regime.OFF)) == ["run.sh:1 KL102"]


def test_of_two_profiles_one_judges() -> None:
    text = """
        python -m skyrl.train.main \\
            trainer.algorithm.use_kl_in_reward=true \\
            trainer.algorithm.use_kl_loss=false \\
            trainer.algorithm.kl_estimator_type=k3
        """
    assert found({"run.sh": text}) == ["run.sh:4 KL201"]


def test_the_order_of_files_does_not_matter() -> None:
    tree = {f"{name}.sh": f"{VERL} {LOSS} {K3}\n" for name in "dbca"}
    assert found(tree) == [f"{name}.sh:1 KL102" for name in "abcd"]


def test_a_coefficient_that_two_penalties_share() -> None:
    command = (
        "python -m skyrl.main trainer.algorithm.use_kl_loss=false trainer.algorithm.kl_loss_coef=0.001\n"
    )
    tree = {"run.sh": command, "notes.py": "use_kl_in_reward\n"}
    assert found(tree) == [], "one of the two was switched off in so many words"


def test_a_command_starts_from_what_its_script_decorates_main_with() -> None:
    tree = {
        "run.sh": f"python3 jobs/train.py {LOSS}\n",
        "jobs/train.py": '@hydra.main(config_path="conf", config_name="main")\ndef main(config): ...\n',
        "jobs/conf/main.yaml": "actor_rollout_ref:\n  actor:\n    kl_loss_type: abs\n",
        "jobs/conf/other.yaml": "actor_rollout_ref:\n  actor:\n    kl_loss_type: kl\n",
    }
    assert found(tree) == ["run.sh:1 KL109"]
    assert found(tree | {"run.sh": f"python3 jobs/train.py --config-name other {LOSS}\n"}) == [
        "run.sh:1 KL101"
    ]


SWEEPS = [
    ("run.sh", f"{VERL} --multirun {LOSS} actor_rollout_ref.actor.kl_loss_type=k2+,k1,abs\n"),
    (
        "loop.sh",
        (f"for kind in k2+ k1 abs; do\n  {VERL} {LOSS} actor_rollout_ref.actor.kl_loss_type=$kind\ndone\n"),
    ),
    (
        "conf/a.yaml",
        (
            "hydra: {sweeper: {params: {actor_rollout_ref.actor.kl_loss_type: 'choice(k2+, k1, abs)'}}}\n"
            "actor_rollout_ref: {actor: {use_kl_loss: true}}\n"
        ),
    ),
    (
        "sweep.yaml",
        (
            "parameters:\n  actor_rollout_ref.actor.use_kl_loss: {value: true}\n"
            "  actor_rollout_ref.actor.kl_loss_type: {values: [k2+, k1, abs]}\n"
        ),
    ),
]


@pytest.mark.parametrize(("path", "text"), SWEEPS)
def test_every_value_of_a_sweep_is_judged(path: str, text: str) -> None:
    assert {row.rpartition(" ")[2] for row in found({path: text})} == {"KL101", "KL107", "KL109"}


def test_of_penalties_that_are_not_on_the_closest_is_named() -> None:
    text = """
        class PPOExpConfig:
            use_kl_loss: bool = True
            kl_loss_coef: float = 0.0
            init_kl_coef: float = 0
            use_kl_estimator_k3: bool = True
        """
    assert found({"orz/config.py": text}) == []
    assert found({"orz/config.py": text}, quiet=True) == ["orz/config.py:5 KL102"]


def test_a_copy_of_a_config_class_is_known_by_its_name_and_fields() -> None:
    text = "class GRPOConfig(TrainingArguments):\n    num_generations: int = 8\n    max_completion_length: int = 9\n"
    assert found({"mine/config.py": f"{text}    beta: float = 0.04\n"}) == ["mine/config.py:4 KL102"]
    assert found({"mine/config.py": f"{text.replace('GRPO', 'DPO')}    beta: float = 0.04\n"}) == []


def test_of_two_profiles_one_speaks_on_a_line() -> None:
    verl = "actor_rollout_ref: {actor: {use_kl_loss: true, kl_loss_type: k3}}"
    openrlhf = "[python, -m, openrlhf.cli.train_ppo_ray, --use_kl_loss, --kl_estimator=k3]"
    assert found({"a.yaml": f"{verl}\nrun: {openrlhf}\n"}) == ["a.yaml:1 KL102", "a.yaml:2 KL102"]
    assert found({"a.yaml": f"{{{verl}, run: {openrlhf}}}\n"}) == ["a.yaml:1 KL102"]
