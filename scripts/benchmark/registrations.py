"""Registers users at a steady rate and unregisters them: the part of the load that is no call.

Each registration is a REGISTER that is challenged, the same with credentials, and one more with
the same nonce that ends it. Prints JSON like the load generator's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from typing import cast

from softswitch.sip.auth import answer
from softswitch.sip.message import Headers, Request, Response
from softswitch.sip.parser import parse_message

USER, PASSWORD = "1000", "bench-1000"
PATIENCE = 10.0
"""Seconds that one request is waited for."""
REPEAT = 0.5
"""Seconds after which an unanswered request is sent again."""


class Client(asyncio.DatagramProtocol):
    """One socket; requests wait for the final response of their branch."""

    def __init__(self) -> None:
        self.repeats = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._waiting: dict[str, asyncio.Future[Response]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = parse_message(data)
        if isinstance(message, Response) and message.status >= 200:
            waiting = self._waiting.get(message.top_via.branch or "")
            if waiting is not None and not waiting.done():
                waiting.set_result(message)

    async def ask(self, request: Request) -> Response:
        """Send a request until it is answered. Raises TimeoutError."""
        assert self._transport is not None
        branch = request.top_via.branch or ""
        waiting: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._waiting[branch] = waiting
        try:
            async with asyncio.timeout(PATIENCE):
                self._transport.sendto(request.encode())
                while True:
                    done, _ = await asyncio.wait((waiting,), timeout=REPEAT)
                    if done:
                        return waiting.result()
                    self.repeats += 1
                    self._transport.sendto(request.encode())
        finally:
            del self._waiting[branch]


class Load:
    """All registrations of one run."""

    def __init__(self, client: Client, target: str, local: str) -> None:
        self.registered = 0
        self.times: list[float] = []
        """Milliseconds from the first REGISTER to the 200 of the second."""
        self._client = client
        self._target = target
        self._local = local

    async def register(self, number: int) -> None:
        """Register and unregister once."""
        began = time.monotonic()
        try:
            challenge = await self._client.ask(self._request(number, 1, 3600, ""))
            headers = challenge.headers.all("WWW-Authenticate")
            first = await self._ask(number, 2, 3600, headers)
            self.times.append((time.monotonic() - began) * 1000)
            last = await self._ask(number, 3, 0, headers)
        except TimeoutError:
            return
        self.registered += challenge.status == 401 and first.status == last.status == 200

    async def _ask(self, number: int, cseq: int, expires: int, challenges: list[str]) -> Response:
        credentials = answer(
            challenges,
            method="REGISTER",
            uri=f"sip:{self._target}",
            username=USER,
            password=PASSWORD,
            cnonce=f"c{number}",
            nonce_count=cseq - 1,
        )
        return await self._client.ask(self._request(number, cseq, expires, credentials))

    def _request(self, number: int, cseq: int, expires: int, credentials: str) -> Request:
        # Of one address of record each contact is another phone.
        via = f"SIP/2.0/UDP {self._local};branch=z9hG4bK{number}-{cseq};rport"
        headers = [
            ("Via", via),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{USER}@127.0.0.1>;tag=r{number}"),
            ("To", f"<sip:{USER}@127.0.0.1>"),
            ("Call-ID", f"register-{number}"),
            ("CSeq", f"{cseq} REGISTER"),
            ("Contact", f"<sip:{USER}-{number}@{self._local}>"),
            ("Expires", str(expires)),
        ]
        if credentials:
            headers.append(("Authorization", credentials))
        return Request("REGISTER", f"sip:{self._target}", Headers(headers))


async def run(target: str, caller: str, rate: float, count: int) -> dict[str, object]:
    """Place all of them and wait for their ends."""
    loop = asyncio.get_running_loop()
    (host, port), (own_host, own_port) = target.split(":"), caller.split(":")
    _, client = await loop.create_datagram_endpoint(
        Client, local_addr=(own_host, int(own_port)), remote_addr=(host, int(port))
    )
    load = Load(client, target, caller)
    began = loop.time()
    async with asyncio.TaskGroup() as tasks:
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
            tasks.create_task(load.register(number))
    shares = statistics.quantiles(load.times, n=100) if len(load.times) > 1 else [None] * 99
    return {
        "placed": count,
        "answered": load.registered,
        "repeats": client.repeats,
        "most_at_once": 0,
        "refused": {},
        "setup_ms": {"p50": shares[49], "p99": shares[98]},
        "rtp": {"sent": 0, "returned": 0, "foreign": 0, "delay_ms": {"p99": None}},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--target", required=True, help="HOST:PORT of the switch")
    parser.add_argument("--caller", required=True, help="HOST:PORT to register from")
    parser.add_argument("--rate", type=float, required=True, help="registrations a second")
    parser.add_argument("--calls", type=int, required=True, help="registrations in all")
    options = parser.parse_args()
    report = run(options.target, options.caller, options.rate, options.calls)
    print(json.dumps(asyncio.run(report)))


if __name__ == "__main__":
    main()
