"""Looking up our address while a configuration is read: blocking, as the reading is."""

from __future__ import annotations

import asyncio
import threading

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


def test_a_resolver_that_hangs_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    released = threading.Event()
    monkeypatch.setattr(outside, "PATIENCE", 0.05)
    monkeypatch.setattr(outside, "_look_up", lambda *_: released.wait(60))
    try:
        assert OutsideAddress()("host:slow.example") is None
    finally:
        released.set()
    assert "no answer within" in caplog.text
