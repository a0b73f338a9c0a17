from __future__ import annotations

import asyncio

import pytest

from softswitch.dialplan.hunt import PlannedAction
from softswitch.modules.event_socket.messages import (
    Execute,
    Hangup,
    MessageQueue,
    NewExtension,
    NoMedia,
    parse_message,
)
from softswitch.modules.event_socket.protocol import Request
from softswitch.switch.causes import HangupCause
from softswitch.switch.unicast import Unicast
from tests.modules.event_socket.support import FakeSession, FakeSwitch, until


def _request(body: str = "", **headers: str) -> Request:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Request("sendmsg u-1", named, body)


def test_execute_with_all_its_headers() -> None:
    request = _request(
        call_command="execute",
        execute_app_name="playback",
        execute_app_arg="a.wav",
        loops="3",
        event_lock="true",
        Event_UUID="e-1",
        Event_UUID_Name="mine",
    )
    assert parse_message(request) == Execute("playback", "a.wav", 3, True, "e-1", "mine")


def test_the_body_is_the_argument_where_no_header_gives_it() -> None:
    request = _request(
        "foo=bar", call_command="execute", execute_app_name="set", content_type="text/plain"
    )
    assert parse_message(request) == Execute("set", "foo=bar")


@pytest.mark.parametrize(
    ("headers", "cause"),
    [({}, HangupCause.NORMAL_CLEARING), ({"hangup_cause": "USER_BUSY"}, HangupCause.USER_BUSY)],
)
def test_hangup_has_a_cause(headers: dict[str, str], cause: HangupCause) -> None:
    assert parse_message(_request(call_command="hangup", **headers)) == Hangup(cause)


def test_an_extension_may_be_given_line_by_line() -> None:
    headers = (("call-command", "xferext"), ("application", "set a=b c"), ("application", "answer"))
    assert parse_message(Request("sendmsg", headers)) == NewExtension(
        (PlannedAction("set", "a=b c"), PlannedAction("answer", ""))
    )


def test_media_may_be_given_up_for_another_channel() -> None:
    assert parse_message(_request(call_command="nomedia", nomedia_uuid="u-2")) == NoMedia("u-2")


@pytest.mark.parametrize(
    ("headers", "wish"),
    [
        ({}, Unicast(("127.0.0.1", 8025), ("127.0.0.1", 8026))),
        (
            {"local_ip": "192.0.2.1", "remote_ip": "192.0.2.2", "remote_port": "9", "flags": "x"},
            Unicast(("192.0.2.1", 8025), ("192.0.2.2", 9)),
        ),
        ({"transport": "UDP", "flags": "native"}, Unicast(native=True)),
        ({"transport": "tcp"}, Unicast()),
    ],
)
def test_unicast_has_addresses_with_defaults(headers: dict[str, str], wish: Unicast) -> None:
    assert parse_message(_request(call_command="unicast", **headers)) == wish


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"transport": "tls"}, "Invalid transport tls"),
        ({"remote_port": "-1"}, "remote-port -1 is no port"),
    ],
)
def test_a_unicast_that_cannot_be_is_an_error(headers: dict[str, str], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        parse_message(_request(call_command="unicast", **headers))


def test_unknown_messages_are_none() -> None:
    assert parse_message(_request(call_command="Execute")) is None


class _Scene:
    def __init__(self) -> None:
        self.switch = FakeSwitch()
        self.session: FakeSession = self.switch.new_session("u-1")
        self.emptied = 0
        self.queue = MessageQueue(self.session, self._empty)  # type: ignore[arg-type]

    def _empty(self) -> None:
        self.emptied += 1

    async def until_executed(self, count: int) -> None:
        await until(lambda: len(self.session.executed) >= count)

    async def until_empty(self) -> None:
        await until(lambda: self.emptied)


async def test_a_locked_application_keeps_the_next_waiting() -> None:
    scene = _Scene()
    scene.session.gate = asyncio.Event()
    scene.queue.put(Execute("playback", lock=True))
    assert scene.queue.put(Execute("hangup")) is None
    await scene.until_executed(1)
    assert repr(scene.queue) == "<MessageQueue u-1 1 running, 1 waiting>"
    scene.session.gate.set()
    await scene.until_empty()
    assert scene.session.executed == [("playback", ""), ("hangup", "")]


async def test_without_a_lock_applications_run_at_once() -> None:
    scene = _Scene()
    scene.session.gate = asyncio.Event()
    scene.queue.put(Execute("playback"))
    scene.queue.put(Execute("set", "a=b"))
    await scene.until_executed(2)
    scene.session.gate.set()
    await scene.until_empty()
    assert scene.session.watchers == []


async def test_hanging_up_ends_what_runs_and_drops_what_waits() -> None:
    scene = _Scene()
    scene.session.gate = asyncio.Event()
    scene.queue.put(Execute("playback", lock=True))
    scene.queue.put(Execute("set", "a=b"))
    await scene.until_executed(1)
    scene.session.hangup(HangupCause.NORMAL_CLEARING)
    await scene.until_empty()
    assert scene.session.executed == [("playback", "")]


async def test_a_repeated_application_knows_its_turn_and_stops_when_it_is_too_short() -> None:
    scene = _Scene()
    scene.queue.put(Execute("playback", loops=-1, uuid="e-1"))
    await scene.until_empty()
    assert scene.session.executed == [("playback", "")]
    assert scene.session.variables == {
        "app_uuid": "e-1",
        "current_loop": "1",
        "total_loops": "-1",
    }


@pytest.mark.virtual_time
async def test_an_application_is_repeated_as_often_as_asked() -> None:
    scene = _Scene()

    async def long(name: str, data: str = "") -> bool:
        scene.session.executed.append((name, data))
        await asyncio.sleep(1)
        return True

    scene.session.execute = long  # type: ignore[method-assign]
    scene.queue.put(Execute("playback", "x", loops=3))
    await asyncio.wait(scene.switch.tasks)
    assert scene.session.executed == [("playback", "x")] * 3


async def test_a_hang_up_waits_for_a_lock_as_well() -> None:
    scene = _Scene()
    scene.session.gate = asyncio.Event()
    scene.queue.put(Execute("playback", lock=True))
    scene.queue.put(Hangup(HangupCause.USER_BUSY))
    await scene.until_executed(1)
    assert scene.session.cause is None
    scene.session.gate.set()
    await scene.until_empty()
    assert scene.session.cause is HangupCause.USER_BUSY
