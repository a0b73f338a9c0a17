"""Calls on a bad day: silence, repetition, races, lost connections."""

from __future__ import annotations

import asyncio
import socket

import pytest

from softswitch.sip.message import Response
from tests.support.server import DOMAIN, until
from tests.support.serving import Serve
from tests.support.sip_socket import SDP
from tests.support.switch import extension

ECHO = extension("9196", "answer", "echo")
PARK = extension("5900", "answer", "park")
LOCAL = extension("(10..)", f"bridge user/$1@{DOMAIN}")
HURRY = {"timer-T1": "10"}
"""Gives up after 0.64 s instead of 32."""


async def test_an_invite_that_comes_again_makes_no_second_call(serve: Serve) -> None:
    server = await serve(PARK)
    wire = await server.socket()
    invite = wire.build("INVITE", f"sip:5900@{DOMAIN}", body=SDP)
    wire.send(invite)
    answer = await wire.response()
    wire.send(invite)
    again = await wire.response()
    assert (answer.status, again.to.tag) == (200, answer.to.tag)
    assert len(server.sessions) == 1
    tag = answer.to.tag or ""
    wire.send(wire.build("ACK", f"sip:5900@{DOMAIN}", to_tag=tag, cseq=1))
    assert (await wire.ask("BYE", f"sip:5900@{DOMAIN}", to_tag=tag, cseq=2)).status == 200
    await until(lambda: not server.sessions, "the end")


async def test_the_same_call_by_two_ways_is_one_call(serve: Serve) -> None:
    server = await serve(extension("1", "sleep 60000"))
    wire = await server.socket()
    wire.send(wire.build("INVITE", f"sip:1@{DOMAIN}", body=SDP, cseq=1))
    await until(lambda: len(server.sessions) == 1, "the call")
    merged = await wire.ask("INVITE", f"sip:1@{DOMAIN}", body=SDP, cseq=1)
    assert merged.status == 482
    assert len(server.sessions) == 1
    await server.api("hupall")


async def test_an_answer_that_nobody_acknowledges_ends_the_call(serve: Serve) -> None:
    server = await serve(PARK, profile=HURRY)
    wire = await server.socket()
    wire.send(wire.build("INVITE", f"sip:5900@{DOMAIN}", body=SDP))
    assert (await wire.response()).status == 200
    repeated = await wire.response()
    assert repeated.status == 200
    bye = await wire.request("BYE")
    wire.respond(bye, 200)
    await until(lambda: not server.sessions, "the end")


async def test_a_phone_that_is_switched_off_times_out(serve: Serve) -> None:
    server = await serve(profile=HURRY)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        answer = await server.api(
            f"originate sofia/internal/sip:x@127.0.0.1:{silent.getsockname()[1]} 9196"
        )
    assert answer == "-ERR RECOVERY_ON_TIMER_EXPIRE\n"


async def test_a_phone_that_refuses_the_connection_fails_at_once(serve: Serve) -> None:
    server = await serve()
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        port = deaf.getsockname()[1]
        there = f"sofia/internal/sip:x@127.0.0.1:{port};transport=tcp"
        answer = await server.api(f"originate {there} 9196")
    assert answer == "-ERR NORMAL_TEMPORARY_FAILURE\n"


async def test_a_name_that_does_not_exist_fails(serve: Serve) -> None:
    server = await serve()
    answer = await server.api("originate sofia/internal/sip:x@nowhere.invalid 9196")
    assert answer == "-ERR DESTINATION_OUT_OF_ORDER\n"


async def test_a_cancel_that_crosses_the_answer_ends_the_call(serve: Serve) -> None:
    server = await serve()
    wire = await server.socket()
    host, port = wire.local[:2]
    ringing = asyncio.get_running_loop().create_task(
        server.api(f"originate {{originate_timeout=1}}sofia/internal/sip:x@{host}:{port} 9196")
    )
    invite = await wire.request("INVITE")
    wire.respond(invite, 180)
    cancel = await wire.request("CANCEL")
    wire.respond(invite, 200, headers=(("Contact", f"<sip:x@{host}:{port}>"),), body=SDP)
    wire.respond(cancel, 200)
    bye = await wire.request("BYE")
    wire.respond(bye, 200)
    assert await ringing == "-ERR NO_ANSWER\n"


async def test_a_callee_that_knows_the_call_no_more_ends_it(serve: Serve) -> None:
    server = await serve(PARK)
    wire = await server.socket()
    host, port = wire.local[:2]
    task = asyncio.get_running_loop().create_task(
        server.api(f"originate sofia/internal/sip:x@{host}:{port} 5900")
    )
    invite = await wire.request("INVITE")
    contact = (("Contact", f"<sip:x@{host}:{port}>"), ("Content-Type", "application/sdp"))
    wire.respond(invite, 200, headers=contact, body=SDP)
    assert (await task).startswith("+OK")
    (session,) = server.sessions
    await server.api(f"uuid_hold {session.uuid}")
    while (request := await wire.request("INVITE")).headers.get("CSeq") == "1 INVITE":
        pass
    wire.respond(request, 481)
    wire.respond(await wire.request("BYE"), 481)
    await until(lambda: not server.sessions, "the end")
    assert server.ended()[0]["Hangup-Cause"] == "NORMAL_TEMPORARY_FAILURE"


async def test_a_call_goes_on_when_its_tcp_connection_breaks(serve: Serve) -> None:
    server = await serve(ECHO)
    alice = await server.phone("1000", transport="tcp")
    call = alice.call("9196")
    await call.expect_answer()
    for listener in alice._driver._listeners.values():
        for connection in listener._connections:  # type: ignore[union-attr]
            connection._transport.abort()
    await call.play("tone_stream://%(9000,0,440)")
    await call.hear(440)
    await server.api("hupall")
    await call.expect_end()


async def test_a_reinvite_may_change_the_codec(serve: Serve) -> None:
    server = await serve(ECHO)
    wire = await server.socket()
    wire.send(wire.build("INVITE", f"sip:9196@{DOMAIN}", body=SDP, cseq=1))
    answer = await wire.response()
    tag = answer.to.tag or ""
    wire.send(wire.build("ACK", f"sip:9196@{DOMAIN}", to_tag=tag, cseq=1))
    other = SDP.replace("RTP/AVP 0", "RTP/AVP 8").replace("o=- 1 1", "o=- 1 2")
    second = await wire.ask("INVITE", f"sip:9196@{DOMAIN}", body=other, to_tag=tag, cseq=2)
    assert b"RTP/AVP 8" in second.body
    wire.send(wire.build("ACK", f"sip:9196@{DOMAIN}", to_tag=tag, cseq=2))
    await until(lambda: server.sessions[0].get("read_codec") == "PCMA", "the new codec")
    assert (await wire.ask("BYE", f"sip:9196@{DOMAIN}", to_tag=tag, cseq=3)).status == 200
    await until(lambda: not server.sessions, "the end")


async def test_a_reinvite_that_fits_no_codec_leaves_the_call_as_it_is(serve: Serve) -> None:
    server = await serve(ECHO)
    wire = await server.socket()
    wire.send(wire.build("INVITE", f"sip:9196@{DOMAIN}", body=SDP, cseq=1))
    tag = (await wire.response()).to.tag or ""
    wire.send(wire.build("ACK", f"sip:9196@{DOMAIN}", to_tag=tag, cseq=1))
    other = SDP.replace("RTP/AVP 0", "RTP/AVP 18")
    refused = await wire.ask("INVITE", f"sip:9196@{DOMAIN}", body=other, to_tag=tag, cseq=2)
    assert refused.status == 488
    assert server.sessions[0].get("read_codec") == "PCMU"
    assert (await wire.ask("BYE", f"sip:9196@{DOMAIN}", to_tag=tag, cseq=3)).status == 200
    await until(lambda: not server.sessions, "the end")


@pytest.mark.parametrize("method", ["UPDATE", "OPTIONS", "INFO", "MESSAGE"])
async def test_requests_within_a_call_are_answered(serve: Serve, method: str) -> None:
    server = await serve(PARK)
    wire = await server.socket()
    wire.send(wire.build("INVITE", f"sip:5900@{DOMAIN}", body=SDP, cseq=1))
    tag = (await wire.response()).to.tag or ""
    wire.send(wire.build("ACK", f"sip:5900@{DOMAIN}", to_tag=tag, cseq=1))
    answer = await wire.ask(method, f"sip:5900@{DOMAIN}", to_tag=tag, cseq=2)
    assert answer.status == 200
    assert (await wire.ask("BYE", f"sip:5900@{DOMAIN}", to_tag=tag, cseq=3)).status == 200
    late = await wire.ask(method, f"sip:5900@{DOMAIN}", to_tag=tag, cseq=4)
    assert late.status == 481
    await until(lambda: not server.sessions, "the end")


UNKNOWN_CALL = f"<sip:1002@{DOMAIN}?Replaces=call%3Bto-tag%3D1%3Bfrom-tag%3D2>"


@pytest.mark.parametrize(("target", "status"), [("<garbage>", 400), ("", 400), (UNKNOWN_CALL, 202)])
async def test_a_transfer_to_nowhere_is_refused(serve: Serve, target: str, status: int) -> None:
    server = await serve(LOCAL)
    bob = await server.phone("1001", register=True)
    wire = await server.socket()
    uri = f"sip:1001@{DOMAIN}"
    wire.send(wire.build("INVITE", uri, body=SDP, cseq=1))
    b = await bob.expect_call()
    b.answer()
    tag = (await wire.response()).to.tag or ""
    wire.send(wire.build("ACK", uri, to_tag=tag, cseq=1))
    refer = (("Refer-To", target),)
    refused = await wire.ask("REFER", uri, to_tag=tag, cseq=2, headers=refer)
    assert refused.status == status
    if status == 202:
        told = []
        while not told or told[-1].startswith(b"SIP/2.0 1"):
            notify = await wire.request("NOTIFY")
            told.append(notify.body)
            wire.respond(notify, 200)
        assert told == [b"SIP/2.0 100 Trying\r\n", b"SIP/2.0 403 Forbidden\r\n"]
    assert [session.channel.up for session in server.sessions] == [True, True]
    assert (await wire.ask("BYE", uri, to_tag=tag, cseq=3)).status == 200
    await b.expect_end()


async def test_sdp_that_makes_no_sense_is_refused(serve: Serve) -> None:
    server = await serve(ECHO)
    wire = await server.socket()
    bodies = ("v=0\r\n", "garbage", SDP.replace("m=audio 9", "m=audio 99999"))
    for number, body in enumerate(bodies):
        answer = await wire.ask("INVITE", f"sip:9196@{DOMAIN}", body=body, call_id=f"{number}")
        assert isinstance(answer, Response)
        assert 400 <= answer.status < 500
    await until(lambda: not server.sessions, "the end")


async def test_a_port_of_zero_means_no_audio(serve: Serve) -> None:
    server = await serve(ECHO)
    wire = await server.socket()
    body = SDP.replace("m=audio 9", "m=audio 0")
    answer = await wire.ask("INVITE", f"sip:9196@{DOMAIN}", body=body)
    assert answer.status == 488
    await until(lambda: not server.sessions, "the end")


async def test_no_port_is_left_for_media(serve: Serve) -> None:
    server = await serve(ECHO)
    alice = await server.phone("1000")
    held = []
    with pytest.raises(OSError):
        while True:
            held.append(server.switch.engine.open_stream("127.0.0.1"))
    assert await alice.call("9196").expect_end() == 503
    for stream in held:
        stream.close()
    call = alice.call("9196")
    await call.expect_answer()
    call.hangup()
