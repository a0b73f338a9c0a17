from __future__ import annotations

import logging

import pytest

from softswitch.switch.causes import HangupCause
from tests.modules.event_socket.support import FakeSession, Harness, serving


def _channel(harness: Harness) -> FakeSession:
    session = harness.switch.new_session("u-1")
    session.log = logging.getLogger("softswitch.call")  # type: ignore[attr-defined]
    return session


async def test_a_message_runs_an_application_on_any_channel() -> None:
    async with serving() as harness:
        session = _channel(harness)
        client = await harness.login()
        ask = "sendmsg u-1\ncall-command: execute\nexecute-app-name: set\nexecute-app-arg: a=b"
        assert await client.ask(ask) == "+OK"
        assert session.executed == [("set", "a=b")]


async def test_the_channel_may_stand_in_a_header() -> None:
    async with serving() as harness:
        session = _channel(harness)
        client = await harness.login()
        ask = "sendmsg\nSession-Id: u-1\ncall-command: hangup\nhangup-cause: USER_BUSY"
        assert await client.ask(ask) == "+OK"
        assert session.cause is HangupCause.USER_BUSY


async def test_a_channel_that_is_not_there_is_told() -> None:
    async with serving() as harness:
        client = await harness.login()
        answer = await client.ask("sendmsg nobody\ncall-command: hangup")
        assert answer == "-ERR invalid session id [nobody]"


async def test_an_unknown_call_command_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with serving() as harness:
        _channel(harness)
        client = await harness.login()
        assert await client.ask("sendmsg u-1\ncall-command: dance") == "+OK"
        assert "call-command 'dance' is unknown" in caplog.text


async def test_what_cannot_be_done_is_said() -> None:
    async with serving() as harness:
        _channel(harness)
        client = await harness.login()
        answer = await client.ask("sendmsg u-1\ncall-command: unicast\ntransport: sctp")
        assert answer == "-ERR Invalid transport sctp"
        answer = await client.ask("sendmsg u-1\ncall-command: unicast\nlocal-port: 70000")
        assert answer == "-ERR local-port 70000 is no port"


async def test_media_are_given_up_by_the_command_for_it(caplog: pytest.LogCaptureFixture) -> None:
    async with serving() as harness:
        _channel(harness)
        client = await harness.login()
        assert await client.ask("sendmsg u-1\ncall-command: nomedia") == "+OK"
        assert harness.switch.commands == ["uuid_media off u-1"]
        assert "sendmsg nomedia: -ERR" in caplog.text


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("getvar x", "-ERR command not found"),
        ("connect", "-ERR command not found"),
        ("resume", "-ERR command not found"),
        ("linger 5", "-ERR not controlling a session"),
        ("nolinger", "-ERR not controlling a session"),
        ("divert_events on", "-ERR not controlling a session."),
        ("myevents", "-ERR command not found"),
    ],
)
async def test_without_a_channel_its_commands_are_refused(line: str, answer: str) -> None:
    async with serving() as harness:
        client = await harness.login()
        assert await client.ask(line) == answer


async def test_the_channel_of_myevents_is_controlled() -> None:
    async with serving() as harness:
        session = _channel(harness)
        client = await harness.login()
        session.variables["x"] = "y"
        assert await client.ask("myevents u-1 json") == "+OK Events Enabled"
        assert await client.ask("myevents u-1") == "-ERR aready enabled."
        assert await client.ask("getvar x") == "y"
        assert await client.ask("linger 5") == "+OK will linger 5 seconds"
        assert await client.ask("linger 0") == "+OK will linger 0 seconds"
        assert await client.ask("linger x") == "+OK will linger 0 seconds"
        assert await client.ask("linger -1") == "+OK will linger"
        assert await client.ask("nolinger") == "+OK will not linger"
        assert await client.ask("divert_events on") == "+OK events diverted"
        assert await client.ask("divert_events off") == "+OK events not diverted"
        assert await client.ask("divert_events") == "-ERR missing value."
        assert await client.ask("resume") == "+OK"
        assert session.variables["socket_resume"] == "true"


async def test_a_connection_ends_with_the_channel_that_it_follows() -> None:
    async with serving() as harness:
        session = _channel(harness)
        client, lingering = [await harness.login() for _ in range(2)]
        for one in (client, lingering):
            assert await one.ask("myevents u-1") == "+OK Events Enabled"
        await lingering.ask("linger")
        session.hangup(HangupCause.NORMAL_CLEARING)
        told, _ = await client.frame()
        assert told["Content-Type"] == "text/disconnect-notice"
        assert told["Controlled-Session-UUID"] == "u-1"
        assert told["Content-Disposition"] == "disconnect"
        assert await client.ended() == b""
        assert (await lingering.frame())[0]["Content-Disposition"] == "linger"
        harness.switch.publish("CHANNEL_HANGUP_COMPLETE", {"Unique-ID": "u-1"})
        assert (await lingering.event())["Event-Name"] == "CHANNEL_HANGUP_COMPLETE"


async def test_a_channel_that_is_not_there_is_followed_on_trust_or_refused_with_a_format() -> None:
    async with serving() as harness:
        client = await harness.login()
        assert await client.ask("myevents u-9 json") == "-ERR invalid uuid"
        assert await client.ask("myevents u-9") == "+OK Events Enabled"
        harness.switch.publish("CHANNEL_CREATE", {"Unique-ID": "u-8"})
        harness.switch.publish("CHANNEL_CREATE", {"Unique-ID": "u-9"})
        assert (await client.event())["Unique-ID"] == "u-9"


async def test_a_slow_client_that_lingers_is_told_the_end_behind_what_waits() -> None:
    async with serving() as harness:
        session = _channel(harness)
        client = await harness.login()
        assert await client.ask("myevents u-1") == "+OK Events Enabled"
        await client.ask("linger")
        [connection] = harness.server.connections
        connection.pause_writing()
        for number in range(20):
            harness.switch.publish("DTMF", {"Unique-ID": "u-1", "X": f"{number}" + "x" * 20_000})
        session.hangup(HangupCause.NORMAL_CLEARING)
        assert connection.listener.waiting
        assert connection._transport is not None
        assert connection._transport.get_write_buffer_size() == 0
        connection.resume_writing()
        for number in range(20):
            assert (await client.event())["X"].startswith(f"{number}x")
        assert (await client.frame())[0]["Content-Disposition"] == "linger"
