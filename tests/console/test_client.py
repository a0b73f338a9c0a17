from __future__ import annotations

import socket
import threading

import pytest

from softswitch.console.client import Client, Refused
from tests.console.support import answering


def test_a_command_is_sent_as_a_console_line_and_its_answer_comes_raw() -> None:
    with answering({"status": "UP\n\n"}) as server:
        client = Client("127.0.0.1", server.port, "secret")
        assert client.command("status") == "UP\n\n"
        client.close()
        assert server.asked == ["auth secret", "api status\nconsole_execute: true"]


def test_a_wrong_password_is_told() -> None:
    with answering({}) as server, pytest.raises(Refused, match="refuses the password"):
        Client("127.0.0.1", server.port, "wrong")


def test_a_switch_that_is_not_there_is_told_with_its_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(Refused, match=f"no switch at 127.0.0.1 port {port}"):
        Client("127.0.0.1", port, "secret")


def test_a_switch_that_says_nothing_is_given_up_after_the_timeout() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as mute,
        pytest.raises(Refused, match="did not answer in time"),
    ):
        Client("127.0.0.1", mute.getsockname()[1], "secret", timeout=0.05)


def test_a_switch_that_goes_away_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def leave() -> None:
            listener.accept()[0].close()

        thread = threading.Thread(target=leave)
        thread.start()
        with pytest.raises(Refused, match=r"closed|broke"):
            Client("127.0.0.1", listener.getsockname()[1], "secret")
        thread.join()
