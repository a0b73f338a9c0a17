"""Applications of the chat plan that change a message."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch import registry
from softswitch.switch.chat import ChatMessage
from tests.support.switch import bench


@pytest.mark.parametrize(
    ("application", "data", "headers", "body"),
    [
        ("set", "a=b=c", {"a": "b=c"}, "text"),
        ("set", "a=${x}", {"a": "%{x}"}, "text"),
        ("set", "nonsense", {}, "text"),
        ("set", "body=other", {}, "other"),
        ("unset", "A", {}, "text"),
    ],
)
async def test_a_message_is_changed(
    tmp_path: Path, application: str, data: str, headers: dict[str, str], body: str
) -> None:
    async with bench(tmp_path) as b:
        message = ChatMessage({"a": "old"} if application == "unset" else {}, "text")
        entry = registry.chat_application.find(application)
        assert entry is not None and entry.help
        await entry.target(b.switch, message, data)
        assert (message.headers, message.body) == (headers, body)
