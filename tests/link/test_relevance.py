"""What the text of a function says of it, before anything of it is lowered."""

from __future__ import annotations

import pytest

from kllint.ir import program as ir
from kllint.link.relevance import Relevance
from kllint.link.scope import Closure, Scope


def closure(name: str, text: str, path: str = "a.py", number: int = 0) -> Closure:
    definition = ir.Function(name.rpartition(".")[2], (), (), (), 0, len(text.encode()))
    return Closure(name, definition, Scope("a", path, ir.Module(path)), {}, number=number)


def function(text: str, name: str = "f") -> tuple[Relevance, Closure]:
    return Relevance({"a.py": text.encode()}.__getitem__), closure(name, text)


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("def f(logp): return logp", True),
        ("def f(x): return x", False),
        ("def f(x):\n    return x  # of log_probs", False),
        ("def f(x):\n    # the KL\n    return x", False),
        ('def f(x):\n    """The KL of x."""\n    return x', False),
        ('def f(x):\n    """Returns x."""\n    return x.kl', True),
        ('def f(x):\n    return x["#"].kl', True),
        ("def f(x):\n    return x['a#b'], x.kl", True),
        ('def f(x):\n    return x \'"""\', x.kl', True),
    ],
)
def test_what_hints_at_a_kl_is_code(text: str, hints: bool) -> None:
    relevance, closure = function(text)
    assert relevance.hints(closure) is hints


@pytest.mark.parametrize(
    ("name", "text", "ends"),
    [
        ("f", "def f(logp):\n    loss = logp.sum()", True),
        ("f", "def f(logp):\n    return logp.sum()  # the loss", False),
        ("KLLoss.forward", "def forward(self, logp):\n    return logp.sum()", True),
        ("Loss.forward", "def forward(self, x):\n    return x.sum()", False),
        ("KLLoss.__init__", "def __init__(self, kl_loss):\n    self.loss = kl_loss", False),
    ],
)
def test_where_a_kl_may_end_is_told_by_code_or_by_a_name(name: str, text: str, ends: bool) -> None:
    relevance, closure = function(text, name)
    assert relevance.ends(closure) is ends


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("def f(self, x):\n    loss = self.criterion(x)\n    return loss", True),
        ("def f(self, x):\n    policy_loss, rest = self.step(x)\n    return policy_loss", True),
        ("def f(self, x):\n    x['rewards'] = self.score(x)\n    return x", False),
        ("def total_loss(x, y):\n    return x + y", True),
        ("def f(self, x):\n    return self.loss_fn(x)", True),
        ("def f(x):\n    return x.detach()", True),
        ("def f(x):\n    return log(x['loss'])", False),
        ("def f(x):\n    rewards = x['rewards']\n    return rewards - rewards.mean()", False),
        ("def f(x):\n    if x.loss == g(x):\n        return 1", False),
    ],
)
def test_a_loss_that_is_no_kl_matters_where_it_is_had_from_a_function(text: str, changes: bool) -> None:
    relevance, closure = function(text)
    assert relevance.changes(closure, ()) is changes


def test_a_name_that_most_functions_have_without_a_hint_names_too_much() -> None:
    texts = {
        "1.py": "def all_keys(self):\n    return self.kl",
        "2.py": "def all_keys(self):\n    return self.x",
        "3.py": "def all_keys(self):\n    return self.y",
        "4.py": "def one_step(self):\n    return self.kl",
        "5.py": "def update(self):\n    return self.kl",
        "6.py": "def f(x):\n    return all_keys(x)",
        "7.py": "def f(x):\n    return one_step(x)",
        "8.py": "def f(x):\n    return update(x)",
    }
    *named, first, second, third = (
        closure(text[4 : text.index("(")], text, path, int(path[0])) for path, text in texts.items()
    )
    relevance = Relevance(lambda path: texts[path].encode())
    relevance.names_of(named)
    assert [relevance.changes(one, ()) for one in (first, second, third)] == [False, True, False]
