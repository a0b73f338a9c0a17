"""A name server on loopback that says what a test tells it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import dns.message
import dns.rcode
import dns.rrset


class NameServer(asyncio.DatagramProtocol):
    """Knows the records of ``zone``, lines such as ``trunk.test. 60 IN A 192.0.2.1``."""

    def __init__(self, zone: list[str]) -> None:
        self.zone = zone
        self.asked: list[str] = []
        self.silent = False
        self.address: tuple[str, int] = ("", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.address = transport.get_extra_info("sockname")

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        self.asked.append(question.to_text())
        if self.silent:
            return
        answer = dns.message.make_response(query)
        known = False
        for line in self.zone:
            name, ttl, kind, record, value = line.split(maxsplit=4)
            if name == question.name.to_text().lower():
                known = True
                if question.to_text().endswith(f" {kind} {record}"):
                    answer.answer.append(dns.rrset.from_text(name, int(ttl), kind, record, value))
        if not known:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self._transport.sendto(answer.to_wire(), addr)


@asynccontextmanager
async def name_server(*zone: str, host: str = "127.0.0.1") -> AsyncIterator[NameServer]:
    """Run one on a free port."""
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: NameServer(list(zone)), local_addr=(host, 0)
    )
    try:
        yield server
    finally:
        transport.close()
