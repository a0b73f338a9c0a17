"""Requests that go on to the partner's far end: which, to whom, and how they are answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.sip.message import Request
from tests.endpoints.sip.test_transfer import BRIDGE, bridged
from tests.support.sip_bench import SipBench, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

PARKED = extension("9196", "answer", "park")


def requests(running: SipBench) -> list[str]:
    """The methods of what came to Bob."""
    return [each.method for each in running.bob.received if isinstance(each, Request)]


@pytest.mark.parametrize(
    ("setting", "method", "headers", "passes"),
    [
        ({}, "INFO", {"Content-Type": "text/plain"}, False),
        ({"proxy-info": "true"}, "INFO", {"Content-Type": "text/plain"}, True),
        ({"proxy-info-content-types": "a/b,text/plain"}, "INFO", {"Content-Type": "Text/Plain"}, True),  # noqa: E501
        ({"proxy-info-content-types": "a/b"}, "INFO", {"Content-Type": "text/plain"}, False),
        ({"proxy-info-content-types": "all"}, "INFO", {"Content-Type": "text/plain"}, True),
        ({}, "MESSAGE", {"Content-Type": "text/plain"}, False),
        ({"proxy-message": "true"}, "MESSAGE", {"Content-Type": "text/plain"}, True),
        ({"proxy-notify-events": "talk"}, "NOTIFY", {"Event": "talk"}, True),
        ({"proxy-notify-events": "all"}, "NOTIFY", {"Event": "hold;x=1"}, True),
        ({"proxy-notify-events": "talk"}, "NOTIFY", {"Event": "hold"}, False),
        ({"proxy-notify-events": "all"}, "NOTIFY", {}, False),
        ({"proxy-info": "true"}, "OPTIONS", {}, False),
    ],
)  # fmt: skip
async def test_what_the_profile_names_goes_on_as_it_came(
    tmp_path: Path, setting: dict[str, str], method: str, headers: dict[str, str], passes: bool
) -> None:
    async with sip_bench(tmp_path, BRIDGE, profile=setting) as running:
        response, _, _ = await bridged(running)
        more = {**headers, "X-Mark": "m"}
        running.alice.ask(method, "", b"\x00\xffbody", within=response, **more)  # type: ignore[arg-type]
        await running.settle()
        assert (method in requests(running)) is passes
        if not passes:
            return
        got = running.bob.request(method)
        assert got.body == b"\x00\xffbody"
        assert got.headers.get("X-Mark") == "m"
        assert got.headers.get("Event") == headers.get("Event")
        assert got.call_id != response.call_id
        running.bob.answer(got, 200)
        running.alice.response(202 if method == "MESSAGE" else 200)


async def test_a_call_may_say_so_by_itself_and_no_partner_means_none(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, PARKED) as running:
        response, alice, _ = await bridged(running)
        alice.set("sip_proxy_info", "true")
        alice.set("sip_proxy_message", "true")
        for method in ("INFO", "MESSAGE"):
            running.alice.ask(method, "", "x", within=response, **{"Content-Type": "text/plain"})  # type: ignore[arg-type]
            await running.settle()
            running.bob.answer(running.bob.request(method), 200)
    async with sip_bench(tmp_path / "b", PARKED, profile={"proxy-info": "true"}) as running:
        response, session = await running.call("9196")
        digit = "Signal=5\r\nDuration=100"
        kind = {"Content-Type": "application/dtmf-relay"}
        running.alice.ask("INFO", "", digit, within=response, **kind)  # type: ignore[arg-type]
        running.alice.response(200)
        assert running.events("RECV_INFO")
        session.hangup()


async def test_a_refer_is_carried_out_by_the_partner(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, profile={"proxy-refer": "true"}) as running:
        response, alice, bob = await bridged(running)
        target, by = "<sip:9@elsewhere.test>", "<sip:1000@example.test>"
        running.alice.ask("REFER", within=response, Refer_To=target, Referred_By=by)
        await running.settle()
        refer = running.bob.request("REFER")
        assert (refer.headers.get("Refer-To"), refer.headers.get("Referred-By")) == (target, by)
        assert not running.alice.received, "the answer is the partner's"
        running.bob.answer(refer, 202)
        running.alice.response(202)
        told = {
            "Event": "refer",
            "Subscription-State": "terminated;reason=noresource",
            "Content-Type": "message/sipfrag;version=2.0",
        }
        running.bob.ask("NOTIFY", "", "SIP/2.0 200 OK\r\n", within=refer, **told)  # type: ignore[arg-type]
        await running.settle()
        notify = running.alice.request("NOTIFY")
        assert notify.body == b"SIP/2.0 200 OK\r\n"
        assert notify.headers.get("Subscription-State") == told["Subscription-State"]
        running.alice.answer(notify, 200)
        running.bob.response(200)
        assert alice.peer is bob


async def test_a_refusal_comes_back_and_silence_does_not(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, profile={"proxy-refer-replaces": "true"}) as running:
        response, alice, _ = await bridged(running)
        running.alice.ask("REFER", within=response, Refer_To="<sip:9@elsewhere.test>")
        await running.settle()
        running.bob.answer(running.bob.request("REFER"), 603, Retry_After="9")
        assert running.alice.response(603).headers.get("Retry-After") == "9"
        running.alice.ask("REFER", within=response, Refer_To="<sip:9@elsewhere.test>")
        await running.settle(40)
        assert not running.alice.received
        assert alice.channel.up


async def test_a_hold_is_passed_on(tmp_path: Path) -> None:
    settings = {"proxy-hold": "true", "hold-music": "silence_stream://-1"}
    async with sip_bench(tmp_path, BRIDGE, profile=settings) as running:
        response, alice, _ = await bridged(running)
        for direction, passed in (("sendonly", b"a=sendonly"), ("sendrecv", b"")):
            running.alice.ask("INVITE", "", sdp(4000, "0", f"a={direction}"), within=response)
            await running.settle()
            running.alice.ack(running.alice.response(200))
            held = running.bob.request("INVITE")
            assert passed in held.body and (b"sendonly" in held.body) == bool(passed)
            running.bob.answer(held, 200, sdp(5000, host="192.0.2.20"))
            await running.settle()
            running.bob.request("ACK")
            assert alice.channel.held is (direction == "sendonly")
        assert not running.events("PLAYBACK_START")
