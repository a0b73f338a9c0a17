"""One SIP leg through its life: rung, answered, held, sent digits, ended, on both sides."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import pytest

from softswitch.endpoints.rtp import RtpMedia
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.channel import Channel
from softswitch.switch.session import Session
from softswitch.switch.states import CallState
from tests.support.engine import far_end
from tests.support.sip_bench import ALICE, BOB, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

ANSWER = extension("9196", "answer", "park")
RING = extension("180", "ring_ready", "park")
EARLY = extension("183", "pre_answer", "park")
BRIDGE = extension("1001", "bridge sofia/internal/1001@192.0.2.20:5064")
TO_BOB = f"sofia/internal/1001@{BOB[0]}:{BOB[1]}"


# The caller's side


async def test_answers_look_as_recorded(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        response, session = await running.call("9196")
        headers = response.headers
        assert headers.get("Contact") == "<sip:9196@192.0.2.1:5060>"
        assert (headers.get("User-Agent") or "").startswith("softswitch/")
        assert "REFER" in (headers.get("Allow") or "")
        assert "presence" in (headers.get("Allow-Events") or "")
        assert headers.get("Content-Type") == "application/sdp"
        assert headers.get("Content-Disposition") == "session"
        assert session.channel.callstate is CallState.ACTIVE


async def test_a_call_that_ends_in_a_wrong_state_is_told(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("1", "hangup WRONG_CALL_STATE")) as running:
        running.alice.ask("INVITE", "1", sdp())
        await running.settle()
        (told,) = running.events("sofia::wrong_call_state")
        assert (told["from_user"], told["network_ip"]) == ("1000", ALICE[0])
        assert told["network_port"] == str(ALICE[1])


async def test_a_place_where_many_talk_says_so(tmp_path: Path) -> None:
    early = extension("183", "pre_answer is_conference", "park")
    plan = (extension("9196", "answer is_conference", "park"), early)
    async with sip_bench(tmp_path, *plan) as running:
        response, _ = await running.call("9196")
        assert response.headers.get("Contact") == "<sip:9196@192.0.2.1:5060>;isfocus"
        await running.invite("183")
        contact = running.alice.response(183).headers.get("Contact") or ""
        assert contact.endswith(">;isfocus")


async def test_figures_of_a_running_call_are_left_in_its_variables(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        _, session = await running.call("9196")
        native = far_end(session.media)
        native.figures = {"packets_in": 12}
        assert session.get("rtp_audio_in_packet_count") is None
        session.leg.note_media()
        assert session.get("rtp_audio_in_packet_count") == "12"
        native.figures = {"packets_in": 30}
        session.hangup()
        await running.settle()
        assert session.get("rtp_audio_in_packet_count") == "30"


async def test_the_dialplans_headers_go_where_they_belong(tmp_path: Path) -> None:
    headers = ("set sip_ph_X-Early=p", "set sip_rh_X-Final=r", "set sip_bye_h_X-Bye=b")
    both = extension("9196", *headers, "ring_ready", "answer", "hangup")
    refuse = extension("486", *headers, "hangup USER_BUSY")
    async with sip_bench(tmp_path, both, refuse) as running:
        running.alice.ask("INVITE", "9196", sdp())
        await running.settle()
        assert running.alice.response(180).headers.get("X-Early") == "p"
        answer = running.alice.response(200)
        assert answer.headers.get("X-Final") == "r"
        running.alice.ack(answer)
        bye = running.alice.request("BYE")
        assert bye.headers.get("X-Bye") == "b"
        assert bye.headers.get("Reason") == 'Q.850;cause=16;text="NORMAL_CLEARING"'
        running.alice.answer(bye, 200)
        running.alice.ask("INVITE", "486", sdp())
        await running.settle()
        refusal = running.alice.response(486)
        assert refusal.headers.get("X-Final") == "r"
        assert "X-Bye" not in refusal.headers
        assert refusal.headers.get("Reason") == 'Q.850;cause=17;text="USER_BUSY"'


async def test_ringing_and_early_media(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, RING, EARLY) as running:
        await running.invite("180")
        assert not running.alice.response(180).body
        _, session = await running.invite("183")
        progress = running.alice.response(183)
        assert b"m=audio" in progress.body
        assert session.channel.early_media


async def test_the_answer_after_early_media_says_the_same(tmp_path: Path) -> None:
    early = extension("183", "pre_answer", "sleep 1000", "answer", "park")
    async with sip_bench(tmp_path, early) as running:
        await running.invite("183")
        body = running.alice.response(183).body
        await running.settle(1.1)
        answer = running.alice.response(200)
        assert answer.body == body
        running.alice.ack(answer)


async def test_a_caller_who_gives_up(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, RING) as running:
        invite, session = await running.invite("180")
        running.alice.ask(
            "CANCEL",
            uri=invite.uri,
            cseq=invite.cseq.number,
            call_id=invite.call_id,
            Via=invite.headers.get("Via") or "",
            From=invite.headers.get("From") or "",
            To=invite.headers.get("To") or "",
        )
        await running.settle()
        running.alice.response(487)
        assert session.channel.hangup_cause is HangupCause.ORIGINATOR_CANCEL
        assert session.get("sip_hangup_disposition") == "recv_cancel"


async def test_a_bye_tells_its_cause_and_headers(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        response, session = await running.call("9196")
        running.alice.ask("BYE", within=response, Reason="Q.850;cause=27", X_Why="because")
        await running.settle()
        assert running.alice.response(200).cseq.method == "BYE"
        assert session.channel.hangup_cause is HangupCause.DESTINATION_OUT_OF_ORDER
        assert session.get("sip_hangup_disposition") == "recv_bye"
        assert session.get("sip_term_status") == "200"
        assert session.get("sip_term_cause") == "27"
        assert session.get("sip_bye_h_X-Why") == "because"


async def test_a_bye_tells_the_far_ends_own_figures(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        response, session = await running.call("9196")
        assert session.get("sip_p_rtp_stat") is None
        running.alice.ask(
            "BYE",
            within=response,
            P_RTP_Stat="PS=207,OS=49680,PR=314,OR=50240,PL=0,JI=600,LA=40",
            RTP_RxStat="Dur=4,Pkt=200",
            RTP_TxStat="Dur=4,Pkt=201",
        )
        await running.settle()
        assert (session.get("sip_p_rtp_stat") or "").startswith("PS=207,")
        assert session.get("sip_rtp_rxstat") == "Dur=4,Pkt=200"
        assert session.get("sip_rtp_txstat") == "Dur=4,Pkt=201"


@pytest.mark.parametrize("sticky", [True, False])
async def test_requests_may_go_back_to_where_a_call_came_from(tmp_path: Path, sticky: bool) -> None:
    actions = ("set sip_sticky_contact=true", "answer", "park") if sticky else ("answer", "park")
    async with sip_bench(tmp_path, extension("9196", *actions)) as running:
        _, session = await running.call("9196", Contact="<sip:1000@192.0.2.66:5099>")
        lost = len(running.air.lost)
        session.hangup()
        await running.settle()
        if sticky:
            assert running.alice.request("BYE").uri == "sip:1000@192.0.2.66:5099"
            assert session.get("sip_nat_detected") == "true"
        assert (len(running.air.lost) > lost) is not sticky


async def test_digits_are_as_far_apart_as_is_asked_for(tmp_path: Path) -> None:
    actions = extension("9196", "set rtp_digit_delay=200", "answer", "park")
    async with sip_bench(tmp_path, actions) as running:
        _, session = await running.call("9196")
        session.leg.send_digits("12", 100)
        assert far_end(session.media).digit_gap_ms == 200


async def test_a_reason_may_be_ignored_and_withheld(tmp_path: Path) -> None:
    silent = extension(
        "9196", "set ignore_q850_reason=true", "set disable_q850_reason=true", "answer", "park"
    )
    async with sip_bench(tmp_path, silent) as running:
        response, session = await running.call("9196")
        running.alice.ask("BYE", within=response, Reason="Q.850;cause=27")
        await running.settle()
        assert session.channel.hangup_cause is HangupCause.NORMAL_CLEARING
        running.alice.response(200)
        response, session = await running.call("9196")
        session.hangup()
        assert "Reason" not in running.alice.request("BYE").headers


async def test_respond_chooses_status_and_phrase(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("9196", "respond 488 No thanks")) as running:
        running.alice.ask("INVITE", "9196", sdp())
        await running.settle()
        assert running.alice.response(488).reason == "No thanks"


async def test_redirect_sends_the_caller_elsewhere(tmp_path: Path) -> None:
    elsewhere = extension("9196", "redirect sip:a@192.0.2.9,2000")
    async with sip_bench(tmp_path, elsewhere) as running:
        running.alice.ask("INVITE", "9196", sdp())
        await running.settle()
        contacts = running.alice.response(300).headers.get("Contact")
        assert contacts == "<sip:a@192.0.2.9>;q=0.129, <sip:2000@192.0.2.1>;q=0.128"
        (ended,) = running.events("CHANNEL_HANGUP_COMPLETE")
        assert ended["Hangup-Cause"] == "NORMAL_UNSPECIFIED"


async def test_a_called_leg_cannot_be_redirected(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        await running.dial(TO_BOB)
        session = running.session
        with pytest.raises(CallFailed):
            session.leg.redirect("2000")
        session.hangup()


async def test_deflect_refers_an_answered_caller(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        _, session = await running.call("9196")
        session.set("sip_h_X-Ticket", "7")
        session.leg.deflect("2000")
        refer = running.alice.request("REFER")
        assert refer.headers.get("Refer-To") == "<sip:2000@192.0.2.1>"
        assert refer.headers.get("Contact") == refer.headers.get("Referred-By")
        assert refer.headers.get("X-Ticket") == "7"
        running.alice.answer(refer, 202)
        notify = running.alice.ask("NOTIFY", within=refer, Event="refer")
        assert notify.method == "NOTIFY"
        await running.settle()
        running.alice.response(200)


# Offers


async def test_an_invite_without_an_offer_is_offered_one(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        _, session = await running.invite("9196", "")
        offer = running.alice.response(200)
        assert b"PCMU" in offer.body and b"PCMA" in offer.body
        running.alice.ack(offer, sdp(4000, "8"))
        await running.settle()
        assert session.get("read_codec") == "PCMA"
        parameters = running.media(session).parameters
        assert parameters is not None and parameters.remote_address == (ALICE[0], 4000)


async def test_an_ack_without_the_answer_ends_the_call(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        _, session = await running.invite("9196", "")
        running.alice.ack(running.alice.response(200))
        await running.settle()
        assert session.channel.hangup_cause is HangupCause.INCOMPATIBLE_DESTINATION


async def test_hold_and_unhold_are_told(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        response, session = await running.call("9196")
        running.alice.ask("INVITE", "", sdp(4000, "0", "a=sendonly"), within=response)
        held = running.alice.response(200)
        assert b"a=recvonly" in held.body
        running.alice.ack(held)
        assert session.channel.callstate is CallState.HELD
        assert len(running.events("CHANNEL_HOLD")) == 1
        running.alice.ask("UPDATE", "", sdp(4000, "0", "a=sendrecv"), within=response)
        assert b"a=recvonly" not in running.alice.response(200).body
        assert session.channel.callstate is CallState.ACTIVE
        assert len(running.events("CHANNEL_UNHOLD")) == 1


async def test_a_reinvite_moves_the_media(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        response, session = await running.call("9196")
        running.alice.ask("INVITE", "", sdp(4444, host="192.0.2.77"), within=response)
        running.alice.ack(running.alice.response(200))
        parameters = running.media(session).parameters
        assert parameters is not None and parameters.remote_address == ("192.0.2.77", 4444)
        assert session.get("remote_media_port") == "4444"


async def test_a_reinvite_that_fits_nothing_changes_nothing(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        response, session = await running.call("9196")
        running.alice.ask("INVITE", "", sdp(4444, "9"), within=response)
        running.alice.response(488)
        running.alice.ask("INVITE", "", "nonsense", within=response)
        running.alice.response(488)
        assert session.channel.up
        assert session.get("remote_media_port") == "4000"


async def test_a_reinvite_without_an_offer_is_answered_by_its_ack(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        response, session = await running.call("9196")
        running.alice.ask("INVITE", "", within=response)
        offer = running.alice.response(200)
        assert b"PCMU" in offer.body
        running.alice.ack(offer, sdp(4888, "0", "a=sendonly"))
        await running.settle()
        parameters = running.media(session).parameters
        assert parameters is not None and parameters.remote_address == (ALICE[0], 4888)
        assert session.channel.callstate is CallState.HELD


async def test_we_hold_and_take_back(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        _, session = await running.call("9196")
        session.leg.hold()
        reinvite = running.alice.request("INVITE")
        assert b"a=sendonly" in reinvite.body
        running.alice.answer(reinvite, 200, sdp(4000, "0", "a=recvonly"))
        running.alice.request("ACK")
        assert session.channel.callstate is CallState.ACTIVE
        session.leg.unhold()
        assert b"a=sendonly" not in running.alice.request("INVITE").body


async def test_only_an_answered_call_is_held(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, RING) as running:
        _, session = await running.invite("180")
        with pytest.raises(CallFailed):
            session.leg.hold()


# Digits


async def test_digits_by_info_in_and_out(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        _, session = await running.invite("9196", sdp(4000, "0"))
        response = running.alice.response(200)
        running.alice.ack(response)
        running.alice.ask(
            "INFO", "", "Signal=5\r\nDuration=160", within=response,
            Content_Type="application/dtmf-relay",
        )  # fmt: skip
        await running.settle()
        running.alice.response(200)
        (told,) = running.events("DTMF")
        assert (told["DTMF-Digit"], told["DTMF-Source"]) == ("5", "ENDPOINT")
        session.leg.send_digits("7", 250)
        info = running.alice.request("INFO")
        assert info.body == b"Signal=7\r\nDuration=250\r\n"
        assert info.content_type == "application/dtmf-relay"


async def test_digits_go_inside_rtp_where_the_far_end_takes_them(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        _, session = await running.call("9196")
        session.leg.send_digits("7#", 250)
        assert running.media(session).digits_sent == "7#"


async def test_no_digits_where_none_are_wished(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER, profile={"dtmf-type": "none"}) as running:
        response, session = await running.call("9196")
        assert b"telephone-event" not in response.body
        running.alice.received.clear()
        session.leg.send_digits("7", 250)
        assert not running.alice.received
        assert not running.media(session).digits_sent
        assert session.get("dtmf_type") == "none"


# The called side


async def test_progress_of_a_called_leg(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        invite, task = await running.dial(TO_BOB)
        session = running.session
        running.bob.answer(invite, 180, X_Early="p", User_Agent="Bob's phone")
        assert session.channel.ringing
        assert session.get("sip_ph_X-Early") == "p"
        assert session.get("sip_user_agent") == "Bob's phone"
        running.bob.answer(invite, 183, sdp(5000, host=BOB[0]))
        assert session.channel.early_media
        running.bob.answer(invite, 200, sdp(5000, host=BOB[0]), X_Final="r")
        running.bob.request("ACK")
        assert (await task).startswith("+OK")
        assert session.get("sip_rh_X-Final") == "r"
        assert session.get("sip_to_tag") == "1001-tag"
        assert session.get("remote_media_port") == "5000"
        session.hangup()


async def test_an_answer_without_a_description_ends_the_call(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        invite, task = await running.dial(TO_BOB)
        running.bob.answer(invite, 200)
        assert await task == "-ERR INCOMPATIBLE_DESTINATION\n"
        running.bob.request("BYE")


async def test_a_refusal_tells_all_it_knows(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        invite, task = await running.dial(TO_BOB)
        session = running.session
        running.bob.answer(invite, 486, Reason="Q.850;cause=21")
        assert await task == "-ERR CALL_REJECTED\n"
        assert session.get("sip_invite_failure_status") == "486"
        assert session.get("sip_invite_failure_phrase") == "Busy Here"
        assert session.get("sip_hangup_phrase") == "Busy Here"
        assert session.get("sip_term_status") == "486"
        assert session.get("sip_term_cause") == "21"
        assert session.get("proto_specific_hangup_cause") == "sip:486"
        assert session.get("sip_hangup_disposition") == "recv_refuse"
        assert running.profile.calls_out_failed == 1


async def test_the_caller_is_refused_with_the_called_legs_status(tmp_path: Path) -> None:
    ignoring = extension("2", "set sip_ignore_remote_cause=true", f"bridge {TO_BOB}")
    async with sip_bench(tmp_path, BRIDGE, ignoring) as running:
        await running.invite("1001")
        running.bob.answer(running.bob.request("INVITE"), 606)
        await running.settle()
        running.alice.response(606)
        await running.invite("2")
        running.bob.received.clear()
        await running.settle()


async def test_a_call_given_up_is_cancelled(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        invite, task = await running.dial(TO_BOB)
        running.bob.answer(invite, 180)
        session = running.session
        session.hangup(HangupCause.LOSE_RACE)
        cancel = running.bob.request("CANCEL")
        assert "Call completed elsewhere" in (cancel.headers.get("Reason") or "")
        running.bob.answer(cancel, 200)
        running.bob.answer(invite, 487)
        await task
        assert session.get("sip_invite_failure_status") == "487"
        assert session.get("sip_hangup_disposition") == "send_cancel"


async def test_silence_ends_a_called_leg(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        _, task = await running.dial(TO_BOB)
        async with asyncio.timeout(100):
            assert await task == "-ERR RECOVERY_ON_TIMER_EXPIRE\n"


async def test_a_redirection_is_followed(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        invite, task = await running.dial(TO_BOB)
        session = running.session
        carol = running.party("carol", ("192.0.2.30", 5060))
        running.bob.answer(invite, 302, Contact="<sip:carol@192.0.2.30>")
        second = carol.request("INVITE")
        assert second.uri == "sip:carol@192.0.2.30"
        assert session.get("sip_redirected_to") == "sip:carol@192.0.2.30"
        carol.answer(second, 200, sdp(host="192.0.2.30"))
        assert (await task).startswith("+OK")
        session.hangup()


async def test_redirections_end_somewhere(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        invite, task = await running.dial(TO_BOB)
        for _ in range(5):
            running.bob.answer(invite, 302, Contact="<sip:x@192.0.2.20:5064>")
            running.bob.request("ACK")
            invite = running.bob.request("INVITE")
        running.bob.answer(invite, 302, Contact="<sip:x@192.0.2.20:5064>")
        assert (await task).startswith("-ERR")


@pytest.mark.parametrize("contact", ["<sip:", "", "<tel:+49>", "garbage<"])
async def test_a_redirection_to_nowhere_ends_the_call(tmp_path: Path, contact: str) -> None:
    async with sip_bench(tmp_path) as running:
        invite, task = await running.dial(TO_BOB)
        running.bob.answer(invite, 302, Contact=contact)
        async with asyncio.timeout(100):
            assert (await task).startswith("-ERR")


async def test_codecs_of_the_caller_come_first_and_may_be_inherited(tmp_path: Path) -> None:
    inherit = extension("1001", "set inherit_codec=true", f"bridge {TO_BOB}")
    late = {"inbound-late-negotiation": "true"}
    async with sip_bench(tmp_path, inherit, profile=late) as running:
        await running.invite("1001", sdp(4000, "8 0"))
        invite = running.bob.request("INVITE")
        assert b"RTP/AVP 8 0 101" in invite.body
        running.bob.answer(invite, 200, sdp(5000, "0", host=BOB[0]))
        await running.settle()
        answer = running.alice.response(200)
        assert b"PCMU" in answer.body and b"PCMA" not in answer.body
        running.alice.ack(answer)


def parts_of_calls() -> set[int]:
    """Where what calls are made of lies."""
    kinds = (Session, Channel, RtpMedia)
    return {id(one) for one in gc.get_objects() if isinstance(one, kinds)}


async def test_a_call_that_is_over_is_freed_without_the_collector(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE) as running:
        gc.collect()
        gc.disable()
        try:
            before = parts_of_calls()
            await running.invite("1001")
            running.bob.answer(running.bob.request("INVITE"), 200, sdp(host=BOB[0]))
            await running.settle()
            assert len(parts_of_calls() - before) == 6
            answer = running.alice.response(200)
            running.alice.ack(answer)
            running.alice.ask("BYE", within=answer)
            await running.settle()
            running.bob.answer(running.bob.request("BYE"), 200)
            # Transactions that are over are remembered for so long.
            await running.settle(40)
            assert not parts_of_calls() - before
        finally:
            gc.enable()


async def test_a_dialplan_may_keep_to_where_a_callers_requests_come_from(tmp_path: Path) -> None:
    kept = extension("9196", "set sip_force_nat_mode=true", "answer", "park")
    async with sip_bench(tmp_path, kept) as running:
        _, session = await running.invite("9196", Contact="<sip:1000@10.9.8.7:5060>")
        running.alice.ack(running.alice.response(200))
        assert session.get("sip_nat_detected") == "true"
        session.hangup()
        await running.settle()
        assert running.alice.request("BYE")
