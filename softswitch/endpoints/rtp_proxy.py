"""Media that passes the switch unread: every line of a description gets ports of ours, no more.

Whatever a line is about, audio of any codec, video, fax by T.38: its datagrams go from one far end
to the other as they are.
"""

from __future__ import annotations

from softswitch.media.engine import MediaEngine, Stream
from softswitch.media.parameters import RtpParameters
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.media import Connection, MediaDescription, address_family, is_group_address
from softswitch.switch.causes import CallFailed, HangupCause

_OURS_TO_SAY = frozenset({"rtcp", "candidate", "ice-ufrag", "ice-pwd", "ice-options"})
"""Attributes that name addresses of the far end: it is reached through us alone."""


class ProxiedLines:
    """The ports of one leg, by the position of their media line."""

    def __init__(self, engine: MediaEngine, local_ip: str) -> None:
        self.streams: dict[int, Stream] = {}
        self._engine = engine
        self._local_ip = local_ip

    def __repr__(self) -> str:
        return f"<ProxiedLines {list(self.streams.values())}>"

    def rewrite(self, text: str, address: str) -> str:
        """Another far end's description with ``address`` and ports of ours in it."""
        description = SessionDescription.parse(text)
        if description.connection is not None:
            description.connection = Connection(address)
        if description.origin is not None:
            description.origin.address = address
        for position, line in enumerate(description.media):
            if line.port:
                line.port, line.port_count = self._open(position).local_address[1], 1
            if line.connection is not None or description.connection is None:
                line.connection = Connection(address)
            line.attributes[:] = [item for item in line.attributes if item[0] not in _OURS_TO_SAY]
        return str(description)

    def follow(self, text: str, *, symmetric: bool, timeout_ms: int) -> None:
        """Send where this leg's own far end says it is."""
        description = SessionDescription.parse(text)
        for position, stream in self.streams.items():
            line = description.media[position] if position < len(description.media) else None
            address = _address(description, line) if line is not None else None
            stream.configure(
                RtpParameters(
                    remote_address=address,
                    codecs=(),
                    symmetric=symmetric,
                    timeout_ms=timeout_ms,
                    transparent=True,
                )
            )

    def connect(self, other: ProxiedLines) -> None:
        """Let what arrives on each line go on to the same line of the other leg."""
        for position, stream in self.streams.items():
            partner = other.streams.get(position)
            if partner is not None:
                stream.connect(partner)

    def close(self) -> None:
        """Free all ports."""
        for stream in self.streams.values():
            stream.on_event = None
            stream.close()
        self.streams.clear()

    def _open(self, position: int) -> Stream:
        stream = self.streams.get(position)
        if stream is None:
            try:
                stream = self._engine.open_stream(self._local_ip)
            except OSError as error:
                raise CallFailed(HangupCause.SWITCH_CONGESTION, f"no RTP port: {error}") from None
            self.streams[position] = stream
        return stream


def _address(description: SessionDescription, line: MediaDescription) -> tuple[str, int] | None:
    """Where a line's datagrams go; None for a refused line or an address none may go to."""
    connection = description.connection_of(line)
    if not line.port or connection is None or connection.held:
        return None
    host = connection.address
    if address_family(host) is None or is_group_address(host):
        return None
    return host, line.port
