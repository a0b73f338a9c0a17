"""Registers with a running switch again and again, and looks whether its memory stays flat.

    .venv/bin/python -m tests.load.registrations --registrations 1000000

The switch is the shipped one in a process of its own; each user registers from a contact that
changes, refreshes and leaves. Memory is looked at after a tenth and at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import cast

from softswitch.sip.auth import answer
from softswitch.sip.message import Response
from softswitch.sip.parser import parse_message
from tests.support.patience import PATIENCE
from tests.support.process import SwitchProcess, shipped_switch

USERS = 20
"""Users of the shipped directory, from 1000 on."""
GROWTH_KILOBYTES = 20_000
"""What the switch may grow by after the first tenth."""
NONCE_LASTS = 500
"""Requests that are answered with one nonce: it has to be renewed within a minute."""


class Phone(asyncio.DatagramProtocol):
    """One user's socket: a REGISTER at a time, each with an answer."""

    def __init__(self, user: int, password: str) -> None:
        self.user = str(user)
        self._password = password
        self._answer: asyncio.Future[Response] | None = None
        self._challenges: list[str] = []
        self._used = 0
        self._cseq = 0
        self.refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # In Python 3.11 it is none by inheritance.
        self._transport = cast(asyncio.DatagramTransport, transport)
        self._host, self._port = transport.get_extra_info("sockname")[:2]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = parse_message(data)
        if (
            isinstance(message, Response)
            and self._answer is not None
            and not self._answer.done()
            and message.cseq.number == self._cseq
            and message.status >= 200
        ):
            self._answer.set_result(message)

    def close(self) -> None:
        """Free the port."""
        self._transport.close()

    async def register(self, contact: int, expires: int) -> None:
        """Register a contact, with the password where it is asked for."""
        for _ in range(4):
            response = await self._ask(contact, expires)
            if response.status == 200:
                return
            assert response.status == 401, response
            self._challenges = response.headers.all("WWW-Authenticate")
            self._used = 0
        self.refused += 1

    async def _ask(self, contact: int, expires: int) -> Response:
        self._cseq += 1
        branch = f"z9hG4bK{self.user}{self._cseq}"
        lines = [
            "REGISTER sip:127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP {self._host}:{self._port};rport;branch={branch}",
            "Max-Forwards: 70",
            f"From: <sip:{self.user}@127.0.0.1>;tag={self.user}",
            f"To: <sip:{self.user}@127.0.0.1>",
            f"Call-ID: {self.user}-{contact}",
            f"CSeq: {self._cseq} REGISTER",
            f"Contact: <sip:{self.user}-{contact}@{self._host}:{self._port}>;expires={expires}",
        ]
        if self._challenges and self._used < NONCE_LASTS:
            self._used += 1
            credentials = answer(
                self._challenges,
                method="REGISTER",
                uri="sip:127.0.0.1",
                username=self.user,
                password=self._password,
                cnonce="c",
                nonce_count=self._used,
            )
            lines.append(f"Authorization: {credentials}")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.sendto("\r\n".join([*lines, "Content-Length: 0", "", ""]).encode())
        async with asyncio.timeout(PATIENCE):
            return await self._answer


async def soak(switch: SwitchProcess, count: int) -> tuple[int, float]:
    """Register so often; the kilobytes that the switch grew by, and the seconds it took."""
    loop = asyncio.get_running_loop()
    phones = []
    for user in range(1000, 1000 + USERS):
        _, phone = await loop.create_datagram_endpoint(
            lambda user=user: Phone(user, switch.password),  # type: ignore[misc]
            remote_addr=("127.0.0.1", switch.sip_port),
        )
        phones.append(phone)
    began, first = time.monotonic(), 0
    rounds = count // (3 * USERS)
    for number in range(rounds):
        # A new contact, a refresh, and every third leaves again.
        for expires in (300, 300, 0 if number % 3 == 0 else 600):
            await asyncio.gather(*(phone.register(number, expires) for phone in phones))
        if number == rounds // 10:
            first = switch.resident_kilobytes
        if number % max(rounds // 10, 1) == 0:
            print(f"{number * 3 * USERS} {switch.resident_kilobytes} kB", flush=True)
    for phone in phones:
        phone.close()
    assert not any(phone.refused for phone in phones)
    return switch.resident_kilobytes - first, time.monotonic() - began


async def run(count: int, folder: Path) -> int:
    """Start a switch, register with it, tell what came of it."""
    async with shipped_switch(folder) as switch:
        grown, seconds = await soak(switch, count)
        known = (await switch.api("sofia status profile internal reg")).rpartition("returned: ")[2]
    done = count // (3 * USERS) * 3 * USERS
    print(f"{done} registrations in {seconds:.0f} s, {grown} kB more than after a tenth,"
          f" {known.split()[0]} registered at the end")  # fmt: skip
    return 1 if grown > GROWTH_KILOBYTES else 0


def main() -> int:
    """Run it as the arguments say."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--registrations", type=int, default=1_000_000)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(run(chosen.registrations, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
