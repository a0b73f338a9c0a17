"""Two far ends that the switch has joined, and what it says to each, in virtual time."""

from __future__ import annotations

from softswitch.sip.message import Request, Response
from softswitch.switch.session import Session
from tests.support.sip_bench import SipBench


class Call:
    """Alice and Bob, and what the switch said to each."""

    def __init__(self, bench: SipBench) -> None:
        self.bench = bench
        self.sessions: list[Session] = []
        self.to_bob: Request
        self.to_alice: Response

    @property
    def a(self) -> Session:
        return self.sessions[0]

    @property
    def b(self) -> Session:
        return self.sessions[1]

    async def begin(self, alice: str, bob: str) -> None:
        bench = self.bench
        await bench.invite("2000", alice)
        self.to_bob = bench.bob.request("INVITE")
        bench.bob.answer(self.to_bob, 200, bob)
        await bench.settle()
        bench.bob.request("ACK")
        self.to_alice = bench.alice.response(200)
        bench.alice.ack(self.to_alice)
        await bench.settle()
        found = list(bench.switch.sessions.values())
        self.sessions = sorted(found, key=lambda session: session.channel.outbound)

    async def alice_offers(self, body: str, *, answer: str = "") -> tuple[Response, Request | None]:
        """A re-INVITE of Alice's: its answer, and what Bob was asked in turn."""
        bench = self.bench
        bench.alice.ask("INVITE", body=body, within=self.to_alice)
        await bench.settle()
        response = bench.alice.response(200)
        bench.alice.ack(response)
        asked = None
        if answer:
            asked = bench.bob.request("INVITE")
            bench.bob.answer(asked, 200, answer)
            await bench.settle()
            bench.bob.request("ACK")
        await bench.settle()
        return response, asked
