"""Requests within a call: what is answered, and how."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.sip.message import Request
from softswitch.switch.causes import HangupCause
from tests.support.sip_bench import SipBench, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time
ANSWER = extension("9196", "answer", "park")


@pytest.mark.parametrize(
    ("method", "status"),
    [("OPTIONS", 200), ("INFO", 200), ("MESSAGE", 200), ("NOTIFY", 400), ("PUBLISH", 501)],
)
async def test_requests_within_a_call_are_answered(
    tmp_path: Path, method: str, status: int
) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        response, session = await running.call("9196")
        running.alice.ask(method, within=response)
        assert running.alice.response(status).cseq.method == method
        assert session.channel.up
        session.hangup()


async def test_headers_of_an_info_are_kept(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        response, session = await running.call("9196")
        running.alice.ask("INFO", within=response, X_Lamp="red", Subject="none")
        running.alice.response(200)
        assert session.get("sip_info_h_X-Lamp") == "red"
        assert session.get("sip_info_h_Subject") is None
        session.hangup()


DEFLECT = extension("9", "answer", "deflect sip:42@192.0.2.7", "set went=on", "park")
GOES_ON = extension(
    "8", "set sip_refer_continue_after_reply=true", "answer", "deflect sip:42@192.0.2.7", "park"
)


async def tell(running: SipBench, refer: Request, line: str, state: str) -> None:
    """Alice tells what became of a REFER."""
    told = {"Event": "refer;id=7", "Subscription-State": state, "Content-Type": "message/sipfrag"}
    running.alice.ask("NOTIFY", "", f"{line}\r\n", within=refer, **told)  # type: ignore[arg-type]
    await running.settle()
    running.alice.response(200)


async def test_a_deflected_call_ends_with_its_outcome(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, DEFLECT) as running:
        _, session = await running.call("9")
        refer = running.alice.request("REFER")
        running.alice.answer(refer, 202)
        await tell(running, refer, "SIP/2.0 180 Ringing", "active;expires=60")
        await running.settle(1)
        assert session.channel.up
        assert session.get("sip_refer_target_provisional_status_code") == "180"
        await tell(running, refer, "SIP/2.0 200 OK", "terminated;reason=noresource")
        assert session.channel.hangup_cause is HangupCause.BLIND_TRANSFER
        assert session.get("sip_refer_target_status_code") == "200"
        assert session.get("sip_refer_status_code") == "202"
        assert session.get("sip_refer_reply") == "SIP/2.0 200 OK"
        event = running.events("sofia::notify_refer")[-1]
        wanted = {
            "event-package": "refer",
            "event-id": "7",
            "content-type": "message/sipfrag",
            "subscription-substate": "terminated",
            "subscription-reason": "noresource",
            "UniqueID": session.uuid,
        }
        assert {name: event.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("refused", [True, False])
async def test_a_refused_or_forgotten_deflection_ends_the_call_too(
    tmp_path: Path, refused: bool
) -> None:
    async with sip_bench(tmp_path, DEFLECT) as running:
        _, session = await running.call("9")
        refer = running.alice.request("REFER")
        running.alice.answer(refer, 603 if refused else 202)
        await running.settle(1)
        assert session.channel.up is not refused
        await running.settle(10)
        assert session.channel.hangup_cause is HangupCause.BLIND_TRANSFER
        assert session.get("went") is None


async def test_a_call_may_go_on_after_a_deflection(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, GOES_ON) as running:
        _, session = await running.call("8")
        refer = running.alice.request("REFER")
        running.alice.answer(refer, 202)
        await tell(running, refer, "SIP/2.0 200 OK", "terminated")
        assert session.get("current_application") == "park"
