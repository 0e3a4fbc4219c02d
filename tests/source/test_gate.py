import pytest

from kllint.source.gate import MAX_BYTES, check
from kllint.source.scan import may_hold_kl
from kllint.source.text import Source


@pytest.mark.parametrize(
    "code",
    [
        "kl = a - b",
        "approx_kl = ((r - 1) - lr).mean()",
        "self.kl_coef * penalty",
        "F.kl_div(x, y)",
        "loss = nn.KLDivLoss()(x, y)",
        "def computeKL(p, q): ...",
        "d = logp - ref_logp",
        "d = lp - ref_lp",
        "d = logq - logmu",
        "d = loglik - log_likelihood",
        "y = k3(a, b)",
        "rkl = a - b",
        "d = new_log_probs - old_log_probs",
        "x.log_softmax(-1)",
        "y = ratio - 1 - ratio.log()",
        "y = torch.log(ratio)",
        "log_ratio.mean()",
        "log_ratio.expm1()",
        "d = a - b; p = d.exp() - d - 1",
        "p = -d.exp()",
        "y = torch.exp(a - b)",
        "z = p * (p.log() - q.log())",
        "jsd(p, q)",
        "divergence = f(p)",
    ],
)
def test_what_may_hold_a_kl_passes(code: str) -> None:
    assert may_hold_kl(code.encode())


@pytest.mark.parametrize(
    "code",
    [
        "import pickle, sklearn",
        "class Klass: ...",
        "clip_ratio = 0.2",
        "help(alpha, rank3, chunk1)",
        "for iteration in generation: ...",
        "x = 1 - y",
        "print('log')",
    ],
)
def test_what_cannot_hold_a_kl_does_not(code: str) -> None:
    assert not may_hold_kl(code.encode())


DEEP = {
    "parentheses": ("(", "1", ")"),
    "lists": ("[", "1", "]"),
    "calls": ("f(", "1", ")"),
    "lambdas": ("lambda: ", "1", ""),
    "minus": ("-", "1", ""),
    "not": ("not ", "1", ""),
    "ternaries": ("1 if x else ", "1", ""),
    "subscripts": ("x", "", "[0]"),
    "attributes": ("x", "", ".a"),
    "sums": ("x", "", " + x"),
    "conjunctions": ("x", "", " and x"),
    "disjunctions in brackets": ("(x or ", "x", ")"),
    "elifs": ("if x:\n  1\n", "", "elif x:\n  1\n"),
}


def deep(kind: str, size: int) -> str:
    opening, core, closing = DEEP[kind]
    return opening * (size if core else 1) + core + closing * size + "\n"


@pytest.mark.parametrize("prefix", ["", "type Newer = int\n"], ids=["known syntax", "newer syntax"])
@pytest.mark.parametrize("size", [300, 5_000, 20_000])
@pytest.mark.parametrize("kind", DEEP)
def test_deep_nesting_is_refused_for_good(kind: str, size: int, prefix: str) -> None:
    refusal = check(Source("a.py", (prefix + deep(kind, size)).encode()))
    assert refusal is not None
    assert refusal.final


@pytest.mark.parametrize("kind", DEEP)
def test_usual_nesting_passes(kind: str) -> None:
    assert check(Source("a.py", deep(kind, 40).encode())) is None


def test_many_wide_conditions_are_not_deep() -> None:
    wide = " or ".join(f"x{number}" for number in range(100))
    code = f"if {wide}:\n  if {wide}:\n    y = [f({wide}) for x in z]\n"
    assert check(Source("a.py", code.encode())) is None


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"x = (\n", "not valid Python: '(' was never closed"),
        (b"print 'x'\n", "not valid Python: Missing parentheses"),
        (b"\x7fELF\x00\x01", "not text: it holds null bytes"),
        (b"x = '\xff'\n", "not valid utf-8: byte 0xff cannot be decoded"),
        (b"# coding: nope\n", "unknown encoding: nope"),
        (b"x = 1\n" * (MAX_BYTES // 6 + 1), "larger than 4 MB"),
    ],
)
def test_refusals_say_why(raw: bytes, reason: str) -> None:
    refusal = check(Source("a.py", raw))
    assert refusal is not None
    assert refusal.reason.startswith(reason)


def test_a_syntax_error_may_be_newer_syntax() -> None:
    refusal = check(Source("a.py", b"x = 1\ny = = 2\n"))
    assert refusal is not None
    assert not refusal.final
    assert refusal.offset == 10


def test_warnings_of_the_parser_stay_unsaid(recwarn: pytest.WarningsRecorder) -> None:
    assert check(Source("a.py", b"x = '\\d'; y = 1 is 1\n")) is None
    assert len(recwarn) == 0
