"""The ``chat`` command."""

from __future__ import annotations

from pathlib import Path

from softswitch.switch.chat import ChatMessage
from tests.support.switch import bench


async def test_a_message_is_sent_by_its_protocol(tmp_path: Path) -> None:
    sent: list[ChatMessage] = []
    async with bench(tmp_path) as b:
        b.switch.chat.carry("test", lambda message: bool(sent.append(message)) or True)
        assert await b.switch.run_command("chat test|a@x|b@x|Hi there|text/html") == "Sent"
        assert sent[0].headers == {"proto": "test", "from": "a@x", "to": "b@x", "type": "text/html"}
        assert sent[0].body == "Hi there"
