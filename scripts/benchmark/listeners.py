"""Event socket clients beside a load: some read all events, one has stopped reading, one asks."""

from __future__ import annotations

import selectors
import socket
import threading
from pathlib import Path
from typing import Any

from softswitch.config import secrets

LOST = b"Event-Subclass: event_socket%3A%3Alost"
BUFFER = 64 * 1024


class Listeners:
    """Clients of a switch, read by a thread until the end, and what they got.

    ``silent`` clients subscribe as the others do, and read nothing before `finish`.
    """

    def __init__(self, port: int, data: Path, *, reading: int, silent: int) -> None:
        password = secrets.read(data)["event_socket_password"]
        self.events = 0
        """Events that were read, by all together."""
        self.lost = False
        """Whether the silent one was told that events are missing."""
        self._reading = [_client(port, password) for _ in range(reading)]
        self._silent = [_client(port, password) for _ in range(silent)]
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with selectors.DefaultSelector() as selector:
            for one in self._reading:
                selector.register(one, selectors.EVENT_READ)
            left = len(self._reading)
            while left:
                for key, _ in selector.select(10):
                    client: Any = key.fileobj
                    data = client.recv(1 << 20)
                    if not data:
                        selector.unregister(client)
                        left -= 1
                    # One that stands across two reads is not counted: none of many.
                    self.events += data.count(b"\nEvent-Name: ")

    def finish(self) -> dict[str, Any]:
        """Have the silent ones read what waited for them; what all got."""
        for client in self._silent:
            client.settimeout(10)
            self.lost = self.lost or _reads_loss(client)
        for client in self._reading:
            # All that waits comes before the end.
            client.sendall(b"exit\n\n")
        self._thread.join(20)
        for client in (*self._silent, *self._reading):
            client.close()
        return {"read": self.events, "told_loss": self.lost}


def ask(port: int, data: Path, command: str) -> str:
    """What a command answers."""
    password = secrets.read(data)["event_socket_password"]
    with socket.create_connection(("127.0.0.1", port), 20) as client, client.makefile("rb") as got:
        client.sendall(f"auth {password}\n\napi {command}\n\nexit\n\n".encode())
        length = 0
        for line in got:
            name, _, value = line.partition(b":")
            if name == b"Content-Length":
                length = int(value)
            elif not line.strip() and length:
                return got.read(length).decode()
    raise ConnectionError(f"no answer to {command}")


def _client(port: int, password: str) -> socket.socket:
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    client.connect(("127.0.0.1", port))
    client.settimeout(20)
    client.sendall(f"auth {password}\n\nevent plain ALL\n\n".encode())
    got = b""
    while b"+OK event listener enabled" not in got:
        more = client.recv(1000)
        assert more, got
        got += more
    return client


def _reads_loss(client: socket.socket) -> bool:
    """Read until the client is told of a loss, or nothing more comes."""
    tail = b""
    try:
        while data := client.recv(1 << 20):
            if LOST in (tail := tail[-len(LOST) :] + data):
                return True
    except TimeoutError:
        pass
    return False
