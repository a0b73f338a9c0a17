from __future__ import annotations

import pytest

from softswitch.modules.conference.volume import bounded, changed, decibels


def test_steps_are_louder_and_quieter() -> None:
    gains = [decibels(step) for step in range(-4, 5)]
    assert gains == sorted(gains)
    assert decibels(0) == 0
    assert decibels(9) == decibels(4)


@pytest.mark.parametrize(
    ("step", "word", "result"),
    [(0, "up", 1), (4, "up", 4), (-4, "down", -4), (2, "-3", -3), (0, "9", 4)],
)
def test_a_word_leads_to_a_step(step: int, word: str, result: int) -> None:
    assert changed(step, word) == result
    assert bounded(result) == result


def test_other_words_are_errors() -> None:
    with pytest.raises(ValueError):
        changed(0, "loud")
