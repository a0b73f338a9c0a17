"""A hold of a far end: music, and media that come to the switch and leave it for that."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.sip.message import Request, Response
from softswitch.switch.session import Session
from tests.support.sip_bench import BOB, Party, SipBench, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

TO_BOB = f"sofia/internal/1001@{BOB[0]}:{BOB[1]}"
ALICES, BOBS = sdp(4000, "0 101"), sdp(6000, "0 101", host=BOB[0])
HELD = sdp(4000, "0 101", "a=sendonly")
PAST = ("set bypass_media=true", "set hold_music=tone_stream://%(100,0,440)")
RESUME = "set bypass_media_resume_on_hold=true"
AFTER = "set bypass_media_after_hold=true"
DIAL = f"bridge {TO_BOB}"
KEPT = f"{{bypass_media_resume_on_hold=false}}{TO_BOB}"
OURS = "c=IN IP4 192.0.2.1\r\n"


def text(message: Request | Response) -> str:
    return message.body.decode()


async def joined(running: SipBench, alices: str = ALICES) -> tuple[Response, Session]:
    """Alice and Bob talk: Alice's 200 and her call."""
    await running.invite("7000", alices)
    invite = running.bob.request("INVITE")
    running.bob.answer(invite, 200, BOBS if alices == ALICES else alices)
    await running.settle()
    answered = running.alice.response(200)
    running.alice.ack(answered)
    await running.settle()
    running.bob.request("ACK")
    return answered, next(s for s in running.switch.sessions.values() if not s.channel.outbound)


async def offer(running: SipBench, answered: Response, body: str) -> Response:
    """Alice's re-INVITE, acknowledged."""
    running.alice.ask("INVITE", within=answered, body=body)
    await running.settle()
    reply = running.alice.response(200)
    running.alice.ack(reply)
    await running.settle()
    return reply


def music(session: Session) -> bool:
    return any("endless_playback" in entry for entry in session.application_log)


def reinvited(party: Party) -> bool:
    return any(isinstance(m, Request) and m.method == "INVITE" for m in party.received)


async def test_media_come_back_for_a_hold_and_its_music(tmp_path: Path) -> None:
    dialplan = extension("7000", *PAST, RESUME, f"bridge {TO_BOB}")
    async with sip_bench(tmp_path, dialplan) as running:
        answered, caller = await joined(running)
        called = caller.peer
        assert called is not None and caller.leg.media is None
        reply = await offer(running, answered, HELD)
        assert OURS in text(reply) and "a=recvonly" in text(reply)
        to_bob = running.bob.request("INVITE")
        assert OURS in text(to_bob) and "a=sendonly" not in text(to_bob)
        running.bob.answer(to_bob, 200, BOBS)
        await running.settle()
        assert caller.channel.held and music(called)
        assert running.media(caller).connected_to is running.media(called)
        # Without bypass_media_after_hold the call stays at the switch.
        reply = await offer(running, answered, ALICES)
        assert OURS in text(reply) and not caller.channel.held
        assert not reinvited(running.bob)
        caller.hangup()
        await running.settle()


async def test_media_leave_the_switch_again_after_the_hold(tmp_path: Path) -> None:
    dialplan = extension("7000", *PAST, RESUME, AFTER, f"bridge {TO_BOB}")
    async with sip_bench(tmp_path, dialplan) as running:
        answered, caller = await joined(running)
        for _ in range(2):
            await offer(running, answered, HELD)
            running.bob.answer(running.bob.request("INVITE"), 200, BOBS)
            await running.settle()
            assert running.switch.engine.stats()["streams"] == 2
            await offer(running, answered, ALICES)
            for party, told, own in ((running.alice, BOBS, ALICES), (running.bob, ALICES, BOBS)):
                request = party.request("INVITE")
                assert text(request) == told
                party.answer(request, 200, own)
            await running.settle()
            assert running.switch.engine.stats()["streams"] == 0
            assert not caller.channel.held
        caller.hangup()
        await running.settle()


async def test_a_call_through_the_switch_may_leave_it_after_a_hold(tmp_path: Path) -> None:
    wish = f"{{bypass_media_after_hold=true}}{TO_BOB}"
    async with sip_bench(tmp_path, extension("7000", f"bridge {wish}")) as running:
        answered, caller = await joined(running)
        await offer(running, answered, HELD)
        assert not reinvited(running.bob)
        await offer(running, answered, ALICES)
        assert text(running.bob.request("INVITE")) == ALICES
        assert text(running.alice.request("INVITE")) == BOBS
        caller.hangup()
        await running.settle()


async def test_a_profile_may_wish_either_for_every_call(tmp_path: Path) -> None:
    option = {"media-option": "resume-media-on-hold"}
    async with sip_bench(tmp_path / "a", extension("7000", *PAST, DIAL), profile=option) as running:
        answered, caller = await joined(running)
        assert OURS in text(await offer(running, answered, HELD))
        caller.hangup()
        await running.settle()
    kept = extension("7000", *PAST, "set bypass_media_resume_on_hold=false", f"bridge {KEPT}")
    async with sip_bench(tmp_path / "b", kept, profile=option) as running:
        answered, caller = await joined(running)
        assert OURS not in text(await offer(running, answered, HELD))
        caller.hangup()
        await running.settle()
    option = {"media-option": "bypass-media-after-hold"}
    async with sip_bench(tmp_path / "c", extension("7000", DIAL), profile=option) as running:
        answered, caller = await joined(running)
        await offer(running, answered, HELD)
        await offer(running, answered, ALICES)
        assert text(running.bob.request("INVITE")) == ALICES
        caller.hangup()
        await running.settle()


STRANGE = sdp(4000, "96", "a=rtpmap:96 Humming/8000")


@pytest.mark.parametrize(
    ("wishes", "alices", "profile"),
    [
        ((*PAST,), ALICES, {}),
        ((*PAST, RESUME), STRANGE, {"inbound-late-negotiation": "true"}),
        ((*PAST, RESUME), ALICES, {"disable-hold": "true"}),
        ((*PAST, RESUME), ALICES, {"proxy-hold": "true"}),
        (("set proxy_media=true", RESUME), ALICES, {}),
    ],
    ids=["not wished", "no codec of ours", "holds overlooked", "holds passed on", "proxied"],
)
async def test_a_hold_is_handed_on_where_media_cannot_or_shall_not_come_back(
    tmp_path: Path, wishes: tuple[str, ...], alices: str, profile: dict[str, str]
) -> None:
    dialplan = extension("7000", *wishes, f"bridge {TO_BOB}")
    async with sip_bench(tmp_path, dialplan, profile=profile) as running:
        answered, caller = await joined(running, alices)
        reply = await offer(running, answered, f"{alices}a=sendonly\r\n")
        assert "a=recvonly" in text(reply)
        assert "a=sendonly" in text(running.bob.request("INVITE"))
        assert caller.leg.media is None
        called = caller.peer
        assert called is not None and called.leg.media is None
        caller.hangup()
        await running.settle()
