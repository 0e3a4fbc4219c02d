"""What configuration says of a name that code selects by."""

import pytest

from kllint.configs.setting import File, Origin
from kllint.configs.values import ConfigValues
from tests.configs.linting import files

TREE = {
    "config.py": 'class Actor:\n    kl_loss_type: str = "low_var_kl"\n    other: int = 1\n',
    "cli.py": 'parser.add_argument("--algo.kl-estimator", default="k1")\n',
    "conf/actor.yaml": "actor:\n  kl_loss_type: k2\n",
    "conf/template.yaml": "actor:\n  kl_loss_type: ${nothing}\n",
    "run.sh": "python train.py actor.kl_loss_type=k3\n",
    "broken.yaml": "kl_loss_type: [\n",
}


def lookup(key: str) -> list[tuple[object, Origin, str]]:
    values = ConfigValues(files(TREE))
    return [(value.value, value.origin, value.span.path) for value in values.lookup(key)]


def test_declared_defaults_come_first() -> None:
    assert lookup("kl_loss_type") == [
        ("low_var_kl", Origin.DEFAULTS, "config.py"),
        ("k2", Origin.FILE, "conf/actor.yaml"),
        ("k3", Origin.LAUNCH, "run.sh"),
    ]


def test_what_agrees_with_a_path_the_most_is_found() -> None:
    assert lookup("config.kl_loss_type") == lookup("kl_loss_type")
    assert lookup("self.actor.kl_loss_type") == lookup("kl_loss_type")[1:]
    assert lookup("args.algo.kl_estimator") == [("k1", Origin.DEFAULTS, "cli.py")]
    assert lookup("estimator") == lookup("") == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("conf/main.yaml", "divergence:\n  estimator: k3\n"),
        ("main.json", '{"divergence": {"estimator": "k3"}}'),
        ("main.toml", "[divergence]\nestimator = 'k3'\n"),
        ("run.sh", "python train.py divergence.estimator=k3\n"),
        ("run.py", "run(['python', 'train.py', '--divergence.estimator', 'k3'])\n"),
        ("args.py", 'parser.add_argument("--divergence.estimator", default="k3")\n'),
        ("config.py", 'class Divergence:\n    estimator: str = "k3"\n'),
        ("set.py", 'config.divergence.estimator = "k3"\n'),
    ],
)
def test_no_file_needs_to_speak_of_kl(path: str, text: str) -> None:
    other = File("other.yaml", b"advantage:\n  estimator: gae\n")
    found = ConfigValues([File(path, text.encode()), other]).lookup("cfg.divergence.estimator")
    assert ("k3", path) in {(value.value, value.span.path) for value in found}


def test_of_declared_defaults_the_closest_holds() -> None:
    trees = {name: f'class C:\n    mode: str = "{name}"\n' for name in ("a/one/config.py", "a/two/config.py")}
    values = ConfigValues(files(trees | {"run.sh": "python train.py --mode three\n"}))
    near = [value.value for value in values.lookup("args.mode", "a/two/trainer.py")]
    assert near == ["a/two/config.py", "three"]
    assert len(values.lookup("args.mode")) == 3


def test_the_note_names_the_place() -> None:
    (value,) = ConfigValues(files(TREE)).lookup("kl_estimator")
    assert value.note.message == "algo.kl_estimator = k1"
    assert value.note.span.path == "cli.py"
