"""The stand-in for a leg that ended."""

from __future__ import annotations

import pytest

from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.leg import GoneLeg


@pytest.mark.parametrize(
    "verb",
    """invite ring pre_answer answer hold unhold send_digits redirect respond deflect""".split(),
)
def test_what_is_asked_of_a_leg_that_ended_fails_with_a_cause(verb: str) -> None:
    with pytest.raises(CallFailed) as failed:
        getattr(GoneLeg(), verb)()
    assert failed.value.cause is HangupCause.WRONG_CALL_STATE


def test_a_leg_that_ended_has_no_media_and_may_be_hung_up_again() -> None:
    leg = GoneLeg()
    assert leg.media is None
    leg.hangup(HangupCause.NORMAL_CLEARING)
