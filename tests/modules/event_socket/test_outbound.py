from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from softswitch.modules.event_socket.outbound import Destination, destinations, socket


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1", [Destination("127.0.0.1", 8084)]),
        ("h:9000/a/b", [Destination("h", 9000, "a/b")]),
        ("h/a", [Destination("h", 8084, "a")]),
        ("a:1|b|c:3", [Destination("a", 1), Destination("b", 1), Destination("c", 3)]),
        ("[::1]:9000/x", [Destination("::1", 9000, "x")]),
        ("[::1]", [Destination("::1", 8084)]),
        ("|h", [Destination("h", 8084)]),
    ],
)
def test_hosts_ports_and_paths(text: str, expected: list[Destination]) -> None:
    assert list(destinations(text)) == expected


@pytest.mark.parametrize("text", ["h:x", "h:0", "h:65536", "h:-1"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no port"):
        list(destinations(text))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("", "<host>[:<port>] [async] [full] wanted"),
        ("h:x", "'x' is no port"),
        ("h", "mod_event_socket is not loaded"),
    ],
)
async def test_what_is_wrong_is_logged_and_the_dialplan_goes_on(
    data: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    session: Any = SimpleNamespace(
        log=logging.getLogger("softswitch.call"),
        switch=SimpleNamespace(modules=SimpleNamespace(running={})),
    )
    await socket(session, data)
    assert told in caplog.text
