from __future__ import annotations

import asyncio
import logging

import pytest

from softswitch.modules.event_socket.encoding import EventFormat, encode
from softswitch.modules.event_socket.filters import FilterList
from softswitch.modules.event_socket.settings import EventSocketSettings
from softswitch.switch.events import Event
from tests.modules.event_socket.support import serving, until
from tests.support.ipv6 import needs_ipv6


async def test_wrong_password_is_refused_and_the_connection_closed() -> None:
    async with serving() as harness:
        client = await harness.connect()
        assert (await client.frame())[0] == {"Content-Type": "auth/request"}
        assert await client.ask("auth wrong") == "-ERR invalid"
        assert (await client.ended()).startswith(b"Content-Type: text/disconnect-notice\n")


async def test_before_login_commands_are_unknown_and_few() -> None:
    async with serving() as harness:
        client = await harness.connect()
        await client.frame()
        for _ in range(5):
            assert await client.ask("api status") == "-ERR command not found"
        await client.ended()
        assert harness.switch.commands == []


async def test_before_login_a_long_command_ends_the_connection() -> None:
    async with serving() as harness:
        client = await harness.connect()
        await client.frame()
        client.writer.write(b"x" * 10_000)
        assert b"disconnect-notice" in await client.ended()


async def test_address_outside_the_access_list_is_rejected() -> None:
    settings = EventSocketSettings(listen_port=0, access_lists=("192.0.2.0/24",))
    async with serving(settings) as harness:
        client = await harness.connect()
        headers, body = await client.frame()
        assert headers["Content-Type"] == "text/rude-rejection"
        assert body == "Access Denied, go away.\n"
        assert await client.ended() == b""


async def test_more_clients_than_allowed_are_rejected() -> None:
    async with serving(EventSocketSettings(listen_port=0, max_clients=1)) as harness:
        await harness.login()
        client = await harness.connect()
        assert (await client.frame())[0]["Content-Type"] == "text/rude-rejection"


async def test_well_known_password_works_only_from_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving(password="ClueCon") as harness:
        client = await harness.connect()
        await client.frame()
        assert await client.ask("auth ClueCon") == "+OK accepted"
        assert harness.server.is_local("::1:40000")
        assert harness.server.is_local("::ffff:127.0.0.1:40000")
        assert not harness.server.is_local("192.0.2.7:40000")
        monkeypatch.setattr(harness.server, "is_local", lambda peer: False)
        stranger = await harness.connect()
        await stranger.frame()
        assert await stranger.ask("auth ClueCon") == "-ERR invalid"


async def test_event_goes_to_those_who_want_it_in_their_format() -> None:
    async with serving() as harness:
        plain, xml, other = [await harness.login() for _ in range(3)]
        await plain.ask("event plain CHANNEL_CREATE")
        await xml.ask("event xml all")
        await other.ask("event json CHANNEL_DESTROY")
        harness.switch.publish("CHANNEL_CREATE", {"Unique-ID": "a b"})
        assert (await plain.event())["Unique-ID"] == "a%20b"
        headers, body = await xml.frame()
        assert headers["Content-Type"] == "text/event-xml"
        assert "<Unique-ID>a%20b</Unique-ID>" in body
        harness.switch.publish("CHANNEL_DESTROY", {"Unique-ID": "x"})
        headers, body = await other.frame()
        assert body == ('{"Event-Name":"CHANNEL_DESTROY","Event-Sequence":"2","Unique-ID":"x"}')


async def test_what_a_client_wants_may_change_between_two_events() -> None:
    async with serving() as harness:
        client, other = await harness.login(), await harness.login()

        async def told(*uuids: str) -> list[str]:
            """Which of these channels' events the client gets before an event of another kind."""
            for uuid in uuids:
                harness.switch.publish("CHANNEL_ANSWER", {"Unique-ID": uuid})
            harness.switch.publish("HEARTBEAT", {"Unique-ID": "b"})
            got: list[str] = []
            while "HEARTBEAT" not in (text := (await client.frame())[1]):
                got += [uuid for uuid in uuids if f"Unique-ID: {uuid}" in text]
            return got

        await client.ask("event plain CHANNEL_ANSWER HEARTBEAT")
        assert await told("a", "b") == ["a", "b"]
        await client.ask("filter Unique-ID b")
        assert await told("a", "b") == ["b"]
        await client.ask("filter delete all")
        assert await told("a", "b") == ["a", "b"]
        await client.ask("nixevent CHANNEL_ANSWER")
        assert await told("a", "b") == []
        await client.ask("event json HEARTBEAT")
        harness.switch.publish("HEARTBEAT")
        assert (await client.frame())[0]["Content-Type"] == "text/event-json"
        await client.ask("myevents b xml")
        assert await told("a", "b") == []
        await other.ask("event plain HEARTBEAT")
        await client.ask("exit")
        harness.switch.publish("HEARTBEAT")
        assert (await other.event())["Event-Name"] == "HEARTBEAT"


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of events that were written out."""
    names: list[str] = []

    def watched(event: Event, form: EventFormat) -> bytes:
        names.append(event.name)
        return encode(event, form)

    monkeypatch.setattr("softswitch.modules.event_socket.piece.encode", watched)
    return names


async def test_what_only_full_queues_would_get_is_not_encoded(
    encoded: list[str],
) -> None:
    async with serving() as harness:
        client = await harness.login()
        await client.ask("event plain HEARTBEAT API")
        [connection] = harness.server.connections
        connection.listener.full = True
        harness.switch.publish("HEARTBEAT")
        assert (encoded, connection.listener.lost) == ([], 1)
        other = await harness.login()
        await other.ask("event plain HEARTBEAT")
        harness.switch.publish("HEARTBEAT")
        assert (await other.event())["Event-Name"] == "HEARTBEAT"
        assert (encoded.count("HEARTBEAT"), connection.listener.lost) == (1, 2)


async def test_kinds_without_number_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("softswitch.modules.event_socket.server.MOST_KINDS", 5)
    async with serving() as harness:
        client = await harness.login()
        await client.ask("event plain ALL")
        for number in range(20):
            event = Event("CUSTOM", subclass=f"my::{number}")
            harness.switch.bus.publish(event)
            assert (await client.event())["Event-Subclass"] == f"my%3A%3A{number}"
            assert len(harness.server._takers) <= 5


async def test_nobody_listening_leaves_the_bus_alone() -> None:
    async with serving() as harness:
        client = await harness.login()
        assert not harness.switch.bus.wants("CHANNEL_CREATE")
        await client.ask("event plain CHANNEL_CREATE")
        assert harness.switch.bus.wants("CHANNEL_CREATE")
        await client.ask("noevents")
        assert not harness.switch.bus.wants("CHANNEL_CREATE")


async def test_events_wait_until_a_command_is_answered() -> None:
    async with serving() as harness:
        client = await harness.login()
        await client.ask("event plain CHANNEL_CREATE")
        harness.switch.gate = asyncio.Event()
        client.send("api slow")
        await until(lambda: harness.switch.commands)
        harness.switch.publish("CHANNEL_CREATE")
        harness.switch.gate.set()
        assert (await client.frame())[0]["Content-Type"] == "api/response"
        assert (await client.event())["Event-Name"] == "CHANNEL_CREATE"


async def test_for_a_client_that_does_not_read_nothing_is_encoded(
    encoded: list[str],
) -> None:
    async with serving() as harness:
        client = await harness.login()
        await client.ask("event plain HEARTBEAT API")
        [connection] = harness.server.connections
        connection.pause_writing()
        harness.switch.publish("HEARTBEAT")
        harness.server.delivery.flush()
        assert connection.listener.waiting and encoded == []
        # Who reads the same has it written, once for both.
        other = await harness.login()
        await other.ask("event plain API")
        harness.switch.publish("API")
        assert (await other.event())["Event-Name"] == "API"
        assert encoded == ["API"]
        connection.resume_writing()
        assert (await client.event())["Event-Name"] == "HEARTBEAT"
        assert (await client.event())["Event-Name"] == "API"
        assert encoded == ["API", "HEARTBEAT"]


async def test_a_client_that_reads_late_gets_all_that_waits_and_then_the_end() -> None:
    async with serving() as harness:
        client = await harness.login()
        await client.ask("event plain API HEARTBEAT")
        [connection] = harness.server.connections
        connection.pause_writing()
        for number in range(20):
            harness.switch.publish("API", {"Number": str(number)})
        assert await client.ask("exit") == "+OK bye"
        assert not harness.server.connections
        harness.switch.publish("HEARTBEAT")
        connection.resume_writing()
        connection.resume_writing()
        got = await client.ended()
        assert got.count(b"Event-Name: API") == 20
        assert b"HEARTBEAT" not in got
        assert got.count(b"disconnect-notice") == 1 and got.endswith(b"cluecon.com/\n")


async def test_a_client_that_does_not_read_loses_events_and_is_told_how_many() -> None:
    settings = EventSocketSettings(listen_port=0, queue_bytes=65536)
    async with serving(settings) as harness:
        client = await harness.login()
        await client.ask("event plain CUSTOM test::flood event_socket::lost")
        [connection] = harness.server.connections
        connection.pause_writing()
        for number in range(200):
            harness.switch.publish(
                "CUSTOM", {"Number": str(number), "Fill": "x" * 1000}, subclass="test::flood"
            )
        lost = connection.listener.lost
        assert 100 < lost < 200
        connection.resume_writing()
        for number in range(200 - lost):
            assert (await client.event())["Number"] == str(number)
        marker = await client.event()
        assert marker["Event-Subclass"] == "event_socket%3A%3Alost"
        assert marker["Lost-Events"] == str(lost)
        harness.switch.publish("CUSTOM", {"Number": "next"}, subclass="test::flood")
        assert (await client.event())["Number"] == "next"


async def test_events_that_nobody_has_room_for_are_counted_and_not_built() -> None:
    async with serving() as harness:
        bus = harness.switch.bus
        client, other = [await harness.login() for _ in range(2)]
        for one in (client, other):
            await one.ask("event plain HEARTBEAT API")
        listeners = [connection.listener for connection in harness.server.connections]
        for listener in listeners:
            listener.full = True
        assert not bus.skip("API")
        harness.switch.publish("API")
        before = bus.sequence
        assert bus.skip("API") and bus.skip("HEARTBEAT")
        assert bus.sequence == before + 2
        assert [listener.lost for listener in listeners] == [3, 3]
        await other.ask("noevents")
        assert not bus.skip("API"), "the bus is asked anew after each change"


async def test_filters_of_a_full_client_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    passes = FilterList.pass_

    def watched(self: FilterList, headers: dict[str, str]) -> bool:
        asked.append(headers["Event-Name"])
        return passes(self, headers)

    monkeypatch.setattr(FilterList, "pass_", watched)
    async with serving() as harness:
        bus = harness.switch.bus
        stalled, reading = [await harness.login() for _ in range(2)]
        for one in (stalled, reading):
            await one.ask("filter Event-Name HEARTBEAT")
            await one.ask("event plain HEARTBEAT API")
        first = next(iter(harness.server.connections)).listener
        first.full = True
        harness.switch.publish("API")
        assert (asked, first.lost) == (["API"], 1), "the other one's filter was asked"
        assert not bus.skip("API")
        for connection in harness.server.connections:
            connection.listener.full = True
        harness.switch.publish("API")
        assert bus.skip("HEARTBEAT")
        assert (asked, first.lost) == (["API"], 3)


async def test_many_kinds_that_nobody_has_room_for_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("softswitch.modules.event_socket.server.MOST_KINDS", 5)
    async with serving() as harness:
        await (await harness.login()).ask("event plain ALL")
        [connection] = harness.server.connections
        connection.listener.full = True
        harness.switch.publish("API")
        for number in range(20):
            assert harness.switch.bus.skip("CUSTOM", f"my::{number}")
            assert len(harness.server._losers) <= 5
        assert connection.listener.lost == 21


async def test_a_slow_client_is_disconnected_where_that_is_the_policy() -> None:
    settings = EventSocketSettings(listen_port=0, queue_bytes=65536, overflow="disconnect")
    async with serving(settings) as harness:
        client = await harness.login()
        await client.ask("event plain all")
        [connection] = harness.server.connections
        connection.pause_writing()
        for _ in range(100):
            harness.switch.publish("API", {"Fill": "x" * 1000})
        assert await client.ended() == b""


async def test_log_lines_reach_clients_that_asked_for_their_level() -> None:
    async with serving() as harness:
        client = await harness.login()
        assert await client.ask("log warning") == "+OK log level warning [4]"
        logger = logging.getLogger("softswitch.test")
        logger.info("not this")
        logger.warning("a line with password=hunter2", extra={"uuid": "u-1"})
        headers, body = await client.frame()
        assert headers["Content-Type"] == "log/data"
        assert headers["Log-Level"] == "4"
        assert headers["User-Data"] == "u-1"
        assert body.endswith("a line with password=***\n")
        assert await client.ask("log debug") == "+OK log level debug [7]"
        logger.debug("everything")
        assert (await client.frame())[1].endswith("everything\n")
        assert await client.ask("nolog") == "+OK no longer logging"
        assert await client.ask("nolog") == "-ERR not loging"


async def test_the_level_an_operator_set_is_back_when_nobody_wants_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logger = logging.getLogger("softswitch")
    monkeypatch.setattr(logger, "level", logger.level)
    logger.setLevel(logging.ERROR)
    async with serving() as harness:
        one, two = await harness.login(), await harness.login()
        await one.ask("log info")
        await two.ask("log debug")
        assert logger.level == logging.DEBUG
        await two.ask("nolog")
        assert logger.level == logging.INFO
        await one.ask("nolog")
        assert logger.level == logging.ERROR
        await one.ask("log debug")
        logger.setLevel(logging.CRITICAL)
        await one.ask("nolog")
        assert logger.level == logging.CRITICAL
    logger.setLevel(logging.NOTSET)


async def test_stopping_says_goodbye() -> None:
    async with serving() as harness:
        client = await harness.login()
        await harness.server.stop()
        assert b"Disconnected, goodbye." in await client.ended()


def test_it_works_on_the_loop_the_switch_runs_on() -> None:
    uvloop = pytest.importorskip("uvloop")

    async def talk() -> None:
        async with serving() as harness:
            client = await harness.login()
            await client.ask("event plain API")
            harness.switch.publish("API", {"X": "y"})
            assert (await client.event())["X"] == "y"

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(talk())


@needs_ipv6
async def test_the_address_for_all_takes_clients_of_both_families() -> None:
    async with serving(EventSocketSettings(listen_ip="::", listen_port=0)) as harness:
        assert harness.server._server is not None
        for listener in harness.server._server.sockets:
            host, port = listener.getsockname()[:2]
            nearby = "::1" if host == "::" else "127.0.0.1"
            reader, writer = await asyncio.open_connection(nearby, port)
            assert await reader.readline() == b"Content-Type: auth/request\n"
            writer.close()
            await writer.wait_closed()
        assert len(harness.server._server.sockets) == 2
