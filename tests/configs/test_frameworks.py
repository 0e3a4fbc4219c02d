"""Each framework: a configuration that is wrong, one that is right, and one that is switched off."""

import pytest

from kllint.configs.lint import Options
from kllint.configs.schema import builtin
from tests.configs.linting import found

VERL = "python3 -m verl.trainer.main_ppo "
OPENRLHF = "python3 -m openrlhf.cli.train_ppo_ray "
SKYRL = "python -m skyrl.train.entrypoints.main_base "
SLIME = "python3 slime/train.py "
SWIFT = "swift rlhf --rlhf_type grpo "
OPEN_INSTRUCT = "python open_instruct/grpo_fast.py "
TRL = "from trl import GRPOConfig, RLOOConfig\nfrom trl.experimental.ppo import PPOConfig\n"

LAUNCHES = [
    # verl
    (VERL + "actor_rollout_ref.actor.use_kl_loss=True", ["KL102"]),
    (VERL + "actor_rollout_ref.actor.use_kl_loss=True actor_rollout_ref.actor.kl_loss_type=k1", ["KL101"]),
    (VERL + "actor_rollout_ref.actor.use_kl_loss=True actor_rollout_ref.actor.kl_loss_type=abs", ["KL109"]),
    (VERL + "actor_rollout_ref.actor.use_kl_loss=True actor_rollout_ref.actor.kl_loss_type=mse", ["KL107"]),
    (
        VERL + "actor_rollout_ref.actor.use_kl_loss=True actor_rollout_ref.actor.kl_loss_type=mse "
        "data.train_batch_size=64 actor_rollout_ref.actor.ppo_mini_batch_size=64",
        [],
    ),
    (VERL + "actor_rollout_ref.actor.use_kl_loss=True actor_rollout_ref.actor.kl_loss_type=full", ["KL308"]),
    (VERL + "actor_rollout_ref.actor.use_kl_loss=False actor_rollout_ref.actor.kl_loss_type=k3", []),
    (VERL + "actor_rollout_ref.actor.use_kl_loss=True actor_rollout_ref.actor.kl_loss_coef=0.0", []),
    (VERL + "actor_rollout_ref.actor.kl_loss_type=k3", []),
    (VERL + "algorithm.use_kl_in_reward=True", []),
    (VERL + "algorithm.use_kl_in_reward=True algorithm.kl_penalty=low_var_kl", ["KL201"]),
    (VERL + "algorithm.use_kl_in_reward=True algorithm.kl_penalty=mse", ["KL202"]),
    (VERL + "algorithm.use_kl_in_reward=True algorithm.adv_estimator=grpo", ["KL205"]),
    (VERL + "algorithm.use_kl_in_reward=True algorithm.adv_estimator=rloo", []),
    (VERL + "actor_rollout_ref.actor.policy_loss.loss_mode=kl_cov", ["KL109"]),
    # OpenRLHF, in the spellings of three versions
    (OPENRLHF + "--algo.kl.use_loss --algo.kl.estimator k3", ["KL102"]),
    (OPENRLHF + "--use_kl_loss --kl_estimator k3", ["KL102"]),
    (OPENRLHF + "--use_kl_loss --use_kl_estimator_k3", ["KL102"]),
    (OPENRLHF + "--use_kl_estimator_k3", ["KL201"]),
    (OPENRLHF + "--use_kl_loss", ["KL101"]),
    (OPENRLHF + "--use_kl_loss --kl_estimator k2", ["KL107"]),
    (OPENRLHF + "--use_kl_loss --kl_estimator k2 --rollout_batch_size 128 --train_batch_size 128", []),
    (OPENRLHF + "--use_kl_loss --kl_estimator k3 --init_kl_coef 0", []),
    (OPENRLHF + "--kl_estimator k1", []),
    (OPENRLHF + "--kl_estimator k3", ["KL201"]),
    # SkyRL, where the loss is on by default
    (SKYRL + "trainer.algorithm.kl_loss_coef=0.001", ["KL102"]),
    (SKYRL + "trainer.algorithm.kl_estimator_type=k2 trainer.train_batch_size=256", []),
    (SKYRL + "trainer.algorithm.use_kl_loss=false trainer.algorithm.use_kl_in_reward=true", ["KL201"]),
    (SKYRL + "trainer.algorithm.use_kl_loss=false", []),
    # slime
    (SLIME + "--use-kl-loss --kl-loss-coef 0.01 --kl-loss-type low_var_kl", ["KL102"]),
    (SLIME + "--use-kl-loss --kl-loss-coef 0.01 --kl-loss-type low_var_kl --use-unbiased-kl", []),
    (SLIME + "--use-kl-loss --kl-loss-coef 0.01 --kl-loss-type k2 --use-unbiased-kl", ["KL103"]),
    (SLIME + "--use-kl-loss --kl-loss-coef 0.01 --kl-loss-type k1 --use-unbiased-kl", ["KL106"]),
    (SLIME + "--use-kl-loss --kl-loss-coef 0.01", ["KL101"]),
    (SLIME + "--use-kl-loss --kl-loss-coef 0.00 --kl-loss-type low_var_kl", []),
    (SLIME + "--use-kl-loss --kl-loss-type low_var_kl", []),
    (SLIME + "--kl-coef 0.01", ["KL208"]),
    (SLIME + "--kl-coef 0.01 --advantage-estimator ppo --kl-loss-type k3", ["KL201"]),
    # ms-swift, whose beta is not 0 by default
    (SWIFT + "--beta 0.04", ["KL102"]),
    (SWIFT + "--beta 0.0", []),
    (SWIFT + "--beta 0.04 --kl_in_reward true --advantage_estimator rloo", []),
    ("swift rlhf --rlhf_type dpo --beta 0.1", []),
    # open-instruct: the estimator is an index from 0
    (OPEN_INSTRUCT + "--beta 0.01 --kl_estimator 2", ["KL102"]),
    (OPEN_INSTRUCT + "--beta 0.01 --kl_estimator 0", ["KL101"]),
    (OPEN_INSTRUCT + "--beta 0.01 --kl_estimator 3", ["KL106"]),
    (OPEN_INSTRUCT + "--beta 0.01 --kl_estimator kl3", ["KL102"]),
    (OPEN_INSTRUCT + "--beta 0.0 --kl_estimator 2", []),
    ("python open_instruct/dpo.py --beta 5", []),
    # EasyR1
    ("python3 -m verl.trainer.main algorithm.use_kl_loss=true algorithm.kl_penalty=low_var_kl", ["KL102"]),
    ("python3 -m verl.trainer.main algorithm.use_kl_loss=true", ["KL101"]),
    ("python3 -m verl.trainer.main algorithm.kl_penalty=low_var_kl", ["KL201"]),
    ("python3 -m verl.trainer.main algorithm.disable_kl=true algorithm.kl_penalty=low_var_kl", []),
    # NeMo RL, where the ratio is live
    ("uv run examples/run_grpo.py loss_fn.reference_policy_kl_type=k2", ["KL103"]),
    ("uv run examples/run_grpo.py loss_fn.reference_policy_kl_type=k3", []),
    ("uv run examples/run_grpo.py loss_fn.use_kl_in_reward=true", ["KL201"]),
    ("uv run examples/run_grpo.py loss_fn.use_kl_in_reward=true loss_fn.reference_policy_kl_type=k1", []),
    ("uv run examples/run_grpo.py loss_fn.kl_input_clamp_value=null", ["KL401"]),
    # AReaL
    ("python -m areal.launcher.local train.py actor.kl_ctl=0.1 actor.kl_estimator=k3", ["KL201"]),
    ("python -m areal.launcher.local train.py actor.kl_ctl=0.1 actor.kl_estimator=k1", []),
    ("python -m areal.launcher.local train.py actor.kl_ctl=0.0 actor.kl_estimator=k3", []),
    # TRL's command line
    ("trl grpo --beta 0.04", ["KL102"]),
    ("trl grpo --beta 0.04 --use_bias_correction_kl true", []),
    ("trl dpo --beta 0.1", []),
    # nobody's
    ("python train.py --beta 0.1 --estimator k3 kl.type=k3", []),
]

PYTHON = [
    (TRL + "GRPOConfig(beta=0.04)", ["KL102"]),
    (TRL + "GRPOConfig(beta=0.0)", []),
    (TRL + "GRPOConfig()", []),
    (TRL + "GRPOConfig(beta=beta)", []),
    (TRL + "GRPOConfig(beta=0.04, use_bias_correction_kl=True)", []),
    (
        TRL + "GRPOConfig(beta=0.04, use_bias_correction_kl=True, importance_sampling_level='sequence')",
        ["KL110"],
    ),
    ("import unsloth\n" + TRL + "GRPOConfig(beta=0.04, use_bias_correction_kl=True)", ["KL102"]),
    (TRL + "RLOOConfig(beta=0.05)", []),
    (TRL + "RLOOConfig(beta=0.05, normalize_advantages=True)", ["KL205"]),
    (TRL + "PPOConfig(kl_estimator='k3')", ["KL201"]),
    (TRL + "PPOConfig(kl_estimator='k1')", []),
    (TRL + "PPOConfig(kl_estimator='k2')", ["KL308"]),
    (TRL + "PPOConfig(kl_estimator='k3', kl_coef=0.0)", []),
    ("from trl import PPOConfig\nPPOConfig(kl_penalty='mse')", ["KL202"]),
    ("from trl import DPOConfig\nDPOConfig(beta=0.1)", []),
    ("from trl.experimental.minillm import MiniLLMConfig\nMiniLLMConfig(rkl_advantage=True)", ["KL203"]),
    ("from torchrl.objectives.llm import GRPOLoss\nGRPOLoss(kl_to_ref_coeff=0.1)", ["KL102"]),
    ("from torchrl.objectives.llm import GRPOLoss\nGRPOLoss(kl_to_ref_coeff=None)", []),
    ("from other import GRPOConfig\nGRPOConfig(beta=0.04)", []),
    ("import verifiers as vf\nargs = vf.grpo_defaults(run_name='x')\nargs.beta = 0.1", ["KL102"]),
    ("import verifiers as vf\nargs = vf.grpo_defaults(run_name='x')\nargs.beta = 0.0", []),
    ("import art\nart.TrainConfig(beta=0.1)", ["KL102"]),
    ("import art\nart.TrainConfig(learning_rate=1e-5)", []),
    ("config = {'algo': 'GRPO', 'beta': 0.01, 'loss_variation': 'x', 'reward_fn_type': 'y'}", ["KL102"]),
    ("config = {'algo': 'GRPO', 'beta': 0, 'loss_variation': 'x', 'reward_fn_type': 'y'}", []),
]

DOCUMENTS = [
    # torchtune
    ("loss:\n  _component_: torchtune.dev.grpo.loss.GRPOSimpleLoss\n  kl_coeff: 0.01\n", ["KL102"]),
    ("loss:\n  _component_: torchtune.dev.grpo.loss.GRPOSimpleLoss\n  kl_coeff: 0.0\n", []),
    ("loss:\n  _component_: torchtune.modules.loss.CEWithChunkedOutputLoss\n", []),
    # TorchRL
    ("train:\n  kl_to_inference_coeff: 1e-2\n", ["KL102"]),
    ("train:\n  kl_to_inference_coeff: null\n", []),
    ("train:\n  kl_coef_in_loss: false\n  kl_to_ref_coeff: 0.1\n", []),
    # axolotl
    ("rl: grpo\ntrl:\n  beta: 0.001\n  num_generations: 2\n", ["KL102"]),
    ("rl: grpo\ntrl:\n  beta: 0.001\n  use_bias_correction_kl: true\n", []),
    ("rl: grpo\nrl_beta: 0.001\ntrl:\n  beta: 0.0\n", []),
    ("rl: kto\nrl_beta: 0.1\n", []),
    ("rl: grpo\ntrl:\n  num_generations: 2\n", []),
    # Cosmos-RL
    ("train:\n  train_policy:\n    kl_beta: 0.01\n", ["KL102"]),
    ("train:\n  train_policy:\n    kl_beta: 0.01\n    unbiased_kl_estimate: true\n", []),
    ("train:\n  train_policy:\n    trainer_type: diffusion_nft\n    kl_beta: 0.01\n", []),
    # align-anything
    ("train_cfgs:\n  actor_lr: 1.e-5\n  num_generations: 10\n  beta: 0.01\n", ["KL102"]),
    ("train_cfgs:\n  actor_lr: 1.e-5\n  update_iters: 1\n  beta: 0.01\n", []),
    # ROLL: the key kl_penalty is of the reward, the loss is always k3
    ("add_token_level_kl: false\nuse_kl_loss: true\nkl_loss_coef: 0.001\nkl_penalty: mse\n", ["KL102"]),
    ("add_token_level_kl: true\nuse_kl_loss: false\nkl_penalty: mse\n", ["KL202"]),
    ("add_token_level_kl: true\n", []),
    # RLinf: FSDP swaps the arguments
    (
        "algorithm:\n  kl_beta: 0.01\n  kl_penalty_type: low_var_kl\nactor:\n  training_backend: megatron\n",
        ["KL102"],
    ),
    (
        "algorithm:\n  kl_beta: 0.01\n  kl_penalty_type: low_var_kl\nactor:\n  training_backend: fsdp\n",
        ["KL301"],
    ),
    # NeMo-Aligner takes |d| by default
    ("trainer:\n  ppo:\n    initial_policy_kl_penalty: 0.01\n    use_absolute_kl: True\n", ["KL202"]),
    ("trainer:\n  ppo:\n    initial_policy_kl_penalty: 0.01\n    use_absolute_kl: False\n", []),
    # Tunix takes k1 as a loss by default
    ("grpo_config:\n  beta: 0.08\n", ["KL101"]),
    ("grpo_config:\n  beta: 0.08\n  kl_loss_mode: low_var_kl\n", ["KL102"]),
    ("grpo_config:\n  beta: 0.0\n", []),
    ("ppo_config:\n  beta: 0.08\n  kl_method: kl\n", []),
    # a recipe of TRL's command line
    ("num_generations: 8\nmax_completion_length: 512\nbeta: 0.01\n", ["KL102"]),
    ("beta: 0.01\n", []),
]


def codes(findings: list[str]) -> list[str]:
    return [finding.rpartition(" ")[2] for finding in findings]


@pytest.mark.parametrize(("command", "wanted"), LAUNCHES)
def test_launch(command: str, wanted: list[str]) -> None:
    assert codes(found({"run.sh": command + "\n"})) == wanted


@pytest.mark.parametrize(("code", "wanted"), PYTHON)
def test_python(code: str, wanted: list[str]) -> None:
    assert codes(found({"train.py": code + "\n"})) == wanted


@pytest.mark.parametrize(("document", "wanted"), DOCUMENTS)
def test_document(document: str, wanted: list[str]) -> None:
    assert codes(found({"config.yaml": document})) == wanted


@pytest.mark.parametrize("profile", ["oat", "prime_rl", "llamafactory", "trl_online_dpo"])
def test_frameworks_whose_penalties_are_right_or_not_chosen_are_known(profile: str) -> None:
    assert profile in {each.name for each in builtin()}


def test_prime_rl_penalises_towards_the_sampler() -> None:
    text = "[trainer.loss]\nkl_tau = 0.001\ndppo_mask_high = 0.2\n"
    assert found({"rl.toml": text}) == []


def test_oat_puts_k3_into_the_loss() -> None:
    text = "from oat.algorithms.ppo import PPOArgs\nPPOArgs(beta=0.01)\n"
    assert codes(found({"train.py": text})) == ["KL102"]


@pytest.mark.parametrize(
    ("version", "wanted"), [("0.6.1", "KL308"), ("0.7.0", "KL308"), ("0.8.0", "KL107"), (None, "KL107")]
)
def test_verl_refuses_straight_through_names_before_it_accepts_them(version: str | None, wanted: str) -> None:
    command = VERL + "actor_rollout_ref.actor.use_kl_loss=True actor_rollout_ref.actor.kl_loss_type=k3+\n"
    options = Options(versions={"verl": version} if version else {})
    assert codes(found({"run.sh": command}, options)) == [wanted]


def test_a_version_that_requirements_pin_counts() -> None:
    command = VERL + "actor_rollout_ref.actor.use_kl_loss=True actor_rollout_ref.actor.kl_loss_type=k3+\n"
    assert codes(found({"run.sh": command, "requirements.txt": "verl==0.6.1\n"})) == ["KL308"]
    assert codes(found({"run.sh": command, "requirements.txt": "verl>=0.6.1\n"})) == ["KL107"]


def test_nemo_rl_before_its_ratio_was_live() -> None:
    command = "uv run examples/run_grpo.py loss_fn.reference_policy_kl_type=k3"
    assert codes(found({"run.sh": command}, Options(versions={"nemo_rl": "0.6.0"}))) == ["KL102"]
    approximated = command + " loss_fn.use_on_policy_kl_approximation=true"
    assert codes(found({"run.sh": approximated}, Options(versions={"nemo_rl": "0.6.0"}))) == ["KL104"]


@pytest.mark.parametrize(("command", "wanted"), [case for case in LAUNCHES if case[1]])
def test_a_profile_that_is_switched_off_says_nothing(command: str, wanted: list[str]) -> None:
    known = found({"run.sh": command + "\n"})
    assert codes(known) == wanted
    assert found({"run.sh": command + "\n"}, Options(profiles=())) == []


def test_an_old_copy_of_verl_has_kl_in_the_reward_unless_in_the_loss() -> None:
    command = VERL + "algorithm.kl_penalty=low_var_kl\n"
    copy = {"run.sh": command, "verl/trainer/main_ppo.py": "if not config.use_kl_loss: apply_kl_penalty()\n"}
    assert codes(found(copy)) == ["KL201"]
    assert codes(found({"run.sh": command})) == []
    assert codes(found(copy | {"verl/config.py": "use_kl_in_reward = False\n"})) == []
    in_loss = copy | {"run.sh": command[:-1] + " actor_rollout_ref.actor.use_kl_loss=True\n"}
    assert codes(found(in_loss)) == ["KL102"]


def test_a_default_of_null_switches_off_what_a_number_would_switch_on() -> None:
    text = {"a.yaml": "rl: grpo\ntrl:\n  num_generations: 2\n"}
    assert found(text) == found(text, quiet=True) == []
