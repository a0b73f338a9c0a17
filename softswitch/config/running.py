"""Where the running switch is spoken to: its event socket leaves word in the data folder.

Consoles import this and must start at once.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

FILE_NAME = "event_socket.running"


class Place(NamedTuple):
    """An event socket, and what logs in there."""

    host: str
    port: int
    password: str


def leave(data: Path, place: Place) -> None:
    """Tell consoles of this place, mode 0600. Raises OSError if it cannot be written."""
    path = data / FILE_NAME
    new = path.with_name(f".{FILE_NAME}.{os.getpid()}")
    new.unlink(missing_ok=True)
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{place.host}\n{place.port}\n{place.password}\n")
        os.replace(new, path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def find(data: Path) -> Place | None:
    """Where the switch of this data folder is spoken to; None where none left word, or what is
    there is not from a switch. Raises OSError if it cannot be read.
    """
    try:
        text = (data / FILE_NAME).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return None
    host, _, rest = text.partition("\n")
    port, _, password = rest.partition("\n")
    if not host or not (port.isascii() and port.isdigit()):
        return None
    return Place(host, int(port), password.removesuffix("\n"))


def forget(data: Path) -> None:
    """The switch stops. Raises OSError if that cannot be told."""
    (data / FILE_NAME).unlink(missing_ok=True)
