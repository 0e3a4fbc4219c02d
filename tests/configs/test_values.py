"""What configuration says of a name that code selects by."""

from kllint.configs import ConfigValues, Origin
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


def test_a_path_finds_what_ends_as_it_does() -> None:
    assert lookup("actor.kl_loss_type") == lookup("kl_loss_type")
    assert lookup("critic.kl_loss_type") == [("low_var_kl", Origin.DEFAULTS, "config.py")]
    assert lookup("algo.kl_estimator") == [("k1", Origin.DEFAULTS, "cli.py")]
    assert lookup("estimator") == lookup("") == []


def test_the_note_names_the_place() -> None:
    (value,) = ConfigValues(files(TREE)).lookup("kl_estimator")
    assert value.note.message == "algo.kl_estimator = k1"
    assert value.note.span.path == "cli.py"
