"""Which switch to talk to: what was said, else the one that runs on the data folder."""

from __future__ import annotations

from pathlib import Path

from softswitch.config import running, secrets
from softswitch.config.running import Place
from softswitch.console.client import Refused

HOST, PORT = "127.0.0.1", 8021
"""Where a switch is that left no word."""


def place(
    data: Path, host: str | None = None, port: int | None = None, password: str | None = None
) -> Place:
    """Host, port and password as given; those that are None are the running switch's.

    Its password is told to its own address only, the generated one to any other. Raises `Refused`
    where there is none.
    """
    try:
        here = running.find(data)
    except OSError as error:
        raise Refused(f"where the switch listens cannot be read: {error}") from None
    if here is not None:
        if host is None and port is None:
            host, port = here.host, here.port
        # Who names one of the two may mean this switch or another one.
        if (host or HOST, port or PORT) == (here.host, here.port):
            password = password or here.password
    return Place(host or HOST, port or PORT, password or _generated(data))


def _generated(data: Path) -> str:
    try:
        password = secrets.read(data).get("event_socket_password")
    except OSError as error:
        raise Refused(f"the password cannot be read: {error}") from None
    if not password:
        raise Refused(f"{data} holds no password yet; give it with -p, or its folder with --data")
    return password
