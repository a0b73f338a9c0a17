from __future__ import annotations

import asyncio

import pytest

from softswitch.modules.event_socket import connection as module
from tests.modules.event_socket.support import serving, until


async def test_commands_sent_together_are_answered_in_order() -> None:
    async with serving() as harness:
        harness.switch.answers |= {str(number): f"{number}\n" for number in range(300)}
        client = await harness.login()
        for number in range(300):
            client.send(f"api {number}")
        for number in range(300):
            assert (await client.frame())[1] == f"{number}\n"


async def test_no_event_is_sent_while_a_command_is_half_written() -> None:
    async with serving() as harness:
        client = await harness.login()
        await client.ask("event plain API")
        [connection] = harness.server.connections
        client.writer.write(b"noev")
        await until(lambda: connection._reader.partial)
        harness.switch.publish("API")
        client.send("entsx")
        assert (await client.frame())[0]["Reply-Text"] == "+OK no longer listening for events"
        assert await client.ask("noevents") == "-ERR not listening for events"


async def test_a_client_that_does_not_log_in_in_time_is_disconnected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LOGIN_SECONDS", 0.01)
    async with serving() as harness:
        client = await harness.connect()
        assert (await client.ended()).endswith(b"http://www.cluecon.com/\n")


async def test_a_client_that_only_ends_its_input_gets_all_answers() -> None:
    async with serving() as harness:
        harness.switch.answers |= {"slow": "done\n", "next": "too\n"}
        client = await harness.login()
        harness.switch.gate = asyncio.Event()
        client.send("api slow")
        client.send("api next")
        client.writer.write_eof()
        [connection] = harness.server.connections
        await until(lambda: connection._input_ended)
        harness.switch.gate.set()
        assert (await client.frame())[1] == "done\n"
        assert (await client.frame())[1] == "too\n"
        assert (await client.ended()).endswith(b"http://www.cluecon.com/\n")
        await until(lambda: not harness.server.connections)


async def test_a_client_that_listens_only_and_ends_its_input_is_told_goodbye() -> None:
    async with serving() as harness:
        client = await harness.login()
        client.writer.write_eof()
        assert (await client.ended()).endswith(b"http://www.cluecon.com/\n")


async def test_a_client_that_breaks_off_takes_its_running_command_with_it() -> None:
    async with serving() as harness:
        client = await harness.login()
        harness.switch.gate = asyncio.Event()
        client.send("api slow")
        await until(lambda: harness.switch.commands)
        [connection] = harness.server.connections
        connection.abort()
        await until(lambda: not harness.server.connections and not harness.switch.tasks)


async def test_its_line_says_who_it_is_and_what_it_hears() -> None:
    async with serving() as harness:
        client = await harness.login()
        await client.ask("event json API")
        [connection] = harness.server.connections
        assert repr(connection).startswith("<Connection 127.0.0.1:")
        assert repr(connection).endswith(
            " logged in, <Listener json 1 names, 0 waiting, 0 sent, 0 lost>>"
        )
