from __future__ import annotations

import pytest

from softswitch.console.client import Refused
from softswitch.console.frames import Frame
from softswitch.console.remote import connect
from tests.modules.event_socket.support import serving


async def test_answers_come_in_order_and_events_apart_from_them() -> None:
    frames: list[Frame] = []
    async with serving() as harness:
        harness.switch.answers |= {"a": "1\n", "b": "2\n"}
        remote = await connect(*harness.server.address, "secret", frames.append)
        assert (await remote.ask("event plain API")).text == "+OK event listener enabled plain"
        harness.switch.publish("API", {"X": "y"})
        assert await remote.command("a") == "1\n"
        assert await remote.command("b") == "2\n"
        assert [frame.kind for frame in frames] == ["text/event-plain"]
        remote.close()


async def test_a_wrong_password_is_refused() -> None:
    async with serving() as harness:
        with pytest.raises(Refused, match="refuses the password"):
            await connect(*harness.server.address, "wrong", lambda frame: None)


async def test_a_question_to_a_switch_that_left_is_refused() -> None:
    async with serving() as harness:
        remote = await connect(*harness.server.address, "secret", lambda frame: None)
        await harness.server.stop()
        await remote.closed
        with pytest.raises(Refused, match="closed the connection"):
            await remote.ask("api status")
        assert repr(remote) == "<Remote closed, 0 questions>"
