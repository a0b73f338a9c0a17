"""What an event socket sends, without sockets: bytes to frames."""

from __future__ import annotations


class Frame:
    """An answer, an event or a log line."""

    # Not a dataclass: importing those takes longer than all that ``console -x`` does.
    __slots__ = ("body", "headers")

    def __init__(self, headers: dict[str, str], body: str = "") -> None:
        self.headers = headers
        self.body = body

    def __repr__(self) -> str:
        return f"<Frame {self.kind} {self.text[:40]!r}>"

    @property
    def kind(self) -> str:
        """Its Content-Type: ``command/reply``, ``api/response``, ``log/data`` …"""
        return self.headers.get("Content-Type", "")

    @property
    def is_answer(self) -> bool:
        """True for what answers a command; all else comes by itself."""
        return self.kind in ("command/reply", "api/response")

    @property
    def text(self) -> str:
        """The body, or where there is none the reply's text."""
        return self.body or self.headers.get("Reply-Text", "")


class FrameReader:
    """Cuts what a server sends into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._headers: dict[str, str] | None = None

    def __repr__(self) -> str:
        return f"<FrameReader {len(self._buffer)} bytes waiting>"

    def feed(self, data: bytes) -> list[Frame]:
        """Frames that ``data`` completes."""
        self._buffer += data
        frames = []
        while (frame := self._next()) is not None:
            frames.append(frame)
        return frames

    def _next(self) -> Frame | None:
        if self._headers is None:
            end = self._buffer.find(b"\n\n")
            if end < 0:
                return None
            lines = self._buffer[:end].decode("utf-8", "replace").split("\n")
            del self._buffer[: end + 2]
            pairs = (line.partition(":") for line in lines)
            self._headers = {name.strip(): value.strip() for name, _, value in pairs}
        length = self._headers.get("Content-Length", "0")
        size = int(length) if length.isascii() and length.isdigit() else 0
        if len(self._buffer) < size:
            return None
        headers, self._headers = self._headers, None
        body = self._buffer[:size].decode("utf-8", "replace")
        del self._buffer[:size]
        return Frame(headers, body)
