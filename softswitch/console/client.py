"""One command to a running switch, over a plain blocking socket.

Scripts call ``softswitch console -x`` many times, so nothing slow may be imported here.
"""

from __future__ import annotations

import socket

from softswitch.console.frames import Frame, FrameReader


class Refused(Exception):
    """The switch does not let us in, or is not there; the message says which."""


WRONG_PASSWORD = (
    "the switch refuses the password; "
    "where its event_socket.conf has one of its own, give that with -p"
)


def login(password: str, user: str | None) -> str:
    """The command that logs in."""
    return f"userauth {user}:{password}" if user else f"auth {password}"


class Client:
    """A connection that has logged in."""

    def __init__(
        self,
        host: str,
        port: int,
        password: str,
        timeout: float | None = None,
        user: str | None = None,
        *,
        connecting: float | None = None,
    ) -> None:
        """Connect and log in, as a user of the directory or as nobody. Raises `Refused`.

        ``timeout`` is how many seconds an answer may take, ``connecting`` the connection.
        """
        self._reader = FrameReader()
        self._frames: list[Frame] = []
        try:
            self._socket = socket.create_connection((host, port), connecting or timeout)
            self._socket.settimeout(timeout)
        except OSError as error:
            text = error.strerror or str(error)
            raise Refused(f"there is no switch at {host} port {port} ({text})") from None
        try:
            greeting = self._frame()
            if greeting.kind != "auth/request":
                raise Refused(greeting.text.strip() or "the switch does not ask for a password")
            if not self._ask(login(password, user)).text.startswith("+OK"):
                raise Refused(WRONG_PASSWORD)
        except Refused:
            self.close()
            raise

    def __repr__(self) -> str:
        return f"<Client {self._socket.getpeername()}>"

    def command(self, line: str) -> str:
        """Run a console command; what it printed. Raises `Refused` when the switch is gone."""
        return self._ask(f"api {line}\nconsole_execute: true").text

    def close(self) -> None:
        """Leave."""
        self._socket.close()

    def _ask(self, text: str) -> Frame:
        try:
            self._socket.sendall(text.encode() + b"\n\n")
        except OSError as error:
            raise Refused(f"the connection to the switch broke ({error})") from None
        while not (frame := self._frame()).is_answer:
            if frame.kind == "text/disconnect-notice":
                raise Refused("the switch closed the connection")
        return frame

    def _frame(self) -> Frame:
        while not self._frames:
            try:
                data = self._socket.recv(65536)
            except TimeoutError:
                raise Refused("the switch did not answer in time") from None
            except OSError as error:
                raise Refused(f"the connection to the switch broke ({error})") from None
            if not data:
                raise Refused("the switch closed the connection")
            self._frames += self._reader.feed(data)
        return self._frames.pop(0)
