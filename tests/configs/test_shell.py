"""Launch scripts: which words a command gets, and where they stand."""

import pytest

from kllint.configs.setting import UNRESOLVED
from tests.configs.linting import found, settings, values


def test_overrides_and_options_with_their_places() -> None:
    script = """
        #!/bin/bash
        set -x
        python3 -m verl.trainer.main_ppo \\
            actor.use_kl_loss=True +actor.kl="k3" \\
            --kl-type k2 --beta=0.04 --flag \\
            --ratio 0.2 0.28
        """
    assert settings("run.sh", script)[-6:] == [
        (4, "actor.use_kl_loss", True, "actor.use_kl_loss=True"),
        (4, "actor.kl", "k3", '+actor.kl="k3'),
        (5, "kl_type", "k2", "--kl-type k2"),
        (5, "beta", 0.04, "--beta=0.04"),
        (5, "flag", True, "--flag"),
        (6, "ratio", (0.2, 0.28), "--ratio"),
    ]


@pytest.mark.parametrize(
    ("assignment", "word", "value"),
    [
        ("X=k3", "a.b=$X", "k3"),
        ("X=k3", "a.b=${X}", "k3"),
        ("X=k3", "a.b='$X'", UNRESOLVED),
        ("X='k3'", 'a.b="${X}"', "k3"),
        ("X=k3", "a.b=${X:-k1}", "k3"),
        ("", "a.b=${X:-k1}", "k1"),
        ("", "a.b=${X:=k1}", "k1"),
        ("", "a.b=${1:-k1}", "k1"),
        (': "${X:=k1}"', "a.b=$X", "k1"),
        (': "${X:=k1}"; X=k3', "a.b=$X", "k3"),
        ("", "a.b=${X:-${Y:-k2}}", "k2"),
        ("export X=k3", "a.b=$X", "k3"),
        ("X=a; X=k3", "a.b=$X", "k3"),
        ("", "a.b=$X", UNRESOLVED),
        ("", "a.b=$1", UNRESOLVED),
        ("X=$(date)", "a.b=$X", UNRESOLVED),
        ("X=`date`", "a.b=$X", UNRESOLVED),
        ("X=$((1+1))", "a.b=$X", UNRESOLVED),
        ("X=${Y%.*}", "a.b=$X", UNRESOLVED),
        ("for X in k1 k3; do", "a.b=$X; done", "choice(k1,k3)"),
        ("for X in k3; do", "a.b=$X; done", "k3"),
        ("for X in $KINDS; do", "a.b=$X; done", UNRESOLVED),
        ("for X in *.txt; do", "a.b=$X; done", UNRESOLVED),
        ("if true; then X=k1; else X=k3; fi", "a.b=$X", UNRESOLVED),
        ("if true; then X=k3; fi", "a.b=$X", "k3"),
        ('X=k3; while true; do case "$1" in --x) X="$2"; shift 2 ;; esac; done', "a.b=$X", "k3"),
    ],
)
def test_variables(assignment: str, word: str, value: object) -> None:
    assert values("run.sh", f"{assignment}\npython train.py {word}\n")["a.b"] == value


def test_an_array_spreads_where_it_is_used_and_stands_where_it_is_written() -> None:
    script = """
        ARGS=(
            --use-kl-loss   # a comment
            # --kl-loss-type k2
            --kl-loss-type low_var_kl
        )
        ARGS+=(--kl-loss-coef 0.01)
        ray job submit -- python3 train.py "${ARGS[@]}"
        """
    assert settings("run.sh", script) == [
        (2, "use_kl_loss", True, "--use-kl-loss"),
        (4, "kl_loss_type", "low_var_kl", "--kl-loss-type low_var_kl"),
        (6, "kl_loss_coef", 0.01, "--kl-loss-coef 0.01"),
    ]


def test_a_string_of_arguments_is_split() -> None:
    script = """
        OPTS="--kl-type k3 a.b=1"
        python train.py $OPTS
        """
    assert settings("run.sh", script) == [
        (1, "kl_type", "k3", "--kl-type k3"),
        (1, "a.b", 1, "a.b=1"),
    ]


def test_a_comment_ends_a_command_even_after_a_continuation() -> None:
    assert values("run.sh", "python train.py \\\n  a.b=1 \\\n  # a.c=2 \\\n  a.d=3\n") == {"a.b": 1, "a.d": 3}
    assert [key for _, key, _, _ in settings("run.sh", "python t.py a.b=1 # a.c=2\n")] == ["a.b"]


def test_heredocs_and_nested_scripts() -> None:
    script = """
        cat > inner.sh <<'EOF'
        python train.py a.b=k1
        EOF
        sbatch <<EOF
        python train.py a.c=k2
        EOF
        cat <<EOF > notes.txt
        python train.py a.d=k3
        EOF
        bash -c "python train.py a.e=k4"
        """
    found_values = values("run.sh", script)
    assert {key: value for key, value in found_values.items() if key.startswith("a.")} == {
        "a.b": "k1",
        "a.c": "k2",
        "a.e": "k4",
    }


def test_a_value_from_a_variable_is_found_at_the_key_and_named_at_the_variable() -> None:
    script = """
        kl_loss_type=low_var_kl
        python3 -m verl.trainer.main_ppo \\
            actor_rollout_ref.actor.use_kl_loss=True \\
            actor_rollout_ref.actor.kl_loss_type=${kl_loss_type}
        """
    assert found({"run.sh": script}) == ["run.sh:4 KL102"]


def test_columns_count_bytes_of_text_beyond_ascii() -> None:
    script = "# größer\nNAME='ünï' && python train.py --kl-type k3\n"
    assert settings("run.sh", script) == [(2, "kl_type", "k3", "--kl-type k3")]


def test_commands_behind_env_eval_and_wrap() -> None:
    assert values("run.sh", "env SEED=1 python train.py a.b=k3\n")["a.b"] == "k3"
    assert values("run.sh", "sbatch --wrap='python train.py a.b=k3'\n")["a.b"] == "k3"
    script = """
        KIND=k3
        COMMAND=(
            python train.py
            a.b=\\$KIND
        )
        eval "${COMMAND[@]}" "$@"
        """
    assert values("run.sh", script) == {"a.b": "k3"}
