from textwrap import dedent

import pytest

from kllint.findings import Confidence, Finding, Severity, Span
from kllint.source.scan import may_suppress
from kllint.source.suppressions import Outcome, apply
from kllint.source.text import Source

KNOWN = ["KL001", "KL002", "KL003", "KL101", "KL102", "KL201"]


def outcome(text: str, *found: str, path: str = "a.py", ran: tuple[str, ...] = ("KL",)) -> Outcome:
    """What comments make of findings KL102 on each of some pieces of a text."""
    code = dedent(text)
    source = Source(path, code.encode())
    findings = [
        Finding("KL102", Severity.ERROR, Confidence.HIGH, "m", Span(path, start, start + len(piece.encode())))
        for piece in found
        if (start := source.raw.index(piece.encode())) >= 0
    ]
    return apply(source, findings, KNOWN, lambda rule: rule.startswith(ran))


def said(result: Outcome) -> list[str]:
    return [f"{complaint.rule}: {complaint.message}" for complaint in result.complaints]


@pytest.mark.parametrize(
    "text",
    [
        "kl = k3  # kllint: ignore[KL102] on purpose\n",
        "kl = k3  #kllint:ignore[KL102]\n",
        "kl = k3  # type: ignore  # kllint: ignore[KL101, KL102]\n",
        "kl = f(  # kllint: ignore[KL102] the first line\n    k3,\n)\n",
        "kl = f(\n    k3,\n    x,  # kllint: ignore[KL102] any line\n)\n",
        "kl = f(\n    k3,\n)  # kllint: ignore[KL102] the last line\n",
        "kl = f(\n    # kllint: ignore[KL102] a line between\n    k3,\n)\n",
        "# kllint: ignore[KL102] above\nkl = k3\n",
        "# kllint: ignore[KL102] above\n# and more\n\nkl = k3\n",
        "def f():\n    # kllint: ignore[KL102] above\n    return g(\n        k3)\n",
        "if a:  # kllint: ignore[KL101]\n    # kllint: ignore[KL102]\n    kl = k3\n",
        "kl = k3\nx = 1\n# kllint: file-ignore[KL102] all of it\n",
        "kl = k3  # noqa: KL102\n",
        "kl = k3  # noqa: E501,KL102 W291\n",
        "kl = k3  # NOQA:kl102\n",
        "kl = f(\n    k3,\n)  # noqa: KL102\n",
        "s = '''\n# not a comment '''; kl = k3  # kllint: ignore[KL102]\n",
    ],
)
def test_comments_silence(text: str) -> None:
    assert len(outcome(text, "k3").silenced) == 1


@pytest.mark.parametrize(
    "text",
    [
        "kl = k3  # kllint: ignore[KL101]\n",
        "x = 1  # kllint: ignore[KL102]\nkl = k3\n",
        "kl = k3\n# kllint: ignore[KL102]\n",
        "# kllint: ignore[KL102]\nx = 1\nkl = k3\n",
        "kl = k3  # kllint: ignore\n",
        "kl = k3  # noqa\n",
        "kl = k3  # noqa: KL10\n",
        "kl = k3  # kllint: file-ignore[KL102]\n",
        "s = '# kllint: ignore[KL102]'; kl = k3\n",
        "for x in y:  # kllint: ignore[KL102]\n    kl = k3\n",
    ],
)
def test_other_comments_do_not(text: str) -> None:
    assert len(outcome(text, "k3").kept) == 1


def test_unused_comments_are_reported_once_their_rule_ran() -> None:
    text = "kl = k3  # kllint: ignore[KL102, KL201] x\ny = 1  # noqa: E501, KL101\n"
    assert said(outcome(text, "k3")) == [
        "KL002: nothing to silence: KL201 is not found in this statement",
        "KL002: nothing to silence: KL101 is not found in this statement",
    ]
    assert said(outcome(text, "k3", ran=("KL102", "KL002"))) == []


def test_an_unused_comment_is_marked_at_its_code() -> None:
    result = outcome("y = 1  # kllint: ignore[KL102, KL201]\n")
    assert [(c.span.start, c.span.end) for c in result.complaints] == [(24, 29), (31, 36)]


@pytest.mark.parametrize(
    ("comment", "complaint"),
    [
        ("kllint: ignore[KL120]", "there is no rule KL120; did you mean KL102?"),
        ("noqa: KL120", "there is no rule KL120; did you mean KL102?"),
        ("kllint: ignore[E501]", "there is no rule E501"),
        ("kllint: ignore", "name the rules to silence: `# kllint: ignore[KL102] reason`"),
        ("kllint: ignore[]", "name the rules to silence: `# kllint: ignore[KL102] reason`"),
        ("kllint: ingore[KL102]", "`kllint: ingore` is no directive of kllint's; did you mean ignore?"),
        ("kllint: file-ignore[KL102]", "`kllint: file-ignore` must stand on a line of its own"),
    ],
)
def test_comments_that_cannot_be_understood_are_reported(comment: str, complaint: str) -> None:
    assert said(outcome(f"x = 1  # {comment}\n")) == [f"KL003: {complaint}"]


def test_comments_of_other_tools_are_let_be() -> None:
    assert said(outcome("x = 1  # noqa: E501, F401  # nosec B101  # pylint: disable=all\n")) == []


def test_complaints_can_be_silenced_themselves() -> None:
    assert said(outcome("# kllint: file-ignore[KL002] generated\nx = 1  # kllint: ignore[KL102]\n")) == []


def test_syntax_that_python_does_not_know_leaves_lines() -> None:
    text = "x = 1\ny = 'a\nkl = k3  # kllint: ignore[KL102] after the error\n"
    assert len(outcome(text, "k3").silenced) == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends(end: str) -> None:
    lines = ["é = '😀'", "kl = f(", "  k3)  # kllint: ignore[KL102] x", "y = 1  # kllint: ignore[KL201]", ""]
    result = outcome(end.join(lines), "k3")
    assert len(result.silenced) == 1
    assert said(result) == ["KL002: nothing to silence: KL201 is not found in this statement"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.yaml", "a: 1\nkl: k3  # kllint: ignore[KL102] x\n"),
        ("a.yaml", "a: 1\n# kllint: ignore[KL102] x\nkl: k3\n"),
        ("a.toml", "[a]\nkl = 'k3' # kllint: ignore[KL102] x\n"),
        ("a.sh", "# kllint: ignore[KL102] x\npython a.py \\\n  --kl k3 \\\n  --b 1\n"),
        ("a.sh", "python a.py \\\n  --kl k3 \\\n  --b 1  # kllint: ignore[KL102]\n"),
    ],
)
def test_configuration_files_have_comments_too(path: str, text: str) -> None:
    result = outcome(text, "k3", path=path)
    assert len(result.silenced) == 1
    assert said(result) == []


def test_a_fragment_of_a_url_is_no_comment() -> None:
    assert said(outcome("url: http://x/#kllint: ignore[KL102]\n", path="a.yaml")) == []


def test_files_without_comments_of_ours_need_not_be_read_for_them() -> None:
    assert may_suppress(b"x = 1  # kllint: ignore[KL1]")
    assert may_suppress(b"x = 1  # noqa: E501, KL102")
    assert not may_suppress(b"import kllint\nx = 1  # noqa: E501\n")
