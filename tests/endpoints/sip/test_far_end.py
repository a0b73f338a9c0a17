"""What a leg hears: early media by PRACK, 183 without a description, session timers, re-INVITEs."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from softswitch.switch.states import CallState
from tests.support.sip_bench import BOB, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

TO_BOB = f"sofia/internal/1001@{BOB[0]}:{BOB[1]}"
ANSWER = extension("9196", "answer", "park")
REL = {"enable-100rel": "true"}


async def test_early_media_of_a_reliable_183_is_acknowledged_and_heard(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=REL) as running:
        invite, task = await running.dial(f"{{ignore_early_media=true}}{TO_BOB}")
        assert "100rel" in (invite.headers.get("Supported") or "")
        running.bob.answer(invite, 183, sdp(), Require="100rel", RSeq="9")
        await running.settle()
        prack = running.bob.request("PRACK")
        assert prack.headers.get("RAck") == f"9 {invite.cseq}"
        running.bob.answer(prack, 200)
        session = running.session
        assert session.channel.early_media
        # A 2xx that says something else after that is not listened to.
        running.bob.answer(invite, 200, sdp(4999))
        await running.settle()
        assert (await task).startswith("+OK")
        assert session.get("remote_media_port") == "4000"
        session.hangup()


async def test_our_early_media_is_reliable_for_callers_who_want_that(tmp_path: Path) -> None:
    early = extension("183", "pre_answer", "sleep 1000", "answer", "park")
    async with sip_bench(tmp_path, early, profile=REL) as running:
        _, session = await running.invite("183", Supported="100rel")
        progress = running.alice.response(183)
        rseq = progress.headers.get("RSeq")
        running.alice.ask("PRACK", within=progress, RAck=f"{rseq} {progress.cseq}")
        assert running.alice.response(200).cseq.method == "PRACK"
        await running.settle(1.1)
        answer = running.alice.response(200)
        assert answer.body == b""
        running.alice.ack(answer)
        assert session.channel.callstate is CallState.ACTIVE
        session.hangup()


async def test_ringing_without_a_description_is_acknowledged_too(tmp_path: Path) -> None:
    ringing = extension("9196", "ring_ready", "sleep 1000", "answer", "park")
    async with sip_bench(tmp_path, ringing, profile={"enable-100rel": "true"}) as running:
        await running.invite("9196", Supported="100rel")
        progress = running.alice.response(180)
        rseq = progress.headers.get("RSeq") or ""
        running.alice.ask("PRACK", within=progress, RAck=f"{rseq} {progress.cseq}")
        assert running.alice.response(200).cseq.method == "PRACK"
        await running.settle(1.1)
        answered = running.alice.response(200)
        assert answered.cseq.method == "INVITE" and answered.body
        running.alice.ack(answered)
        running.switch.hangup_all(HangupCause.NORMAL_CLEARING)
        await running.settle()
        running.alice.answer(running.alice.request("BYE"), 200)
        await running.settle()


async def test_a_call_may_do_without_pracks(tmp_path: Path) -> None:
    early = extension("183", "set sip_100rel=false", "pre_answer", "park")
    async with sip_bench(tmp_path, early, profile=REL) as running:
        _, session = await running.invite("183", Supported="100rel")
        assert "RSeq" not in running.alice.response(183).headers
        session.hangup()
        await running.settle()
        invite, _ = await running.dial(f"{{sip_100rel=false}}{TO_BOB}")
        assert "100rel" not in (invite.headers.get("Supported") or "")
        running.session.hangup()
        await running.settle()
    async with sip_bench(tmp_path / "other") as running:
        invite, _ = await running.dial(f"{{sip_100rel=required}}{TO_BOB}")
        assert invite.headers.get("Require") == "100rel"
        running.session.hangup()


async def test_a_183_without_a_description_rings_unless_it_is_to_be_ignored(
    tmp_path: Path,
) -> None:
    async with sip_bench(tmp_path, profile={"ignore-183nosdp": "true"}) as running:
        for variable, rings in (("", False), ("sip_ignore_183nosdp=false", True)):
            invite, _ = await running.dial(f"{{{variable}}}{TO_BOB}")
            running.bob.answer(invite, 183)
            await running.settle()
            assert running.session.channel.ringing is rings
            running.session.hangup()
            await running.settle()


async def test_a_session_timer_of_the_profile_is_asked_for(tmp_path: Path) -> None:
    settings = {"session-timeout": "200", "minimum-session-expires": "150"}
    async with sip_bench(tmp_path, profile=settings) as running:
        for dial, wanted in ((TO_BOB, "200"), (f"{{sofia_session_timeout=600}}{TO_BOB}", "600")):
            invite, _ = await running.dial(dial)
            assert invite.headers.get("Session-Expires") == wanted
            assert invite.headers.get("Min-SE") == "150"
            running.session.hangup()
            await running.settle()


async def test_a_caller_that_stops_to_refresh_is_hung_up(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        headers = {"Session-Expires": "120;refresher=uac", "Supported": "timer"}
        response, session = await running.call("9196", **headers)
        assert response.headers.get("Session-Expires") == "120;refresher=uac"
        await running.settle(60)
        running.alice.ask(
            "UPDATE", within=response, **{"Session-Expires": "120;refresher=uac"}, Supported="timer"
        )
        running.alice.response(200)
        await running.settle(87)
        assert session.channel.up
        await running.settle(2)
        running.alice.request("BYE")
        assert session.channel.hangup_cause is HangupCause.RECOVERY_ON_TIMER_EXPIRE


@pytest.mark.parametrize(
    ("wish", "held"), [("set a=b", True), ("set sip_unhold_nosdp=true", False)]
)
async def test_a_reinvite_without_an_offer_may_end_a_hold_of_ours(
    tmp_path: Path, wish: str, held: bool
) -> None:
    async with sip_bench(tmp_path, extension("1", wish, "answer", "park")) as running:
        response, session = await running.call("1")
        assert (await running.switch.run_command(f"uuid_hold {session.uuid}")).startswith("+OK")
        await running.settle()
        hold = running.alice.request("INVITE")
        running.alice.answer(hold, 200, sdp(4000, "0", "a=recvonly"))
        await running.settle()
        running.alice.ask("INVITE", within=response)
        offer = running.alice.response(200)
        assert (b"a=sendonly" in offer.body) is held
        running.alice.ack(offer, sdp(4000, "0"))
        session.hangup()


async def test_the_body_of_a_bye_is_kept(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        response, session = await running.call("9196")
        running.alice.ask("BYE", body="spent 5 cents", within=response, Content_Type="text/plain")
        await running.settle()
        assert session.get("sip_bye_payload") == "spent 5 cents"


async def test_reinvites_may_be_ignored_and_holds_overlooked(tmp_path: Path) -> None:
    deaf = extension("1", "set sip_ignore_reinvites=true", "answer", "park")
    async with sip_bench(tmp_path, deaf) as running:
        response, session = await running.call("1")
        running.alice.ask("INVITE", "", sdp(4444), within=response)
        assert running.alice.response(200).body == response.body
        assert session.get("remote_media_port") == "4000"
        session.hangup()
    async with sip_bench(tmp_path / "b", ANSWER, profile={"disable-hold": "true"}) as running:
        response, session = await running.call("9196")
        running.alice.ask("INVITE", "", sdp(4000, "0", "a=sendonly"), within=response)
        running.alice.ack(running.alice.response(200))
        assert [told["Unique-ID"] for told in running.events("sofia::reinvite")] == [session.uuid]
        assert session.channel.callstate is CallState.ACTIVE
        session.hangup()
