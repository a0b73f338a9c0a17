"""Looking up our address while a configuration is read: blocking, as the reading is."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from softswitch.net import outside, stun
from softswitch.net.outside import OutsideAddress
from tests.net.test_stun import serve


async def test_a_stun_server_and_a_host_tell_the_address() -> None:
    transport, address, server = await serve("proper")
    look_up = OutsideAddress()
    try:
        for _ in range(2):
            found = await asyncio.to_thread(look_up, f"stun:{address[0]}:{address[1]}")
            assert found == "127.0.0.1"
        assert server.requests == 1, "an answer holds for a while"
    finally:
        transport.close()
    assert await asyncio.to_thread(look_up, "host:127.0.0.3") == "127.0.0.3"


async def test_who_does_not_answer_is_told_and_not_asked_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(stun, "FIRST_WAIT", 0.01)
    transport, address, server = await serve("silent")
    look_up = OutsideAddress()
    try:
        for _ in range(2):
            assert await asyncio.to_thread(look_up, f"stun:{address[0]}:{address[1]}") is None
        assert server.requests == stun.ATTEMPTS
    finally:
        transport.close()
    assert caplog.text.count("does not answer") == 1


@pytest.mark.parametrize(
    ("specification", "reason"),
    [
        ("ftp:127.0.0.1", "write stun:server or host:name"),
        ("127.0.0.1", "write stun:server or host:name"),
        ("stun:127.0.0.1:port", "'port' is no port"),
        ("host:nowhere.invalid", "host:nowhere.invalid: "),
    ],
)
def test_what_cannot_be_looked_up_is_told(
    specification: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert OutsideAddress()(specification) is None
    assert reason in caplog.text


def test_resolvers_that_hang_hold_nobody_up_and_may_answer_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released, told = threading.Event(), threading.Event()

    def hang(specification: str, found: list[str]) -> None:
        released.wait(60)
        found.append("203.0.113.7")
        told.set()

    monkeypatch.setattr(outside, "PATIENCE", 0.05)
    monkeypatch.setattr(outside, "_look_up", hang)
    look_up = OutsideAddress()
    try:
        began = time.monotonic()
        names = [f"host:slow{number}.example" for number in range(40)]
        assert [look_up(name) for name in names] == [None] * 40
        assert time.monotonic() - began < 40 * 0.05, "all together wait as long as one"
    finally:
        released.set()
    assert told.wait(10)
    monkeypatch.setattr(outside, "_look_up", lambda *_: pytest.fail("asked again"))
    assert "203.0.113.7" in {look_up(name) for name in names}
