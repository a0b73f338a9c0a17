"""Media that goes past the switch, as both far ends see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.sip.message import Request, Response
from tests.support.sip_bench import BOB, SipBench, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

TO_BOB = f"sofia/internal/1001@{BOB[0]}:{BOB[1]}"
ALICES, BOBS = sdp(4000, "0 101"), sdp(6000, "0 101", host=BOB[0])
PAST = extension("7000", "set bypass_media=true", f"bridge {TO_BOB}")
LATER = extension("7000", "set bypass_media_after_bridge=true", f"bridge {TO_BOB}")
THROUGH = extension("7000", f"bridge {TO_BOB}")


def text(message: Request | Response) -> str:
    return message.body.decode()


def streams(running: SipBench) -> int:
    """How many streams are open."""
    return running.switch.engine.stats()["streams"]


async def joined(running: SipBench) -> tuple[Request, Response]:
    """Alice and Bob talk: Bob's INVITE and Alice's 200."""
    await running.invite("7000", ALICES)
    invite = running.bob.request("INVITE")
    running.bob.answer(invite, 200, BOBS)
    await running.settle()
    answered = running.alice.response(200)
    running.alice.ack(answered)
    await running.settle()
    running.bob.request("ACK")
    return invite, answered


async def test_each_far_end_is_told_the_others_description(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, PAST) as running:
        invite, answered = await joined(running)
        assert text(invite) == ALICES
        assert text(answered) == BOBS
        assert streams(running) == 0
        caller = next(s for s in running.switch.sessions.values() if not s.channel.outbound)
        assert caller.peer is not None
        caller.hangup()
        await running.settle()


async def test_early_media_goes_past_the_switch_too(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, PAST) as running:
        _, caller = await running.invite("7000", ALICES)
        running.bob.answer(running.bob.request("INVITE"), 183, BOBS)
        await running.settle()
        assert text(running.alice.response(183)) == BOBS
        caller.hangup()
        await running.settle()


async def test_a_codec_that_we_lack_passes_by(tmp_path: Path) -> None:
    strange = sdp(4000, "96", "a=rtpmap:96 Humming/8000")
    async with sip_bench(tmp_path, PAST, profile={"inbound-late-negotiation": "true"}) as running:
        _, caller = await running.invite("7000", strange)
        assert text(running.bob.request("INVITE")) == strange
        caller.hangup()
        await running.settle()


async def test_an_answered_caller_is_bridged_through_the_switch(tmp_path: Path) -> None:
    late = extension("7000", "answer", "set bypass_media=true", f"bridge {TO_BOB}")
    async with sip_bench(tmp_path, late) as running:
        _, caller = await running.invite("7000", ALICES)
        assert "c=IN IP4 192.0.2.1\r\n" in text(running.bob.request("INVITE"))
        caller.hangup()
        await running.settle()


async def test_a_hold_is_handed_on(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, PAST) as running:
        _, answered = await joined(running)
        held = sdp(4000, "0 101", "a=sendonly")
        running.alice.ask("INVITE", within=answered, body=held)
        await running.settle()
        assert text(running.bob.request("INVITE")) == held
        reply = running.alice.response(200)
        assert "m=audio 6000" in text(reply) and "a=recvonly" in text(reply)
        caller = next(s for s in running.switch.sessions.values() if not s.channel.outbound)
        assert caller.channel.held
        caller.hangup()
        await running.settle()


async def test_media_leaves_the_switch_once_both_have_answered(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, LATER) as running:
        invite, answered = await joined(running)
        assert "c=IN IP4 192.0.2.1\r\n" in text(invite) and "192.0.2.1" in text(answered)
        to_alice, to_bob = running.alice.request("INVITE"), running.bob.request("INVITE")
        assert (text(to_alice), text(to_bob)) == (BOBS, ALICES)
        running.alice.answer(to_alice, 200, ALICES)
        running.bob.answer(to_bob, 200, BOBS)
        await running.settle()
        assert streams(running) == 0
        running.bob.ask("BYE", within=to_bob)
        await running.settle()


async def test_media_goes_away_and_comes_back_on_command(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, THROUGH) as running:
        await joined(running)
        caller = next(s for s in running.switch.sessions.values() if not s.channel.outbound)
        ask = running.switch.run_command
        assert await ask(f"uuid_media {caller.uuid}") == "-ERR Operation failed\n"
        assert await ask(f"uuid_media off {caller.uuid}") == "+OK Success\n"
        for party, told, own in ((running.alice, BOBS, ALICES), (running.bob, ALICES, BOBS)):
            request = party.request("INVITE")
            assert text(request) == told
            party.answer(request, 200, own)
        await running.settle()
        assert streams(running) == 0
        assert await ask(f"uuid_media {caller.uuid}") == "+OK Success\n"
        for party, own in ((running.alice, ALICES), (running.bob, BOBS)):
            request = party.request("INVITE")
            assert "c=IN IP4 192.0.2.1\r\n" in text(request)
            party.answer(request, 200, own)
        await running.settle()
        assert streams(running) == 2
        called = caller.peer
        assert called is not None
        assert running.media(caller).connected_to is running.media(called)
        caller.hangup()
        await running.settle()


async def test_who_stays_has_media_at_the_switch_again(tmp_path: Path) -> None:
    stay = extension("7000", "set bypass_media=true", f"bridge {TO_BOB}", "park")
    async with sip_bench(tmp_path, stay) as running:
        invite, _ = await joined(running)
        running.bob.ask("BYE", within=invite)
        await running.settle()
        back = running.alice.request("INVITE")
        assert "c=IN IP4 192.0.2.1\r\n" in text(back)
        running.alice.answer(back, 200, ALICES)
        await running.settle()
        session = running.session
        assert running.media(session).parameters is not None
        session.hangup()
        await running.settle()


async def test_a_profile_may_wish_it_for_every_caller(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, THROUGH, profile={"inbound-bypass-media": "true"}) as running:
        invite, _ = await joined(running)
        assert text(invite) == ALICES
        for session in list(running.switch.sessions.values()):
            session.hangup()
        await running.settle()


@pytest.mark.parametrize(
    ("settings", "variable", "formats"),
    [
        ({}, "", "8 0 101"),
        ({"disable-transcoding": "true"}, "", "8 101"),
        ({}, "export media_mix_inbound_outbound_codecs=true", "8 18 0 101"),
    ],
)
async def test_what_a_called_leg_is_offered_of_its_callers_codecs(
    tmp_path: Path, settings: dict[str, str], variable: str, formats: str
) -> None:
    codecs = {"outbound-codec-prefs": "PCMU,PCMA", "inbound-codec-prefs": "PCMA,G729"}
    actions = [variable, "answer"] if variable else ["answer"]
    dial = extension("7000", *actions, f"bridge {TO_BOB}")
    async with sip_bench(tmp_path, dial, profile={**codecs, **settings}) as running:
        _, caller = await running.invite("7000", sdp(4000, "8 18 101"))
        offered = text(running.bob.request("INVITE"))
        assert f"RTP/AVP {formats}\r\n" in offered
        caller.hangup()
        await running.settle()


@pytest.mark.parametrize(("wish", "chosen"), [("false", "8"), ("true", "0"), ("passthru", "18")])
async def test_whose_codec_the_caller_is_answered_with(
    tmp_path: Path, wish: str, chosen: str
) -> None:
    codecs = {"outbound-codec-prefs": "G729,PCMU", "inbound-codec-prefs": "PCMA,PCMU,G729"}
    dial = extension("7000", f"set inherit_codec={wish}", f"bridge {TO_BOB}")
    profile = {**codecs, "inbound-late-negotiation": "true"}
    async with sip_bench(tmp_path, dial, profile=profile) as running:
        _, caller = await running.invite("7000", sdp(4000, "8 18 0"))
        running.bob.answer(running.bob.request("INVITE"), 200, sdp(6000, "0", host=BOB[0]))
        await running.settle()
        answered = text(running.alice.response(200))
        assert f"RTP/AVP {chosen}\r\n" in answered
        caller.hangup()
        await running.settle()
