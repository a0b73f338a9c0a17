"""What a service manager is told: that the switch is up, alive, stopping (``sd_notify(3)``)."""

from __future__ import annotations

import logging
import os
import socket

log = logging.getLogger(__name__)


class Supervisor:
    """Sends notifications to the socket that the environment names; without one says nothing."""

    def __init__(self, address: str | None = None, watchdog_us: str | None = None) -> None:
        """Take what systemd put into the environment, unless it is given."""
        address = os.environ.get("NOTIFY_SOCKET", "") if address is None else address
        text = os.environ.get("WATCHDOG_USEC", "") if watchdog_us is None else watchdog_us
        # An abstract socket is written with an @.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.watchdog_seconds = int(text) / 2_000_000 if text.isdigit() and self._address else 0.0
        """How often `alive` must be called; 0 is not at all."""

    def __repr__(self) -> str:
        return f"<Supervisor {'systemd' if self._address else 'nobody'}>"

    def ready(self) -> None:
        """Calls are taken."""
        self._tell("READY=1")

    def alive(self) -> None:
        """The loop turns."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """The switch ends."""
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender:
                sender.sendto(message.encode(), self._address)
        except OSError as error:
            log.warning("the service manager was not told %s: %s", message, error)
