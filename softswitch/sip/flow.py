"""A flow: the transport and the two addresses that messages travel between (RFC 5626 §1)."""

from __future__ import annotations

from typing import NamedTuple

_DEFAULT_PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061, "ws": 80, "wss": 443}


class Flow(NamedTuple):
    """One path to one peer; hashable, so that it can name a connection."""

    transport: str
    """``udp``, ``tcp``, ``tls``, ``ws`` or ``wss``."""
    local: tuple[str, int]
    remote: tuple[str, int]
    serial: int = 0
    """Tells connections between the same addresses apart.

    0 means any connection to ``remote``: opened when there is none. Always 0 for UDP.
    """

    @property
    def reliable(self) -> bool:
        """Whether the transport repeats what is lost, so that transactions need not."""
        return self.transport != "udp"

    def towards(self, host: str, port: int | None, transport: str | None) -> Flow:
        """The flow to an address as seen from this one; this one itself if it leads there.

        A certain connection is kept for any port of its peer: clients do not listen where they
        send from.
        """
        if self.transport in ("ws", "wss"):
            # Browsers listen nowhere (RFC 7118 §5.2).
            return self
        transport = transport or self.transport
        remote = (host, port or default_port(transport))
        if transport == self.transport and (
            remote == self.remote or (self.serial and host == self.remote[0])
        ):
            return self
        return Flow(transport, self.local, remote)

    def __str__(self) -> str:
        serial = f"#{self.serial}" if self.serial else ""
        return f"{self.transport}{serial} {_address(self.local)}→{_address(self.remote)}"


def default_port(transport: str) -> int:
    """The port meant where a URI or a Via names none (RFC 3261 §18.1.1, RFC 7118 §5.2.4)."""
    return _DEFAULT_PORTS.get(transport, 5060)


def bracketed(host: str) -> str:
    """The host as it stands in a URI or Via: IPv6 addresses in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _address(address: tuple[str, int]) -> str:
    return f"{bracketed(address[0])}:{address[1]}"
