"""T.38 between two far ends: asked, answered, refused, ended, and overtaken by a hang-up."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip.leg import SipLeg
from softswitch.sdp.description import SessionDescription
from softswitch.sip.message import Request, Response
from softswitch.switch.session import Session
from tests.support.bridged import Call
from tests.support.sip_bench import BOB, SipBench, sdp, sip_bench
from tests.support.stream import FakeStream
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

TO_BOB = "bridge sofia/internal/bob@192.0.2.20:5064"
PASSES = extension("2000", "set t38_passthru=true", TO_BOB)


def fax(host: str, port: int, rate: int = 14400) -> str:
    return (
        f"v=0\r\no=far 1 2 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        f"m=image {port} udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:{rate}\r\n"
        "a=T38FaxUdpEC:t38UDPRedundancy\r\n"
    )


BOBS, ALICES = fax(BOB[0], 6010), fax("192.0.2.10", 4010, 9600)
SOUND_A, SOUND_B = sdp(4000, "0 101"), sdp(6000, "0 101", host=BOB[0])


async def begin(bench: SipBench) -> Call:
    call = Call(bench)
    await call.begin(SOUND_A, SOUND_B)
    return call


async def bob_offers_fax(call: Call) -> Request:
    """Bob hears a fax: what Alice is asked; Bob waits meanwhile."""
    bench = call.bench
    bench.bob.ask("INVITE", body=BOBS, within=call.to_bob)
    await bench.settle()
    return bench.alice.request("INVITE")


def media(bench: SipBench, session: Session) -> FakeStream:
    stream = bench.media(session)
    assert stream.parameters is not None
    return stream


def faxing(session: Session) -> bool:
    assert isinstance(session.leg, SipLeg)
    return session.leg.faxing


def lines(message: Request | Response) -> list[tuple[str, bool]]:
    return [(it.kind, it.port > 0) for it in SessionDescription.parse(message.body).media]


async def test_a_fax_is_asked_of_the_other_far_end_and_answered_as_that_answers(
    tmp_path: Path,
) -> None:
    async with sip_bench(tmp_path, PASSES) as bench:
        call = await begin(bench)
        asked = await bob_offers_fax(call)
        assert lines(asked) == [("audio", False), ("image", True)]
        assert "a=T38MaxBitRate:14400" in asked.body.decode()
        assert not [m for m in bench.bob.received if isinstance(m, Response) and m.status >= 200]
        bench.alice.answer(asked, 200, ALICES)
        await bench.settle()
        bench.alice.request("ACK")
        answered = bench.bob.response(200)
        bench.bob.ack(answered)
        assert lines(answered) == [("image", True)]
        assert "a=T38MaxBitRate:9600" in answered.body.decode()
        for session, there in ((call.a, ("192.0.2.10", 4010)), (call.b, (BOB[0], 6010))):
            parameters = media(bench, session).parameters
            assert parameters is not None and parameters.transparent
            assert parameters.remote_address == there
            assert session.get("has_t38") == "true"
        assert media(bench, call.a).connected_to is media(bench, call.b)
        # Back to sound, which the other far end is asked for, too.
        bench.bob.ask("INVITE", body=SOUND_B, within=call.to_bob)
        await bench.settle()
        bench.bob.ack(bench.bob.response(200))
        asked = bench.alice.request("INVITE")
        assert lines(asked) == [("audio", True), ("image", False)]
        bench.alice.answer(asked, 200, SOUND_A + "m=image 0 udptl t38\r\n")
        await bench.settle()
        for session in (call.a, call.b):
            parameters = media(bench, session).parameters
            assert parameters is not None and not parameters.transparent
            assert not faxing(session)


@pytest.mark.parametrize("status", [488, 415, 606])
async def test_a_refused_fax_leaves_the_call_as_it_was(tmp_path: Path, status: int) -> None:
    async with sip_bench(tmp_path, PASSES) as bench:
        call = await begin(bench)
        assert isinstance(call.a.leg, SipLeg)
        before = call.a.leg.rtp.offer
        asked = await bob_offers_fax(call)
        bench.alice.answer(asked, status)
        await bench.settle()
        assert bench.bob.response(488)
        assert call.a.leg.rtp.offer == before
        for session in (call.a, call.b):
            parameters = media(bench, session).parameters
            assert parameters is not None and not parameters.transparent
            assert session.channel.up and not faxing(session)


async def test_an_answer_without_fax_is_a_refusal_and_sound_is_asked_for_again(
    tmp_path: Path,
) -> None:
    async with sip_bench(tmp_path, PASSES) as bench:
        call = await begin(bench)
        asked = await bob_offers_fax(call)
        bench.alice.answer(asked, 200, ALICES.replace("m=image 4010", "m=image 0"))
        await bench.settle()
        assert bench.bob.response(488)
        again = bench.alice.request("INVITE")
        assert lines(again) == [("audio", True), ("image", False)]
        bench.alice.answer(again, 200, SOUND_A + "m=image 0 udptl t38\r\n")
        await bench.settle()
        assert not faxing(call.a) and call.a.channel.up


@pytest.mark.parametrize(
    "route",
    [
        extension("2000", TO_BOB),
        extension("2000", "set t38_passthru=false", TO_BOB),
    ],
)
async def test_nothing_passes_that_nobody_lets_pass(tmp_path: Path, route: str) -> None:
    async with sip_bench(tmp_path, route) as bench:
        call = await begin(bench)
        bench.bob.ask("INVITE", body=BOBS, within=call.to_bob)
        await bench.settle()
        assert bench.bob.response(488)
        assert not [m for m in bench.alice.received if isinstance(m, Request)]


async def test_the_profile_may_let_all_faxes_pass(tmp_path: Path) -> None:
    profile = {"t38-passthru": "true"}
    async with sip_bench(tmp_path, extension("2000", TO_BOB), profile=profile) as bench:
        assert lines(await bob_offers_fax(await begin(bench)))[-1] == ("image", True)


async def test_once_is_once(tmp_path: Path) -> None:
    route = extension("2000", "set t38_passthru=once", TO_BOB)
    async with sip_bench(tmp_path, route) as bench:
        call = await begin(bench)
        bench.alice.answer(await bob_offers_fax(call), 488)
        await bench.settle()
        assert bench.bob.response(488)
        bench.bob.ask("INVITE", body=BOBS, within=call.to_bob)
        await bench.settle()
        assert bench.bob.response(488)


async def test_a_fax_that_is_offered_again_is_answered_at_once(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, PASSES) as bench:
        call = await begin(bench)
        bench.alice.answer(await bob_offers_fax(call), 200, ALICES)
        await bench.settle()
        bench.bob.ack(bench.bob.response(200))
        bench.alice.request("ACK")
        bench.bob.ask("INVITE", body=BOBS.replace("6010", "6020"), within=call.to_bob)
        await bench.settle()
        bench.bob.ack(bench.bob.response(200))
        parameters = media(bench, call.b).parameters
        assert parameters is not None and parameters.remote_address == (BOB[0], 6020)
        assert not [m for m in bench.alice.received if isinstance(m, Request)]


async def test_who_is_asked_may_hang_up_instead(tmp_path: Path) -> None:
    route = extension("2000", "set t38_passthru=true", "set park_after_bridge=true", TO_BOB)
    async with sip_bench(tmp_path, route) as bench:
        call = await begin(bench)
        bench.alice.ask("INVITE", body=ALICES, within=call.to_alice)
        await bench.settle()
        asked = bench.bob.request("INVITE")
        bench.bob.ask("BYE", within=call.to_bob)
        await bench.settle()
        assert bench.alice.response(488)
        assert call.a.channel.up
        bench.bob.answer(asked, 487)
        await bench.settle()


async def test_who_stays_alone_hears_the_switch_again(tmp_path: Path) -> None:
    route = extension("2000", "set t38_passthru=true", "set park_after_bridge=true", TO_BOB)
    async with sip_bench(tmp_path, route) as bench:
        call = await begin(bench)
        bench.alice.answer(await bob_offers_fax(call), 200, ALICES)
        await bench.settle()
        bench.bob.ack(bench.bob.response(200))
        bench.alice.request("ACK")
        bench.bob.ask("BYE", within=call.to_bob)
        await bench.settle()
        asked = bench.alice.request("INVITE")
        assert lines(asked) == [("audio", True), ("image", False)]
        bench.alice.answer(asked, 200, SOUND_A + "m=image 0 udptl t38\r\n")
        await bench.settle()
        assert not faxing(call.a)
