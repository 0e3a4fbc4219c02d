"""What the text of a function says of it, before anything of it is lowered."""

from __future__ import annotations

import pytest

from kllint.ir import program as ir
from kllint.link.relevance import Relevance
from kllint.link.scope import Closure, Scope


def function(text: str, name: str = "f") -> tuple[Relevance, Closure]:
    raw = text.encode()
    definition = ir.Function(name, (), (), (), 0, len(raw))
    scope = Scope("a", "a.py", ir.Module("a.py"))
    return Relevance({"a.py": raw}.__getitem__), Closure(name, definition, scope, {})


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
