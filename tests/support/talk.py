"""Alice and Bob, who signal by hand through a running switch; their media are the test's."""

from __future__ import annotations

from softswitch.sip.message import Request, Response
from tests.support.server import Server, until
from tests.support.sip_socket import SipSocket
from tests.support.switch import extension

TO_BOB = "bridge sofia/internal/bob@${sip_h_X-Bob}"
CALL = extension("2000", TO_BOB)


class Talk:
    """A call of Alice's that Bob answers."""

    def __init__(self, server: Server, alice: SipSocket, bob: SipSocket) -> None:
        self.server, self.alice, self.bob = server, alice, bob
        self.asked: Request
        """What Bob was asked at first."""
        self.said: Response
        """What Alice was answered at first."""
        self._alices_dialog: tuple[tuple[str, str], ...] = ()
        self._cseq = 10

    @property
    def bobs_headers(self) -> tuple[tuple[str, str], ...]:
        host, port = self.bob.local
        return ("Content-Type", "application/sdp"), ("Contact", f"<sip:bob@{host}:{port}>")

    async def begin(self, alices: str, bobs: str) -> None:
        """Alice offers, Bob answers."""
        uri = f"sip:2000@127.0.0.1:{self.alice.server[1]}"
        host, port = self.bob.local
        headers = (("X-Bob", f"{host}:{port}"),)
        self.alice.send(self.alice.build("INVITE", uri, headers=headers, body=alices))
        self.asked = await self.bob.request("INVITE")
        self.bob.respond(self.asked, 200, headers=self.bobs_headers, body=bobs)
        self.said = await self.alice.response()
        assert self.said.status == 200
        self.send("ACK", self.said.cseq.number)
        await self.bob.request("ACK")

    def send(self, method: str, cseq: int, body: str = "") -> None:
        """A request of Alice's within the call."""
        contact = self.said.contact
        assert contact is not None
        names = ("To", "From")
        headers = tuple((name, self.said.headers.get(name) or "") for name in names)
        call_id = self.said.call_id
        uri = str(contact.uri)
        self.alice.send(
            self.alice.build(method, uri, headers=headers, call_id=call_id, cseq=cseq, body=body)
        )

    async def reoffer(self, alices: str, bobs: str) -> tuple[Response, Request]:
        """Alice offers anew and Bob is asked in turn: her answer, and his offer.

        Which of both comes first is the switch's to choose.
        """
        self._cseq += 1
        self.send("INVITE", self._cseq, alices)
        asked = await self.bob.request("INVITE")
        self.bob.respond(asked, 200, headers=self.bobs_headers, body=bobs)
        await self.bob.request("ACK")
        said = await self.alice.response()
        self.send("ACK", self._cseq)
        return said, asked

    async def end(self) -> None:
        """Alice hangs up."""
        self.send("BYE", 1000)
        self.bob.respond(await self.bob.request("BYE"), 200)
        assert (await self.alice.response()).status == 200
        await until(lambda: not self.server.sessions, "the end of the call")
