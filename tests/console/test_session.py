from __future__ import annotations

import io
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from softswitch.config.running import Place
from softswitch.console.client import Refused
from softswitch.console.frames import Frame
from softswitch.console.session import Conversation, Look, run
from tests.console.support import answering
from tests.modules.event_socket.support import Harness, serving


class _Scene:
    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.shown: list[str] = []
        self.conversation = Conversation(self.shown.append, lambda: 100)

    async def enter(self, line: str) -> str:
        self.shown.clear()
        assert await self.conversation.enter(line)
        return "\n".join(self.shown)


def _place(harness: Harness) -> Place:
    return Place(*harness.server.address, "secret")


@asynccontextmanager
async def _scene() -> AsyncIterator[_Scene]:
    async with serving() as harness:
        harness.switch.answers["hostname"] = "box\n"
        scene = _Scene(harness)
        assert await scene.conversation.open(_place(harness), "info") == "box"
        yield scene
        assert scene.conversation.remote is not None
        scene.conversation.remote.close()


async def test_commands_go_to_the_switch_and_their_answers_are_shown() -> None:
    async with _scene() as scene:
        scene.harness.switch.answers["status"] = "UP\n"
        assert await scene.enter("status") == "UP"
        assert await scene.enter("") == ""


async def test_show_is_a_table_where_there_are_rows() -> None:
    async with _scene() as scene:
        rows = {"row_count": 1, "rows": [{"name": "status", "ikey": "mod_commands"}]}
        scene.harness.switch.answers["show api as json"] = json.dumps(rows)
        assert "1 total." in await scene.enter("show api")
        scene.harness.switch.answers["show calls as json"] = '{"row_count":0}'
        scene.harness.switch.answers["show calls"] = "\n0 total.\n"
        assert await scene.enter("show calls") == "\n0 total."


@pytest.mark.parametrize("line", ["/quit", "/exit", "/bye", "...", "exit"])
async def test_words_to_leave(line: str) -> None:
    async with _scene() as scene:
        assert not await scene.conversation.enter(line)


async def test_its_own_commands_reach_the_event_socket() -> None:
    async with _scene() as scene:
        assert await scene.enter("/log debug") == "+OK log level debug [7]"
        assert await scene.enter("/log 0") == "+OK no longer logging"
        assert await scene.enter("/event json API") == "+OK event listener enabled json"
        assert await scene.enter("/filter X y") == "+OK filter added. [X]=[y]"
        assert await scene.enter("/noevents") == "+OK no longer listening for events"
        assert "  F1  help\n" in await scene.enter("/help")
        assert await scene.enter("/nonsense") == "/nonsense is not known; /help lists what is"


async def test_the_help_tells_what_this_users_function_keys_run() -> None:
    shown: list[str] = []
    conversation = Conversation(shown.append, lambda: 100, keys=("uptime", "show {calls}"))
    async with serving() as harness:
        await conversation.open(_place(harness), None)
        await conversation.enter("/help")
        assert "function keys run\n  F1  uptime\n  F2  show {calls}\nOf the console" in shown[-1]
        assert conversation.remote is not None
        conversation.remote.close()


async def test_a_log_level_that_is_none_is_told() -> None:
    shown: list[str] = []
    conversation = Conversation(shown.append, lambda: 100)
    async with serving() as harness:
        await conversation.open(_place(harness), "nope")
        assert shown == ["The switch refuses log nope: -ERR invalid log level"]
        assert conversation.remote is not None
        conversation.remote.close()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "log info"),
        ("/log 7", "log 7"),
        ("/nolog", ""),
        ("/log 0", ""),
        ("/log nope", "log info"),
        ("/event json ALL|/filter A b|/filter A b", "log info|event json ALL|filter A b"),
        ("/event API|/nixevent API|/event API", "log info|nixevent API|event API"),
        ("/filter A b|/event API|/noevents|/log 3", "filter A b|log 3"),
    ],
)
async def test_a_new_connection_is_told_what_was_typed_before(typed: str, told: str) -> None:
    conversation = Conversation(lambda _: None, lambda: 100)
    with answering({"hostname": "box", "log nope": "-ERR invalid"}) as server:
        place = Place("127.0.0.1", server.port, "secret")
        await conversation.open(place, "info")
        for line in typed.split("|"):
            await conversation.enter(line)
        assert conversation.remote is not None
        conversation.remote.close()
        await conversation.remote.closed
        server.asked.clear()
        await conversation.open(place, "info")
        conversation.remote.close()
        await conversation.remote.closed
        asked = [one for one in server.asked if not one.startswith(("api", "auth"))]
    assert asked == [line for line in told.split("|") if line]


def _log(text: str, uuid: str, level: str = "4") -> Frame:
    headers = {"Content-Type": "log/data", "User-Data": uuid, "Log-Level": level}
    return Frame(headers, text + "\n")


async def test_log_lines_are_coloured_and_may_be_those_of_one_call_or_text() -> None:
    async with _scene() as scene:
        scene.conversation.on_frame(_log("a", "u-1"))
        assert scene.shown[-1] == "\x1b[35ma\x1b[0m"
        await scene.enter("/uuid u-2")
        scene.shown.clear()
        scene.conversation.on_frame(_log("b", "u-1"))
        assert scene.shown == []
        await scene.enter("/uuid")
        await scene.enter("/logfilter needle")
        scene.shown.clear()
        scene.conversation.on_frame(_log("hay", "u-1"))
        scene.conversation.on_frame(_log("a needle", "u-1", "7"))
        assert scene.shown == ["\x1b[33ma needle\x1b[0m"]


@pytest.mark.parametrize(
    ("look", "shown"),
    [
        (Look(colour=False), "line"),
        (Look(False, 8), "12345678 line"),
        (Look(False, 36), "12345678-9abc line"),
        (Look(True, 8), "\x1b[31m12345678 line\x1b[0m"),
    ],
)
def test_log_lines_look_as_asked_for(look: Look, shown: str) -> None:
    lines: list[str] = []
    conversation = Conversation(lines.append, lambda: 100, look)
    headers = {"Content-Type": "log/data", "Log-Level": "3", "User-Data": "12345678-9abc"}
    conversation.on_frame(Frame(headers, "line\n"))
    assert lines == [shown]


async def test_a_switch_that_says_nothing_is_left_after_a_while() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = silent.getsockname()
        conversation = Conversation(print, lambda: 100)
        with pytest.raises(Refused, match="did not answer in time"):
            await conversation.open(Place(*address, "x"), None, patience=0.05)


async def test_a_caller_cannot_command_the_terminal() -> None:
    async with _scene() as scene:
        scene.conversation.on_frame(_log("name \x1b]0;owned\x07", ""))
        assert scene.shown[-1] == "\x1b[35mname \\x1b]0;owned\\x07\x1b[0m"


def test_lines_from_a_pipe_are_run_one_by_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("status\n\nversion\n"))
    with answering({"status": "UP\n", "version": "1\n"}) as server:
        assert (
            run(lambda: Place("127.0.0.1", server.port, "secret"), loglevel=None, history=None) == 0
        )
    assert capsys.readouterr().out == "UP\n1\n"
