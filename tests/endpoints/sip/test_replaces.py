"""Replaces: who is meant, and what an INVITE with it takes over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from softswitch.endpoints.sip.replaces import Replaces, replaces_of
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.uri import SipUri
from softswitch.switch.causes import HangupCause
from tests.endpoints.sip.presence.watching import MANAGED, told, watch
from tests.endpoints.sip.test_transfer import BRIDGE, PARKED, bridged
from tests.support.sip_bench import BOB, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time
CAROL = ("192.0.2.30", 5060)
TO_BOB = f"sofia/internal/1001@{BOB[0]}:{BOB[1]}"


def test_a_replaces_header_is_read() -> None:
    wanted = Replaces.parse("a@b;from-tag=2; to-tag=1;early-only")
    assert wanted == Replaces(("a@b", "1", "2"), early_only=True)
    for text in ("", ";to-tag=1;from-tag=2", "a;to-tag=1", "a;;"):
        with pytest.raises(RemoteProtocolError):
            Replaces.parse(text)


def test_the_replaces_of_a_target() -> None:
    uri = SipUri.parse("sip:x@y?Subject=a&replaces=c%40d%3Bto-tag%3D1")
    assert replaces_of(uri) == "c@d;to-tag=1"
    assert replaces_of(SipUri.parse("sip:x@y")) == ""


async def test_a_new_call_takes_over_the_partner(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE) as running:
        carol = running.party("1002", CAROL)
        response, alice, bob = await bridged(running)
        tags = f"to-tag={response.to.tag};from-tag={response.from_.tag}"
        carol.ask("INVITE", "x", sdp(6000), Replaces=f"{response.call_id};{tags}")
        await running.settle(0.1)
        carol.ack(carol.response(200))
        await running.settle()
        running.alice.answer(running.alice.request("BYE"), 200)
        assert alice.channel.hangup_cause is HangupCause.ATTENDED_TRANSFER
        assert alice.get("transfer_disposition") == "replaced"
        assert bob.peer is not None
        assert bob.peer.get("transfer_disposition") == "recv_replace"
        bob.hangup()


async def test_a_ringing_call_is_picked_up(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE) as running:
        carol = running.party("1002", CAROL)
        _, alice = await running.invite("1001")
        invite = running.bob.request("INVITE")
        ringing = running.bob.answer(invite, 180)
        await running.settle()
        # As Bob's phone would be asked to be replaced: our tag is the one of From.
        tags = f"to-tag={invite.from_.tag};from-tag={ringing.to.tag};early-only"
        carol.ask("INVITE", "x", sdp(6000), Replaces=f"{invite.call_id};{tags}")
        await running.settle(0.1)
        carol.ack(carol.response(200))
        running.alice.ack(running.alice.response(200))
        running.bob.answer(running.bob.request("CANCEL"), 200)
        running.bob.answer(invite, 487)
        await running.settle()
        assert alice.peer is not None and alice.peer.channel.answered
        alice.hangup()


async def test_a_watched_phones_call_is_picked_up_by_what_its_lamp_told(tmp_path: Path) -> None:
    ring = extension("1001", f"bridge {{presence_id=1001@example.test}}{TO_BOB}")
    async with sip_bench(tmp_path, ring, profile=MANAGED) as running:
        carol = running.party("1002", CAROL)
        await watch(running, carol, "1001")
        _, alice = await running.invite("1001")
        invite = running.bob.request("INVITE")
        running.bob.answer(invite, 180)
        text = (await told(running, carol)).body.decode()
        named = re.search(r'call-id="(.*?)" local-tag="(.*?)" remote-tag="(.*?)"', text)
        assert named is not None
        replaces = f"{named[1]};to-tag={named[2]};from-tag={named[3]};early-only"
        carol.ask("INVITE", "1001", sdp(6000), Replaces=replaces)
        await running.settle(0.1)
        carol.ack(carol.response(200))
        running.alice.ack(running.alice.response(200))
        running.bob.answer(running.bob.request("CANCEL"), 200)
        running.bob.answer(invite, 487)
        await running.settle()
        assert alice.peer is not None and alice.peer.channel.answered
        alice.hangup()


async def test_a_call_of_nobodys_is_taken_with_its_application(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, PARKED) as running:
        carol = running.party("1002", CAROL)
        response, alice = await running.call("7000")
        tags = f"to-tag={response.to.tag};from-tag={response.from_.tag}"
        carol.ask("INVITE", "x", sdp(6000), Replaces=f"{response.call_id};{tags}")
        await running.settle(0.1)
        carol.ack(carol.response(200))
        await running.settle()
        assert alice.channel.hangup_cause is HangupCause.ATTENDED_TRANSFER
        assert running.session.get("current_application") == "park"
        running.session.hangup()


@pytest.mark.parametrize(
    ("replaces", "status"),
    [
        ("{};early-only", 486),
        ("nobody;to-tag=a;from-tag=b", 481),
        ("nonsense", 400),
    ],
)
async def test_what_cannot_be_replaced_is_refused(
    tmp_path: Path, replaces: str, status: int
) -> None:
    async with sip_bench(tmp_path, PARKED) as running:
        response, alice = await running.call("7000")
        known = f"{response.call_id};to-tag={response.to.tag};from-tag={response.from_.tag}"
        running.bob.ask("INVITE", "x", sdp(6000), Replaces=replaces.format(known))
        await running.settle()
        running.bob.response(status)
        assert alice.channel.up
        alice.set("deny_refer_requests", "true")
        running.bob.ask("INVITE", "x", sdp(6000), Replaces=known)
        await running.settle()
        running.bob.response(403)
        alice.hangup()
