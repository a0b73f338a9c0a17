"""Channels: variables, states, profiles and the headers of their events."""

from __future__ import annotations

import pytest

from softswitch.switch.caller import CallerProfile
from softswitch.switch.causes import HangupCause
from softswitch.switch.channel import Channel
from softswitch.switch.states import CallState, ChannelState, Direction


def make_channel(
    direction: Direction = Direction.INBOUND, told: list[str] | None = None
) -> Channel:
    return Channel(
        "a-b-c",
        "test/1000",
        direction,
        CallerProfile(destination_number="100", caller_id_number="1000", context="public"),
        5_000_000,
        (lambda _, what: told.append(what)) if told is not None else None,
    )


def test_a_channel_that_hung_up_ignores_moves_and_further_causes() -> None:
    channel = make_channel()
    assert channel.move(ChannelState.CS_EXECUTE)
    assert channel.hang_up(HangupCause.USER_BUSY)
    assert not channel.hang_up(HangupCause.NORMAL_CLEARING)
    assert not channel.move(ChannelState.CS_ROUTING)
    assert not channel.up
    assert channel.move(ChannelState.CS_REPORTING)
    assert not channel.move(ChannelState.CS_HANGUP)
    assert channel.hangup_cause is HangupCause.USER_BUSY


def test_a_move_that_the_table_forbids_is_an_error() -> None:
    channel = make_channel()
    channel.move(ChannelState.CS_EXECUTE)
    with pytest.raises(AssertionError):
        channel.move(ChannelState.CS_INIT)


def test_changes_of_state_are_told_and_hangup_is_the_last_call_state() -> None:
    told: list[str] = []
    channel = make_channel(told=told)
    channel.run(ChannelState.CS_INIT)
    channel.set_callstate(CallState.RINGING)
    channel.set_callstate(CallState.RINGING)
    channel.set_callstate(CallState.HANGUP)
    channel.set_callstate(CallState.DOWN)
    assert told == ["state", "callstate DOWN", "callstate RINGING"]


@pytest.mark.parametrize(
    ("direction", "answered", "early", "callstate"),
    [
        (Direction.INBOUND, False, False, CallState.RINGING),
        (Direction.INBOUND, False, True, CallState.EARLY),
        (Direction.INBOUND, True, True, CallState.DOWN),
        (Direction.OUTBOUND, False, False, CallState.DOWN),
    ],
)
def test_a_caller_rings_as_soon_as_it_is_routed(
    direction: Direction, answered: bool, early: bool, callstate: CallState
) -> None:
    channel = make_channel(direction)
    channel.answered, channel.early_media = answered, early
    channel.run(ChannelState.CS_ROUTING)
    assert channel.callstate is callstate


def test_time_on_hold_is_added_up() -> None:
    channel = make_channel()
    channel.release(1)
    channel.hold(10)
    assert channel.held
    channel.release(15)
    channel.hold(20)
    channel.release(22)
    assert (channel.profile.times.last_hold, channel.profile.times.hold_accum) == (20, 7)
    assert channel.holds == [(10, 15), (20, 22)]
    assert channel.callstate is CallState.UNHELD


def test_a_new_profile_keeps_what_happened_to_the_channel() -> None:
    channel = make_channel()
    channel.profile.times.answered = 6_000_000
    first = channel.profile
    channel.new_profile(first.clone(destination_number="200"), 9_000_000)
    times = channel.profile.times
    assert (times.created, times.answered, times.profile_created) == (5e6, 6e6, 9e6)
    assert (channel.profile.profile_index, first.times.transferred) == (2, 9_000_000)
    assert channel.initial is first
    assert channel.profile.uuid == "a-b-c"


def test_names_are_looked_up_in_variables_then_the_profile_then_the_partners() -> None:
    channel = make_channel()
    assert channel.lookup("destination_number") == "100"
    channel.variables.set("destination_number", "x")
    assert channel.lookup("destination_number") == "x"
    assert channel.lookup("bleg_destination_number") is None
    channel.other_profile = ("originatee", CallerProfile(destination_number="200"))
    assert channel.lookup("bleg_destination_number") == "200"
    assert channel.lookup("aleg_destination_number") is None
    assert channel.began_bridge


def test_answer_state_follows_the_call() -> None:
    channel = make_channel()
    seen = [channel.answer_state]
    channel.early_media = True
    seen.append(channel.answer_state)
    channel.answered = True
    seen.append(channel.answer_state)
    channel.hang_up(HangupCause.NONE)
    assert [*seen, channel.answer_state] == ["ringing", "early", "answered", "hangup"]


def test_event_headers_tell_the_channel_its_caller_and_its_partner() -> None:
    channel = make_channel()
    channel.variables.set("presence_id", "1000@x")
    channel.profile.transfer_source = "somewhere"
    channel.read_codec = ("PCMU", 8000, 64000)
    channel.hang_up(HangupCause.USER_BUSY)
    channel.other_profile = ("originatee", channel.profile.clone())
    headers = channel.event_headers(variables=True)
    assert list(headers)[:14] == [
        "Channel-State",
        "Channel-Call-State",
        "Channel-State-Number",
        "Channel-Name",
        "Unique-ID",
        "Call-Direction",
        "Presence-Call-Direction",
        "Channel-HIT-Dialplan",
        "Channel-Presence-ID",
        "Channel-Call-UUID",
        "Answer-State",
        "Hangup-Cause",
        "Channel-Read-Codec-Name",
        "Channel-Read-Codec-Rate",
    ]
    assert headers["Caller-Transfer-Source"] == "somewhere"
    assert "Other-Leg-Transfer-Source" not in headers
    assert headers["Caller-Profile-Index"] == "1"
    assert "Other-Leg-Profile-Index" not in headers
    assert "Caller-RDNIS" not in headers
    assert headers["variable_presence_id"] == "1000@x"
    assert not any(name.startswith("variable_") for name in channel.event_headers(variables=False))


def test_columns_of_presence_are_in_every_event() -> None:
    channel = make_channel()
    channel.variables.set("presence_data_cols", "colour:caller_id_number:nothing")
    channel.variables.set("colour", "red")
    headers = channel.event_headers(variables=False)
    assert headers["Presence-Data-Cols"] == "colour:caller_id_number:nothing"
    assert headers["PD-colour"] == "red"
    assert headers["PD-caller_id_number"] == channel.profile.caller_id_number
    assert "PD-nothing" not in headers
