"""The table of states."""

from __future__ import annotations

import pytest

from softswitch.switch.states import CallState, ChannelState, may_move

LIVE = [
    ChannelState.CS_ROUTING,
    ChannelState.CS_SOFT_EXECUTE,
    ChannelState.CS_EXECUTE,
    ChannelState.CS_EXCHANGE_MEDIA,
    ChannelState.CS_PARK,
    ChannelState.CS_CONSUME_MEDIA,
    ChannelState.CS_HIBERNATE,
    ChannelState.CS_RESET,
]


@pytest.mark.parametrize("now", LIVE)
def test_a_live_channel_may_go_to_any_state_but_the_first_and_the_last(now: ChannelState) -> None:
    assert all(may_move(now, to) for to in LIVE)
    if now is not ChannelState.CS_RESET:
        assert not may_move(now, ChannelState.CS_NEW)
        assert not may_move(now, ChannelState.CS_HANGUP)


def test_a_channel_that_ends_only_goes_forward() -> None:
    last = [ChannelState.CS_HANGUP, ChannelState.CS_REPORTING, ChannelState.CS_DESTROY]
    for index, now in enumerate(last):
        assert [to for to in ChannelState if may_move(now, to)] == last[index:]


def test_a_hibernating_channel_may_begin_anew() -> None:
    assert may_move(ChannelState.CS_HIBERNATE, ChannelState.CS_INIT)
    assert not may_move(ChannelState.CS_EXECUTE, ChannelState.CS_INIT)


def test_numbers_are_those_operators_know() -> None:
    assert (ChannelState.CS_EXECUTE, ChannelState.CS_DESTROY) == (4, 12)
    assert (CallState.ACTIVE.value, CallState.HANGUP.value, CallState.UNHELD.value) == (4, 7, 8)
