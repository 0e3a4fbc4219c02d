"""What fuzzing has found, each made as small as it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.fuzz.verdict import complaint

if TYPE_CHECKING:
    from collections.abc import Mapping

FOUND: Final[Mapping[str, Mapping[str, str]]] = {
    "names imported in a circle": {
        "a.py": "from b import table\nloss = [*table]\nkl = 1\n",
        "b.py": "from a import table\nkl = 1\n",
    },
    "a name imported from its own module": {"a.py": "from a import kl\nloss = [*kl]\n"},
    "a pattern that is True": {
        "a.py": "match kl:\n    case True:\n        pass\n" + "kl\n" * 3 + " and ".join(["kl"] * 200)
    },
    "methods that call each other on what they are given": {
        "a.py": """
class Kl:
    def there(self, other):
        return other.back(self)

    def back(self, other):
        return other.there(self)


kl_loss = Kl().there(Kl())
"""
    },
    "a function imported from an empty module": {
        "empty.py": "",
        "scaling.py": "from empty import shifted\n\n\ndef scaled(values):\n    return shifted(values)\n",
        "train.py": "from scaling import scaled\n\n\ndef step(logp, ref_logp):\n"
        "    kl = logp - ref_logp\n    rewards = scaled(-kl)\n",
    },
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_is_taken_in_ones_stride(name: str) -> None:
    assert complaint({path: text.encode() for path, text in FOUND[name].items()}) is None
