"""An event socket that answers commands from a table, in a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class ScriptedServer:
    """Accepts clients one after the other; ``asked`` lists what they sent."""

    def __init__(self, answers: Mapping[str, str], login: str) -> None:
        self.asked: list[str] = []
        self._answers = answers
        self._login = login
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client:
                self._talk(client)

    def _talk(self, client: socket.socket) -> None:
        client.sendall(b"Content-Type: auth/request\n\n")
        buffer = b""
        while data := client.recv(4096):
            buffer += data
            while b"\n\n" in buffer:
                command, _, buffer = buffer.partition(b"\n\n")
                self.asked.append(command.decode())
                client.sendall(self._answer(command.decode()))

    def _answer(self, command: str) -> bytes:
        line = command.split("\n")[0]
        if line.startswith(("auth ", "userauth ")):
            text = "+OK accepted" if line == self._login else "-ERR invalid"
            return f"Content-Type: command/reply\nReply-Text: {text}\n\n".encode()
        if line.startswith("api "):
            body = self._answers.get(line[4:], "-ERR unknown\n").encode()
            return b"Content-Type: api/response\nContent-Length: %d\n\n%s" % (len(body), body)
        text = self._answers.get(line, f"+OK {line}")
        return f"Content-Type: command/reply\nReply-Text: {text}\n\n".encode()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@contextmanager
def answering(
    answers: Mapping[str, str], password: str = "secret", user: str = ""
) -> Iterator[ScriptedServer]:
    """A server for the time of a test."""
    login = f"userauth {user}:{password}" if user else f"auth {password}"
    server = ScriptedServer(answers, login)
    try:
        yield server
    finally:
        server.close()
