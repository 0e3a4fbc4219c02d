"""What to write instead names the log-probs as the source does, or as code usually would."""

from pathlib import Path

import pytest

from tests.linting import lint

HEAD = "def step(self, model, tokens, batch, advantages):\n    "
BOUND = "logp, entropies = self.get_logps_and_entropies(model, tokens)\n    kl = logp - batch['ref_logp']\n"
UNPACKED = (
    "per_token_logps, _ = self.get_logps(model, tokens)\n    kl = per_token_logps - batch['ref_logp']\n"
)
UNNAMED = "kl = self.get_logps(model, tokens) - batch['ref_logp']\n"
ELEMENT = "kl = self.get_logps(model, tokens)[0] - batch['ref_logp']\n"
STORED = "new_logp = batch['log_probs']\n    kl = new_logp - batch['ref_logp']\n"
TAIL = "    loss = kl.mean()\n    loss.backward()\n"


@pytest.mark.parametrize(
    ("way", "name"),
    [
        (BOUND, "logp"),
        (UNPACKED, "per_token_logps"),
        (UNNAMED, "logp"),
        (ELEMENT, "logp"),
        (STORED, "new_logp"),
    ],
)
def test_the_actor_is_called_by_its_variable_and_never_by_a_function(way: str, name: str, tmp_path: Path):
    (found,) = lint(tmp_path, {"train.py": HEAD + way + TAIL}).findings
    assert found.rule == "KL101"
    assert found.instead == f"torch.exp({name} - old_logp).detach() * 0.5 * ({name} - ref_logp) ** 2"
