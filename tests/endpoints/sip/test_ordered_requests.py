from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sip_bench import ALICE, DOMAIN, SipBench, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

SYNC = {"profile": "internal", "event-string": "check-sync;reboot=true"}
SYNC |= {"user": "1000", "host": DOMAIN, "content-type": "application/simple-message-summary"}
TO = f"sip:alice@{ALICE[0]}:{ALICE[1]}"


async def order(running: SipBench, name: str, body: str = "", **headers: str) -> None:
    """What ``sendevent`` does."""
    running.switch.publish(name, headers, body=body or None)
    await running.settle()


async def test_a_registered_phone_is_notified(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        await running.register(running.alice)
        await order(running, "NOTIFY", **SYNC)
        request = running.alice.request("NOTIFY")
        assert request.headers.get("Event") == "check-sync;reboot=true"
        assert request.headers.get("Subscription-State") == "terminated;reason=noresource"
        running.alice.answer(request, 200)
        by_call = SYNC | {"call-id": "reg-1000", "Event-String": "ua-profile", "user": "x"}
        await order(running, "NOTIFY", "text", **by_call)
        request = running.alice.request("NOTIFY")
        assert request.body == b"text"
        running.alice.answer(request, 200)


async def test_anybody_is_notified_by_address(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        wanted = {"profile": "internal", "to-uri": f"<{TO}>", "from-uri": "sip:me@example.test"}
        wanted |= {"extra-headers": "X-More: m", "no-sub-state": "true", "call-id": "c-1"}
        await order(running, "NOTIFY", "Messages-Waiting: yes\r\n", **wanted)
        request = running.alice.request("NOTIFY")
        assert (request.uri, request.call_id) == (TO, "c-1")
        assert request.headers.get("Event") == "message-summary"
        assert request.headers.get("Content-Type") == "application/simple-message-summary"
        assert request.headers.get("X-More") == "m"
        assert "Subscription-State" not in request.headers
        assert request.from_.uri.user == "me"
        running.alice.answer(request, 200)


async def test_the_far_end_of_a_call_is_told_within_it(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("1", "answer", "park")) as running:
        response, session = await running.call("1")
        kind = {"content-type": "text/plain"}
        await order(running, "NOTIFY", "n", uuid=session.uuid, **kind, **{"event-string": "talk"})
        await order(running, "SEND_MESSAGE", "m", uuid=session.uuid, **kind)
        there = {"profile": "internal", "call-id": response.call_id, "content-disposition": "x"}
        await order(running, "SEND_INFO", "i", **there, **kind)
        for method, body in (("NOTIFY", b"n"), ("MESSAGE", b"m"), ("INFO", b"i")):
            request = running.alice.request(method)
            assert (request.call_id, request.body) == (response.call_id, body)
            running.alice.answer(request, 200)
        session.hangup()


async def test_a_registered_phone_gets_a_message_and_an_info(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        await running.register(running.alice)
        about = {"profile": "internal", "content-type": "text/plain", "subject": "Hi"}
        await order(running, "SEND_MESSAGE", "hello", user="1000", host=DOMAIN, **about)
        message = running.alice.request("MESSAGE")
        assert (message.body, message.headers.get("Subject")) == (b"hello", "Hi")
        running.alice.answer(message, 200)
        far = {"from-uri": "sip:me@example.test", "local-user": f"1000@{DOMAIN}"}
        await order(running, "SEND_INFO", "data", **about, **far)
        info = running.alice.request("INFO")
        assert (info.body, info.from_.uri.user) == (b"data", "me")
        running.alice.answer(info, 200)


@pytest.mark.parametrize(
    ("name", "headers", "told"),
    [
        ("NOTIFY", {}, "the header event-string is missing"),
        ("NOTIFY", SYNC | {"profile": "none"}, "there is no profile none"),
        ("NOTIFY", SYNC, f"1000@{DOMAIN} is not registered"),
        ("NOTIFY", {"profile": "internal", "to-uri": TO}, "the header from-uri is missing"),
        ("NOTIFY", {"profile": "internal", "to-uri": "?", "from-uri": TO}, "event NOTIFY: "),
        ("NOTIFY", SYNC | {"event-string": "a\r\nB: c"}, "event-string has control characters"),
        ("NOTIFY", {"event-string": "e", "content-type": "t/p", "uuid": "x"}, "no SIP call x"),
        ("SEND_MESSAGE", {"content-type": "t/p", "uuid": "x"}, "there is no SIP call x"),
        ("SEND_INFO", {"profile": "internal", "call-id": "x"}, "no call with the Call-ID x"),
    ],
)
async def test_what_is_wrong_is_told(
    tmp_path: Path,
    name: str,
    headers: dict[str, str],
    told: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with sip_bench(tmp_path) as running:
        await order(running, name, **headers)
        assert told in caplog.text
        assert running.alice.received == []
