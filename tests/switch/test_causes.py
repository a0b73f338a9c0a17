"""Hang-up causes by name and number."""

from __future__ import annotations

import pytest

from softswitch.switch.causes import CallFailed, HangupCause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("USER_BUSY", HangupCause.USER_BUSY),
        (" user_busy ", HangupCause.USER_BUSY),
        ("17", HangupCause.USER_BUSY),
        ("802", HangupCause.ALLOTTED_TIMEOUT),
        ("5", HangupCause.NORMAL_CLEARING),
        ("17x", HangupCause.NORMAL_CLEARING),
        ("nonsense", HangupCause.NORMAL_CLEARING),
        ("", HangupCause.NORMAL_CLEARING),
    ],
)
def test_a_cause_is_read_by_name_or_number(text: str, cause: HangupCause) -> None:
    assert HangupCause.parse(text) is cause


@pytest.mark.parametrize(
    ("text", "known"), [("no_answer", True), ("19", True), ("5", False), ("x", False), ("", False)]
)
def test_known_causes_are_told_from_unknown(text: str, known: bool) -> None:
    assert HangupCause.known(text) is known


def test_causes_of_our_own_are_normal_clearing_to_the_telephone_network() -> None:
    assert HangupCause.USER_BUSY.q850 == 17
    assert HangupCause.INTERWORKING.q850 == 127
    assert HangupCause.ORIGINATOR_CANCEL.q850 == HangupCause.PICKED_OFF.q850 == 16


def test_a_failure_says_its_cause_and_reason() -> None:
    assert str(CallFailed(HangupCause.USER_BUSY)) == "USER_BUSY"
    failure = CallFailed(HangupCause.USER_BUSY, "at lunch")
    assert (str(failure), failure.reason) == ("USER_BUSY: at lunch", "at lunch")
