"""The connections of one listener, by flow and by address (RFC 3261 §18, RFC 5626)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from softswitch.sip.flow import Flow


class Connection(Protocol):
    """One connection, whoever opened it."""

    flow: Flow
    aliases: set[Flow]
    """Flows without a serial that were led here."""

    def abort(self) -> None: ...


Some = TypeVar("Some", bound=Connection)


class ConnectionTable(Generic[Some]):
    """Finds the connection that a flow means: itself, or the latest one to that address."""

    def __init__(self) -> None:
        self._by_flow: dict[Flow, Some] = {}
        self._by_remote: dict[tuple[str, int], Some] = {}

    def __len__(self) -> int:
        return len(self._by_flow)

    def __iter__(self) -> Iterator[Some]:
        """All there are now; they may go meanwhile."""
        return iter(list(self._by_flow.values()))

    def add(self, connection: Some) -> None:
        """Take a connection; once too often is harmless."""
        flow = connection.flow
        if flow not in self._by_flow:
            self._by_flow[flow] = self._by_remote[flow.remote] = connection

    def find(self, flow: Flow) -> Some | None:
        """The connection of a flow. One without a serial is led to the latest to its address."""
        connection = self._by_flow.get(flow)
        if connection is None and not flow.serial:
            connection = self._by_remote.get(flow.remote)
            if connection is not None:
                connection.aliases.add(flow)
        return connection

    def remove(self, connection: Some) -> tuple[Flow, ...]:
        """Let go of a connection: the flows that led there, none if it was not here."""
        flow = connection.flow
        if self._by_flow.get(flow) is not connection:
            return ()
        del self._by_flow[flow]
        if self._by_remote.get(flow.remote) is connection:
            del self._by_remote[flow.remote]
        return (flow, *connection.aliases)

    def drop(self, flow: Flow) -> None:
        """End the connection of that very flow at once."""
        connection = self._by_flow.get(flow)
        if connection is not None:
            connection.abort()

    def __repr__(self) -> str:
        return f"<ConnectionTable {len(self)} connections>"
