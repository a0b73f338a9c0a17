"""Which events are agreed on."""

from __future__ import annotations

import pytest

from softswitch.media.codecs.telephone_event import TelephoneEvent


@pytest.mark.parametrize(
    ("offered", "answered"),
    [
        ("0-15", "0-15"),
        ("0-16", "0-15"),
        ("0-15,66,70", "0-15"),
        ("", "0-15"),
        ("0-11", "0-11"),
        ("1,3, 4", "1,3-4"),
        ("0-99999999999", "0-15"),
        ("0-15;rate=8000", "0-15"),
        ("16-255", None),
        ("nonsense", None),
        ("15-0", None),
    ],
)
def test_the_answer_holds_the_offered_events_that_are_keys(
    offered: str, answered: str | None
) -> None:
    assert TelephoneEvent.answer_fmtp(offered) == answered
