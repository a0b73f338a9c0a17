"""MESSAGE in and out: through the chat plan, to phones, refused, and in circles."""

from __future__ import annotations

from pathlib import Path

import pytest

import softswitch.apps.chat
import softswitch.commands.chat  # noqa: F401 - registers what is tested
from softswitch.sip.message import Request
from tests.support.sip_bench import SipBench, credentials, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

TEXT = {"Content-Type": "text/plain;charset=utf-8"}


async def say(running: SipBench, text: str, to: str = "1001", **headers: str) -> Request:
    """Alice's MESSAGE."""
    request = running.alice.ask("MESSAGE", to, text, **{**TEXT, **headers})  # type: ignore[arg-type]
    await running.settle()
    return request


async def test_a_message_reaches_a_registered_phone(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        await running.register(running.bob, "other")
        await say(running, "Hello ${hostname}", **{"X-More": "m"})
        running.alice.response(202)
        message = running.bob.request("MESSAGE")
        assert message.body == b"Hello ${hostname}"
        assert message.headers.get("From", "").startswith("<sip:1000@example.test>")
        assert message.headers.get("To") == "<sip:1001@example.test>"
        assert message.headers.get("Content-Type") == "text/plain;charset=utf-8"
        assert message.headers.get("X-More") == "m"
        assert message.max_forwards == 69
        running.bob.answer(message, 200)
        (event,) = running.events("MESSAGE")
        assert (event["from"], event["to"], event["proto"]) == (
            "1000@example.test",
            "1001@example.test",
            "sip",
        )


async def test_a_message_that_is_not_taken_is_told(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        await running.register(running.bob, "other")
        await say(running, "Hello")
        running.bob.answer(running.bob.request("MESSAGE"), 486)
        await running.settle()
        failed = running.events("MESSAGE")[-1]
        assert (failed["Delivery-Failure"], failed["Delivery-Result-Code"]) == ("true", "486")


@pytest.mark.parametrize(
    ("settings", "headers", "status"),
    [
        ({"enable-chat": "false"}, {}, 403),
        ({"auth-messages": "true"}, {}, 407),
        ({"auth-calls": "true"}, {}, 407),
        ({"auth-calls": "true", "disable-auth-messages": "true"}, {}, 202),
        ({"auth-calls": "true", "apply-inbound-acl": "here"}, {}, 202),
        ({"sip-messages-respond-200-ok": "true"}, {}, 200),
        ({}, {"Max-Forwards": "0"}, 483),
    ],
)
async def test_who_may_send(
    tmp_path: Path, settings: dict[str, str], headers: dict[str, str], status: int
) -> None:
    async with sip_bench(tmp_path, profile=settings) as running:
        await say(running, "Hello", **headers)
        running.alice.response(status)


async def test_a_password_lets_one_send(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile={"auth-messages": "true"}) as running:
        first = await say(running, "Hello")
        value = credentials(running.alice.response(407), first, "1000", "secret")
        await say(running, "Hello", **{"Proxy-Authorization": value})
        running.alice.response(202)


async def test_a_text_too_long_is_refused(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        await say(running, "x" * 64_001)
        running.alice.response(413)


async def test_other_domains_are_sent_to_and_our_own_absent_users_are_not(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        run = running.switch.run_command
        assert await run("chat sip|1000@example.test|x@192.0.2.20:5064|Hi") == "Sent"
        assert running.bob.request("MESSAGE").uri == "sip:x@192.0.2.20:5064"
        answer = await run("chat sip|1000@example.test|1001@example.test|Hi")
        assert answer == "Error! Message Not Sent"
        assert await run("chat pigeon|a|b|Hi") == "Error! Message Not Sent"
        assert await run("chat sip|a|nowhere/1@x|Hi") == "Error! Message Not Sent"
        assert await run("chat sip|a") == "Invalid"


async def test_messages_that_answer_each_other_end(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        await running.register(running.bob, "other")
        await say(running, "Hello", **{"Max-Forwards": "40"})
        running.alice.response(202)
        assert not [each for each in running.bob.received if isinstance(each, Request)]


@pytest.mark.parametrize(("setting", "status"), [("true", 202), ("false", 200)])
async def test_messages_within_calls_may_be_chat_too(
    tmp_path: Path, setting: str, status: int
) -> None:
    settings = {"in-dialog-chat": setting}
    async with sip_bench(tmp_path, extension("9", "answer", "park"), profile=settings) as running:
        response, session = await running.call("9")
        running.alice.ask("MESSAGE", body="hi", within=response, Content_Type="text/plain")
        await running.settle()
        running.alice.response(status)
        session.hangup()
