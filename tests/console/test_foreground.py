"""The console of ``run --console``."""

from __future__ import annotations

import pytest

from softswitch.config.running import Place
from softswitch.console.session import Conversation
from tests.console.support import answering


@pytest.mark.parametrize(
    ("typed", "asked", "shown"),
    [
        ("...", ["shutdown"], "+OK"),
        ("/quit", [], "shutdown, or ..., stops it"),
        ("exit", [], "shutdown, or ..., stops it"),
        ("/log debug", ["console loglevel debug"], "set to DEBUG"),
        ("/nolog", ["console loglevel console"], "set to CONSOLE"),
        ("status", ["status"], "UP"),
    ],
)
async def test_who_leaves_stops_the_switch_and_the_terminal_has_its_log(
    typed: str, asked: list[str], shown: str
) -> None:
    lines: list[str] = []
    conversation = Conversation(lines.append, lambda: 100, foreground=True)
    answers = {
        "hostname": "box",
        "shutdown": "+OK",
        "status": "UP",
        "console loglevel debug": "+OK console log level set to DEBUG",
        "console loglevel console": "+OK console log level set to CONSOLE",
    }
    with answering(answers) as server:
        await conversation.open(Place("127.0.0.1", server.port, "secret"), None)
        assert conversation.remote is not None
        try:
            assert await conversation.enter(typed)
        finally:
            conversation.remote.close()
            await conversation.remote.closed
        commands = [one.split("\n")[0][4:] for one in server.asked if one.startswith("api")]
    assert commands == ["hostname", *asked]
    assert shown in lines[-1]
