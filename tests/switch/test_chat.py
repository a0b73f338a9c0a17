"""Chat messages through the chat plan, and to whoever carries them."""

from __future__ import annotations

from pathlib import Path

import pytest

import softswitch.apps.chat  # noqa: F401 - registers what is tested
from softswitch.switch import chat
from softswitch.switch.chat import ChatMessage
from tests.support.switch import Bench, bench

pytestmark = pytest.mark.virtual_time


def plan(*extensions: str) -> str:
    return f'<context name="default">{"".join(extensions)}</context>'


def rule(expression: str, *actions: str, field: str = "to") -> str:
    inner = "".join(
        f'<action application="{a.partition(" ")[0]}" data="{a.partition(" ")[2]}"/>'
        for a in actions
    )
    return (
        f'<extension name="x"><condition field="{field}" expression="{expression}">'
        f"{inner}</condition></extension>"
    )


async def run(b: Bench, body: str = "hi", **headers: str) -> list[ChatMessage]:
    """What is sent because of a message from 1 to 2."""
    sent: list[ChatMessage] = []
    b.switch.chat.carry("test", lambda message: bool(sent.append(message)) or True)
    given = {"proto": "test", "from": "1@x", "to": "2@x", "from_user": "1", **headers}
    assert b.switch.chat.submit(ChatMessage(given, body))
    await b.after(0.1)
    return sent


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ((), [("1@x", "2@x", "hi")]),
        (("reply You said: ${body}", "stop"), [("2@x", "1@x", "You said: hi")]),
        (("reply a",), [("2@x", "1@x", "a"), ("1@x", "2@x", "hi")]),
        (("set to=3@x",), [("1@x", "3@x", "hi")]),
        (("set _body=changed by ${from_user}",), [("1@x", "2@x", "changed by 1")]),
        (("stop", "reply never"), []),
        (("send test", "stop"), [("1@x", "2@x", "hi")]),
        (("unset from",), [("", "2@x", "hi")]),
        (("nonsense", "info", "fire"), [("1@x", "2@x", "hi")]),
    ],
)
async def test_the_chat_plan_decides(
    tmp_path: Path, actions: tuple[str, ...], expected: list[tuple[str, str, str]]
) -> None:
    rules = plan(rule("^(.*)$", *actions)) if actions else ""
    async with bench(tmp_path, chatplan=rules) as b:
        sent = await run(b)
        told = [(m.headers.get("from", ""), m.headers["to"], m.body) for m in sent]
        assert told == expected


async def test_what_people_write_is_never_expanded(tmp_path: Path) -> None:
    async with bench(tmp_path, chatplan=plan(rule(".", "reply ${body}", "stop"))) as b:
        (reply,) = await run(b, "${system(touch /tmp/x)}")
        assert reply.body == "%{system(touch /tmp/x)}"


async def test_conditions_see_text_and_headers(tmp_path: Path) -> None:
    rules = plan(rule("^stop", "stop", field="${body}"), rule("^9", "set x=y", field="to"))
    async with bench(tmp_path, chatplan=rules) as b:
        assert await run(b, "stop it") == []
        (message,) = await run(b, "go", to="9@x")
        assert message.get("X") == "y"


async def test_too_many_at_once_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "MOST_WAITING", 2)
    async with bench(tmp_path) as b:
        assert [b.switch.chat.submit(ChatMessage({})) for _ in range(3)] == [True, True, False]
        await b.after(0.1)
        assert b.switch.chat.submit(ChatMessage({}))
        await b.after(0.1)


async def test_a_loop_of_messages_ends(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.switch.chat.carry("test", lambda message: b.switch.chat.submit(message.answer("again")))
        assert b.switch.chat.submit(ChatMessage({"proto": "test", "from": "a", "to": "b"}))
        await b.after(1)
        assert b.switch.chat.protocols == ["test"]
        assert not b.switch.chat._waiting


def test_an_answer_goes_back() -> None:
    message = ChatMessage({"proto": "sip", "from": "a@x", "to": "b@y", "from_user": "a"}, "hi")
    answer = message.answer("ho")
    assert answer.headers == {
        "proto": "sip",
        "from": "b@y",
        "to": "a@x",
        "to_user": "a",
        "type": "text/plain",
        "hops": "1",
    }
