from __future__ import annotations

import pytest

from softswitch.modules.conference import flags


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, set()),
        ("", set()),
        ("mute", {"mute"}),
        (" Mute | |moderator|", {"mute", "moderator"}),
    ],
)
def test_flags_are_words_between_bars(text: str | None, words: set[str]) -> None:
    assert flags.split(text) == words


def test_what_is_not_known_is_found() -> None:
    assert flags.unknown({"mute", "loud", "bold"}, flags.MEMBER) == ["bold", "loud"]


def test_no_flag_is_both_of_use_and_idle() -> None:
    assert not flags.MEMBER & flags.MEMBER_IDLE
    assert not flags.ROOM & flags.ROOM_IDLE
