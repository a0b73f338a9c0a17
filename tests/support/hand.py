"""Hand: one stack whose peer is the test itself, which writes each message by hand."""

from __future__ import annotations

from typing import Any, TypeVar

from softswitch.sip.events import Event, InviteReceived
from softswitch.sip.flow import Flow
from softswitch.sip.message import Headers, Request, Response, make_response
from softswitch.sip.parser import parse_message
from softswitch.sip.stack import Stack
from softswitch.sip.uri import NameAddr
from softswitch.sip.usage_client import ClientUsage
from softswitch.sip.usage_server import ServerUsage
from tests.support.wire import ANSWER, OFFER, tokens

HERE = ("192.0.2.1", 5060)
THERE = ("192.0.2.2", 5060)

E = TypeVar("E")


class Hand:
    """The stack is at ``HERE``, the test at ``THERE``."""

    def __init__(self, *, transport: str = "udp", **options: Any) -> None:
        self.now = 1000.0
        self.flow = Flow(transport, HERE, THERE)
        self.stack = Stack(
            sent_by=lambda flow: HERE, token=tokens("hand"), user_agent="here", **options
        )
        self.events: list[Event] = []
        self.flows: list[Flow] = []
        """Where what ``sent`` gave last went."""
        self._branches = 0

    # What the stack does

    def sent(self) -> list[Request | Response]:
        """What it has sent since the last time."""
        transmits = self.stack.transmits()
        self.flows = [transmit.flow for transmit in transmits]
        return [parse_message(transmit.data) for transmit in transmits]

    def summaries(self) -> list[str]:
        """The same as ``INVITE`` or ``200 INVITE``."""
        return [
            each.method if isinstance(each, Request) else f"{each.status} {each.cseq.method}"
            for each in self.sent()
        ]

    def sent_request(self, method: str) -> Request:
        """The one request it has sent, of that method."""
        requests = [each for each in self.sent() if isinstance(each, Request)]
        assert [each.method for each in requests] == [method]
        return requests[0]

    def told(self) -> list[Event]:
        """What it has told since the last time."""
        events = self.stack.events()
        self.events += events
        return events

    def last(self, kind: type[E]) -> E:
        """The latest event of a kind."""
        self.told()
        found = [event for event in self.events if isinstance(event, kind)]
        assert found, f"no {kind.__name__} in {self.events}"
        return found[-1]

    def advance(self, seconds: float) -> None:
        """Let time pass, from timer to timer."""
        end = self.now + seconds
        while (deadline := self.stack.next_timeout()) is not None and deadline <= end:
            self.now = max(self.now, deadline)
            self.stack.handle_timeout(self.now)
        self.now = end

    # What the test sends

    def feed(self, message: Request | Response | bytes, flow: Flow | None = None) -> None:
        """Have the stack receive it."""
        data = message if isinstance(message, bytes) else message.encode()
        self.stack.receive(data, flow or self.flow, self.now)

    def respond(
        self,
        request: Request,
        status: int,
        tag: str = "there",
        *,
        sdp: str | None = None,
        **headers: str,
    ) -> Response:
        """Answer a request of the stack's, with a Contact at ``THERE`` unless one is given."""
        response = make_response(request, status, to_tag=tag)
        headers.setdefault("Contact", f"<sip:there@{THERE[0]}:{THERE[1]}>")
        add_headers(response, headers)
        if sdp is not None:
            response.headers.add("Content-Type", "application/sdp")
            response.body = sdp.encode()
        self.feed(response)
        return response

    def request(
        self,
        method: str,
        *,
        cseq: int = 1,
        to_tag: str = "",
        from_tag: str = "there",
        call_id: str = "call@there",
        branch: str = "",
        sdp: str | None = None,
        **headers: str,
    ) -> Request:
        """A request of the test's, not yet fed."""
        self._branches += 1
        branch = branch or f"z9hG4bKhand{self._branches}"
        tag = f";tag={to_tag}" if to_tag else ""
        request = Request(
            method,
            f"sip:here@{HERE[0]}",
            Headers(
                [
                    ("Via", f"SIP/2.0/UDP {THERE[0]}:{THERE[1]};branch={branch}"),
                    ("Max-Forwards", "70"),
                    ("From", f"<sip:there@{THERE[0]}>;tag={from_tag}"),
                    ("To", f"<sip:here@{HERE[0]}>{tag}"),
                    ("Call-ID", call_id),
                    ("CSeq", f"{cseq} {method}"),
                    ("Contact", f"<sip:there@{THERE[0]}:{THERE[1]}>"),
                ]
            ),
        )
        add_headers(request, headers)
        if sdp is not None:
            request.headers.add("Content-Type", "application/sdp")
            request.body = sdp.encode()
        return request

    # Whole beginnings

    def invite(self, sdp: str | None = OFFER, patience: float = 0.0) -> tuple[ClientUsage, Request]:
        """A call of the stack's, and its INVITE."""
        return self.call(sdp, patience), self.sent_request("INVITE")

    def call(self, sdp: str | None = OFFER, patience: float = 0.0) -> ClientUsage:
        """A call of the stack's."""
        return self.stack.invite(
            self.stack.build_request(
                "INVITE",
                f"sip:there@{THERE[0]}",
                from_=NameAddr.parse(f"<sip:here@{HERE[0]}>"),
                to=NameAddr.parse(f"<sip:there@{THERE[0]}>"),
                body=(sdp or "").encode(),
            ),
            self.flow,
            self.now,
            patience=patience,
        )

    def expiring(self, seconds: int) -> ClientUsage:
        """A call of the stack's that is not wanted any longer than that."""
        request = self.stack.build_request(
            "INVITE",
            f"sip:there@{THERE[0]}",
            from_=NameAddr.parse(f"<sip:here@{HERE[0]}>"),
            to=NameAddr.parse(f"<sip:there@{THERE[0]}>"),
            headers=[("Expires", str(seconds))],
            body=OFFER.encode(),
        )
        return self.stack.invite(request, self.flow, self.now)

    def outgoing_call(self) -> ClientUsage:
        """A call of the stack's, answered and acknowledged."""
        usage, invite = self.invite()
        self.respond(invite, 200, sdp=ANSWER)
        assert self.summaries() == ["ACK"]
        self.told()
        return usage

    def incoming(self, sdp: str | None = OFFER, **headers: str) -> ServerUsage:
        """A call of the test's, not yet answered."""
        self.feed(self.request("INVITE", sdp=sdp, **headers))
        assert self.summaries() == ["100 INVITE"]
        return self.last(InviteReceived).usage

    def incoming_call(self) -> ServerUsage:
        """A call of the test's, answered and acknowledged."""
        usage = self.incoming()
        usage.accept(ANSWER, now=self.now)
        self.feed(self.request("ACK", to_tag=usage.local_tag))
        assert self.summaries() == ["200 INVITE"]
        self.told()
        return usage

    def left(self) -> dict[str, int]:
        """What the stack has not forgotten."""
        return {kind: count for kind, count in self.stack.counts().items() if count}


def add_headers(message: Request | Response, headers: dict[str, str]) -> None:
    """Set headers given as keyword arguments; an empty value removes."""
    for name, value in headers.items():
        name = name.replace("_", "-")
        if value:
            message.headers.set(name, value)
        else:
            message.headers.remove(name)
