"""Calls that a program controls which the dialplan calls by ``socket``."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest

from softswitch.phone.call import PhoneCall
from tests.modules.event_socket.support import Client
from tests.support.audio import power, tone
from tests.support.patience import PATIENCE
from tests.support.ports import free_port
from tests.support.server import Server, until
from tests.support.serving import Serve
from tests.support.switch import extension


class Caller(Client):
    """A channel that called the program; events may come before an answer, and are kept."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(reader, writer)
        self.kept: deque[tuple[dict[str, str], str]] = deque()

    async def tell(self, text: str) -> str:
        """Send a command; its Reply-Text."""
        self.send(text)
        while True:
            headers, body = await self.frame()
            if headers["Content-Type"] == "command/reply":
                return headers["Reply-Text"]
            self.kept.append((headers, body))

    async def next(self) -> tuple[dict[str, str], str]:
        """The next event or notice: its frame's headers and its body."""
        return self.kept.popleft() if self.kept else await self.frame()

    async def expect(self, name: str) -> dict[str, str]:
        """The next event of that name; others before it are passed over."""
        while True:
            _, text = await self.next()
            event = dict(line.split(": ", 1) for line in text.strip().split("\n"))
            if event["Event-Name"] == name:
                return event


class Program:
    """Listens as a call-control program does, and hands out who calls it."""

    def __init__(self) -> None:
        self.callers: asyncio.Queue[Caller] = asyncio.Queue()
        self.port = 0
        self._server: asyncio.Server | None = None
        self._clients: list[Caller] = []

    async def begin(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.append(Caller(reader, writer))
        await self.callers.put(self._clients[-1])

    async def caller(self) -> Caller:
        async with asyncio.timeout(PATIENCE):
            return await self.callers.get()

    async def connect(self) -> tuple[Caller, dict[str, str]]:
        """The next caller, and what it told at ``connect``."""
        client = await self.caller()
        client.send("connect")
        headers, _ = await client.frame()
        return client, {name: unquote(value) for name, value in headers.items()}

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for client in self._clients:
            await client.close()


@pytest.fixture
async def program() -> AsyncIterator[Program]:
    listening = Program()
    await listening.begin()
    yield listening
    await listening.close()


Called = Callable[..., Awaitable[tuple[Server, PhoneCall]]]


@pytest.fixture
def called(serve: Serve, program: Program) -> Called:
    """A call to 5000, which calls the program with these options, then runs more actions."""

    async def begin(options: str, *after: str) -> tuple[Server, PhoneCall]:
        action = f"socket 127.0.0.1:{program.port}/calls {options}".strip()
        server = await serve(extension("5000", action, *after))
        alice = await server.phone("1000")
        return server, alice.call("5000")

    return begin


def _execute(application: str, argument: str = "", **headers: str) -> str:
    lines = ["sendmsg", "call-command: execute", f"execute-app-name: {application}"]
    lines += [f"execute-app-arg: {argument}"] if argument else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\n".join(lines)


async def test_the_program_learns_all_of_the_channel(called: Called, program: Program) -> None:
    server, call = await called("async full")
    _, told = await program.connect()
    names = list(told)
    assert told["Event-Name"] == "CHANNEL_DATA"
    assert told["Channel-Destination-Number"] == told["Caller-Destination-Number"] == "5000"
    assert names.index("Channel-Direction") < names.index("Channel-State")
    assert told["Unique-ID"] == server.sessions[0].uuid
    assert told["variable_socket_host"] == "127.0.0.1"
    assert told["variable_socket_path"] == "calls"
    assert names[-4:] == ["Content-Type", "Reply-Text", "Socket-Mode", "Control"]
    assert (told["Socket-Mode"], told["Control"]) == ("async", "full")
    call.hangup()


async def test_it_answers_plays_and_hangs_up(called: Called, program: Program) -> None:
    _, call = await called("async full")
    client, _ = await program.connect()
    assert await client.tell("linger") == "+OK will linger"
    assert await client.tell("myevents") == "+OK Events Enabled"
    assert await client.tell(_execute("answer")) == "+OK"
    await client.expect("CHANNEL_ANSWER")
    play = _execute("playback", "tone_stream://%(9000,0,1004)", Event_UUID="e-1")
    assert await client.tell(play) == "+OK"
    while (await client.expect("CHANNEL_EXECUTE"))["Application-UUID"] != "e-1":
        pass
    await call.hear(1004)
    hangup = "sendmsg\ncall-command: hangup\nhangup-cause: CALL_REJECTED"
    assert await client.tell(hangup) == "+OK"
    await call.expect_end()
    heard: list[tuple[str, str]] = []
    while ("text/event-plain", "CHANNEL_HANGUP_COMPLETE") not in heard:
        headers, body = await client.next()
        name = body.partition("\n")[0].removeprefix("Event-Name: ")
        heard.append((headers["Content-Type"], headers.get("Content-Disposition", name)))
    assert heard.index(("text/event-plain", "CHANNEL_HANGUP")) < heard.index(
        ("text/disconnect-notice", "linger")
    )


async def test_without_linger_it_is_told_the_end_and_disconnected(
    called: Called, program: Program
) -> None:
    server, call = await called("async full")
    client, told = await program.connect()
    call.hangup()
    headers, body = await client.frame()
    assert headers == {
        "Content-Type": "text/disconnect-notice",
        "Controlled-Session-UUID": told["Unique-ID"],
        "Content-Disposition": "disconnect",
        "Content-Length": "67",
    }
    assert body.startswith("Disconnected, goodbye.")
    assert await client.ended() == b""
    await until(lambda: not server.sessions, "the end")


async def test_when_it_leaves_the_dialplan_goes_on(called: Called, program: Program) -> None:
    server, call = await called("async full", "set after=yes", "answer", "echo")
    client, _ = await program.connect()
    await until(lambda: "CHANNEL_PARK" in server.names(), "the park")
    await client.close()
    await call.expect_answer()
    assert server.sessions[0].get("after") == "yes"
    assert "CHANNEL_UNPARK" in server.names()
    call.hangup()


async def test_static_mode_waits_for_each_application(called: Called, program: Program) -> None:
    server, call = await called("full")
    client, told = await program.connect()
    assert told["Socket-Mode"] == "static"
    assert await client.tell(_execute("answer")) == "+OK"
    assert await client.tell(_execute("sleep", "100")) == "+OK"
    done = [e.headers for e in server.events if e.name == "CHANNEL_EXECUTE_COMPLETE"]
    assert [e["Application"] for e in done][-2:] == ["answer", "sleep"]
    assert "CHANNEL_PARK" not in server.names()
    assert await client.tell(
        _execute("playback", "tone_stream://%(9000,0,440)", **{"async": "true"})
    )
    await call.hear(440)
    assert await client.tell("exit") == "+OK bye"
    call.hangup()


async def test_without_full_only_the_channel_is_controlled(
    called: Called, program: Program
) -> None:
    _, call = await called("async")
    client, told = await program.connect()
    assert told["Control"] == "single-channel"
    for line in ("api status", "bgapi status", "event ALL", "log", "linger", "sendevent X"):
        assert await client.tell(line) == "-ERR command not found", line
    assert await client.tell("getvar destination_number") == "5000"
    assert await client.tell("divert_events on") == "+OK events diverted"
    assert await client.tell("filter Event-Name DTMF") == "+OK filter added. [Event-Name]=[DTMF]"
    call.hangup()


async def test_keys_are_diverted_to_the_program_alone(called: Called, program: Program) -> None:
    server, call = await called("async full")
    client, _ = await program.connect()
    assert await client.tell(_execute("answer")) == "+OK"
    await call.expect_answer()
    assert await client.tell("divert_events on") == "+OK events diverted"
    call.send_digits("5")
    assert (await client.expect("DTMF"))["DTMF-Digit"] == "5"
    assert "DTMF" not in server.names()
    call.hangup()


async def test_a_first_command_other_than_connect_gets_no_answer(
    called: Called, program: Program
) -> None:
    _, call = await called("async full")
    client = await program.caller()
    client.send("myevents")
    assert await client.tell("getvar destination_number") == "5000"
    call.hangup()


@pytest.mark.parametrize("options", ["full", "async full"])
async def test_a_program_stays_connected_when_its_channel_is_transferred(
    called: Called, program: Program, options: str
) -> None:
    server, call = await called(options, "hangup")
    client, told = await program.connect()
    await server.api(f"uuid_transfer {told['Unique-ID']} 5000")
    again, _ = await program.connect()
    assert await client.tell("getvar destination_number") == "5000"
    call.hangup()
    for one in (client, again):
        assert (await one.frame())[0]["Content-Disposition"] == "disconnect"


async def test_a_program_that_hangs_up_is_answered_before_it_is_disconnected(
    called: Called, program: Program
) -> None:
    _, call = await called("full")
    client, _ = await program.connect()
    assert await client.tell("sendmsg\ncall-command: hangup") == "+OK"
    assert (await client.frame())[0]["Content-Disposition"] == "disconnect"
    await call.expect_end()


async def test_a_new_extension_can_be_given(called: Called, program: Program) -> None:
    server, call = await called("async full")
    client, _ = await program.connect()
    actions = ("set x=1 2", "answer", "echo")
    lines = "".join(f"\napplication: {action}" for action in actions)
    assert await client.tell(f"sendmsg\ncall-command: xferext{lines}") == "+OK"
    await call.expect_answer()
    assert server.sessions[0].get("x") == "1 2"
    call.hangup()


async def test_hosts_are_tried_in_turn_and_nobody_there_is_told(
    serve: Serve, program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    server = await serve(
        extension("5000", f"socket 127.0.0.1:1|127.0.0.1:{program.port} async full"),
        extension("5001", "socket 127.0.0.1:1 async full", "answer", "echo"),
    )
    alice = await server.phone("1000")
    first = alice.call("5000")
    await program.connect()
    first.hangup()
    second = alice.call("5001")
    await second.expect_answer()
    second.hangup()
    assert "socket: 127.0.0.1 port 1: " in caplog.text


async def test_many_calls_are_controlled_at_once(called: Called, program: Program) -> None:
    server, _ = await called("async full")
    for _ in range(49):
        told: Any = await server.api("originate null/5000 5000 XML default")
        assert told.startswith("+OK"), told
    clients = [(await program.connect())[0] for _ in range(50)]
    for client in clients:
        assert await client.tell(_execute("set", "controlled=yes")) == "+OK"
    await until(
        lambda: all(one.get("controlled") == "yes" for one in server.sessions), "all of them"
    )
    await server.api("hupall NORMAL_CLEARING")
    for client in clients:
        assert (await client.frame())[0]["Content-Disposition"] == "disconnect"


class SoundProgram(asyncio.DatagramProtocol):
    """Speaks a tone for as long as it is spoken to, and keeps what it hears."""

    def __init__(self) -> None:
        self.heard = b""
        self.speech = tone(1004, 60_000).tobytes()
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.heard += data
        said, self.speech = self.speech[: len(data)], self.speech[len(data) :]
        self.transport.sendto(said, address)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_program_hears_and_speaks_by_unicast(
    called: Called, program: Program, transport: str
) -> None:
    """In datagrams, whichever it says, as in FreeSWITCH."""
    server, call = await called("async full", "park")
    client, _ = await program.connect()
    assert await client.tell(_execute("answer")) == "+OK"
    await call.expect_answer()
    loop = asyncio.get_running_loop()
    endpoint, sound = await loop.create_datagram_endpoint(SoundProgram, local_addr=("127.0.0.1", 0))
    try:
        port = endpoint.get_extra_info("sockname")[1]
        wish = f"sendmsg\ncall-command: unicast\nlocal-port: {free_port()}\nremote-port: {port}"
        wish += f"\ntransport: {transport}"
        assert await client.tell(wish) == "+OK"
        await call.play("tone_stream://%(10000,0,620)")
        await call.hear(1004)

        def clear() -> bool:
            samples = np.frombuffer(sound.heard[-1600 * 2 :], dtype="=i2")
            return power(samples, 8000, 620) > 100_000

        await until(clear, "the caller at the program")
        bugs = await server.api(f"uuid_buglist {server.sessions[0].uuid}")
        assert "<function>unicast</function>" in bugs
    finally:
        endpoint.close()
    call.hangup()
