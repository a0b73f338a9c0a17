"""Reason phrases."""

from __future__ import annotations

import pytest

from softswitch.sip.status import reason_phrase


@pytest.mark.parametrize(
    ("status", "phrase"),
    [
        (100, "Trying"),
        (200, "OK"),
        (407, "Proxy Authentication Required"),
        (486, "Busy Here"),
        (488, "Not Acceptable Here"),
        (603, "Decline"),
        (299, "OK"),
        (499, "Bad Request"),
        (599, "Server Internal Error"),
        (999, "Unknown"),
    ],
)
def test_phrase_of_a_status_or_of_its_class(status: int, phrase: str) -> None:
    assert reason_phrase(status) == phrase
