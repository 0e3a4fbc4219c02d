"""The scan of the profiles' text tells of every file that the profiles tell of."""

from __future__ import annotations

import pytest

from kllint.configs.detect import hints
from kllint.configs.hints import scanned
from kllint.configs.schema import builtin

PROFILES = builtin()


@pytest.mark.parametrize("number", range(len(PROFILES)), ids=[profile.name for profile in PROFILES])
def test_the_scan_sees_what_the_profile_says(number: int) -> None:
    exact, seen = hints(PROFILES[number]), scanned()[number]
    assert exact.words <= seen.words
    assert exact._replace(words=seen.words) == seen


def test_there_are_words_to_see() -> None:
    assert {"kl_loss_type", "beta"} <= {word for hints in scanned() for word in hints.words}
