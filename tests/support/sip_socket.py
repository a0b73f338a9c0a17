"""A bare UDP socket that speaks SIP word by word: for what no decent phone does."""

from __future__ import annotations

import asyncio
import itertools
from typing import cast

from softswitch.sip.auth import answer
from softswitch.sip.message import Request, Response, make_response
from softswitch.sip.parser import parse_message
from tests.support.patience import PATIENCE

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)
"""Audio that goes nowhere: offer or answer of one who only signals."""


class SipSocket(asyncio.DatagramProtocol):
    """Sends what it is told to one server and keeps what comes back in order."""

    def __init__(self, server: tuple[str, int]) -> None:
        self.server = server
        self.local: tuple[str, int] = ("", 0)
        self.received: asyncio.Queue[bytes] = asyncio.Queue()
        self._transport: asyncio.DatagramTransport | None = None
        self._numbers = itertools.count(1)

    @classmethod
    async def open(cls, server: tuple[str, int], *, port: int = 0) -> SipSocket:
        """Bind a port of the loopback, by itself a free one. Close it with `close`."""
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_datagram_endpoint(
            lambda: cls(server), local_addr=("127.0.0.1", port)
        )
        return wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.local = transport.get_extra_info("sockname")

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.received.put_nowait(data)

    def send(self, data: bytes, target: tuple[str, int] | None = None) -> None:
        """Send one datagram as it is, to the server if nothing else is said."""
        assert self._transport is not None
        self._transport.sendto(data, target or self.server)

    def close(self) -> None:
        """Free the port."""
        if self._transport is not None:
            self._transport.close()

    async def message(self) -> Request | Response:
        """The next message that came; fails where none comes."""
        async with asyncio.timeout(PATIENCE):
            return parse_message(await self.received.get())

    async def response(self) -> Response:
        """The next final response; requests and provisional ones are passed over."""
        while True:
            message = await self.message()
            if isinstance(message, Response) and message.status >= 200:
                return message

    async def request(self, method: str) -> Request:
        """The next request of that method; all else is passed over."""
        while True:
            message = await self.message()
            if isinstance(message, Request) and message.method == method:
                return message

    def build(
        self,
        method: str,
        uri: str,
        *,
        user: str = "1000",
        headers: tuple[tuple[str, str], ...] = (),
        body: str = "",
        call_id: str = "",
        cseq: int = 0,
        to_tag: str = "",
    ) -> bytes:
        """A request as text; what ``headers`` give takes the place of the usual."""
        number = next(self._numbers)
        host, port = self.local
        domain = uri.partition(":")[2].rpartition("@")[2].partition(":")[0]
        lines = {
            "Via": f"SIP/2.0/UDP {host}:{port};branch=z9hG4bK-{port}-{number};rport",
            "Max-Forwards": "70",
            "From": f"<sip:{user}@{domain}>;tag=from-{port}",
            "To": f"<sip:{user if method == 'REGISTER' else 'somebody'}@{domain}>"
            + (f";tag={to_tag}" if to_tag else ""),
            "Call-ID": call_id or f"call-{port}",
            "CSeq": f"{cseq or number} {method}",
            "Contact": f"<sip:{user}@{host}:{port}>",
        }
        if body:
            lines["Content-Type"] = "application/sdp"
        lines.update(headers)
        lines["Content-Length"] = str(len(body))
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"{method} {uri} SIP/2.0\r\n{text}\r\n{body}".encode()

    async def ask(
        self, method: str, uri: str, *, user: str = "1000", **options: object
    ) -> Response:
        """Send a request and give its final response."""
        self.send(self.build(method, uri, user=user, **options))  # type: ignore[arg-type]
        return await self.response()

    def respond(
        self,
        request: Request,
        status: int,
        *,
        headers: tuple[tuple[str, str], ...] = (),
        body: str = "",
    ) -> None:
        """Answer a request."""
        response = make_response(request, status, to_tag=f"to-{self.local[1]}")
        for name, value in headers:
            response.headers.add(name, value)
        response.body = body.encode()
        via = request.top_via
        self.send(response.encode(), (via.host, via.port or 5060))

    def credentials(
        self,
        challenges: list[str],
        method: str,
        uri: str,
        *,
        user: str = "1000",
        password: str = "secret-1000",
        nonce_count: int = 1,
    ) -> str:
        """The Authorization that answers a challenge."""
        return answer(
            challenges,
            method=method,
            uri=uri,
            username=user,
            password=password,
            cnonce="cnonce-of-a-test",
            nonce_count=nonce_count,
        )
