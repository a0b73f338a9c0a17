from __future__ import annotations

import pytest

from softswitch.modules.conference.keys import Keys
from softswitch.modules.conference.settings import Control

CONTROLS = {digits: Control(f"of {digits}") for digits in ("0", "1", "12", "123", "*9")}


def press(keys: Keys, digits: str) -> list[str]:
    """What each digit completes."""
    done = []
    for digit in digits:
        if found := keys.press(digit):
            done.append(found[0])
    return done


@pytest.mark.parametrize(
    ("digits", "done", "later"),
    [
        ("0", ["0"], None),
        ("1", [], "1"),
        ("12", [], "12"),
        ("123", ["123"], None),
        ("*9", ["*9"], None),
        ("*", [], None),
        ("*0", ["0"], None),
        ("5", [], None),
        ("50", ["0"], None),
        ("00", ["0", "0"], None),
    ],
)
def test_digits_complete_a_control_at_once_or_when_time_is_up(
    digits: str, done: list[str], later: str | None
) -> None:
    keys = Keys(CONTROLS)
    assert press(keys, digits) == done
    expired = keys.expire()
    assert (expired[0] if expired else None) == later
    assert not keys.pending


def test_without_controls_no_digit_does_anything() -> None:
    keys = Keys({})
    assert press(keys, "0123456789*#") == []
    assert not keys.pending
