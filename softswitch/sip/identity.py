"""How an element presents itself: what its messages carry (RFC 3261 §8.1.1, §8.2.6)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import NotRequired, TypedDict, Unpack

from softswitch.sip.flow import Flow, bracketed
from softswitch.sip.message import Headers, Request, Response, make_response
from softswitch.sip.uri import NameAddr

MAGIC_COOKIE = "z9hG4bK"
"""Begins every branch made by the rules of RFC 3261 (§8.1.1.7)."""

ALLOW = (
    "INVITE",
    "ACK",
    "CANCEL",
    "BYE",
    "OPTIONS",
    "INFO",
    "UPDATE",
    "MESSAGE",
    "REFER",
    "NOTIFY",
    "SUBSCRIBE",
    "REGISTER",
    "PUBLISH",
)
"""The methods a stack takes unless told otherwise."""

SentBy = Callable[[Flow], tuple[str, int]]
"""The address to name in Via and Contact on a flow; external addresses live here."""


ExtraHeaders = Iterable[tuple[str, str]]
"""Headers to add to a message; one that the message has already is replaced."""


class IdentityArguments(TypedDict):
    """What an element is told of itself."""

    sent_by: SentBy
    token: Callable[[], str]
    """Makes tags, branches and Call-IDs."""
    user_agent: NotRequired[str]
    allow: NotRequired[Sequence[str]]
    supported: NotRequired[Sequence[str]]


class Identity:
    """Addresses, names and abilities of one element, and the making of its messages."""

    __slots__ = (
        "_methods",
        "_supported",
        "_token",
        "abilities",
        "allow",
        "sent_by",
        "supported",
        "user_agent",
    )

    def __init__(self, **named: Unpack[IdentityArguments]) -> None:
        self.sent_by = named["sent_by"]
        self._token = named["token"]
        self.user_agent = named.get("user_agent", "softswitch")
        allow, supported = named.get("allow", ALLOW), named.get("supported", ())
        if "100rel" in supported and "PRACK" not in allow:
            allow = (*allow, "PRACK")
        self._methods = frozenset(allow)
        self.allow = ", ".join(allow)
        """The Allow header."""
        self._supported = frozenset(supported)
        self.supported = ", ".join(supported)
        """The Supported header; empty for none."""
        self.abilities = [("Allow", self.allow)]
        """What we can do, as header fields."""
        if supported:
            self.abilities.append(("Supported", self.supported))

    def token(self) -> str:
        """A new unguessable name."""
        return self._token()

    def chance(self) -> float:
        """A number in [0, 1)."""
        return zlib.crc32(self._token().encode()) / 0x1_0000_0000

    def add_supported(self, headers: Headers) -> None:
        """Say which extensions we know, where nobody has yet."""
        if self.supported and "Supported" not in headers.first:
            headers.add("Supported", self.supported)

    def build_request(
        self,
        method: str,
        uri: str,
        *,
        from_: NameAddr,
        to: NameAddr,
        call_id: str | None = None,
        cseq: int = 1,
        headers: ExtraHeaders = (),
        body: bytes = b"",
        content_type: str = "application/sdp",
    ) -> Request:
        """A request outside any dialog; From gets a tag and Call-ID a value where they lack one."""
        tag = "" if from_.tag else f";tag={self._token()}"
        own = Headers.of_canonical(
            [
                ("From", f"{from_}{tag}"),
                ("To", str(to)),
                ("Call-ID", call_id or self._token()),
                ("CSeq", f"{cseq} {method}"),
            ]
        )
        own.update(headers)
        if body:
            own.set("Content-Type", content_type)
        return Request(method, uri, own, body)

    def add_via(self, request: Request, flow: Flow) -> str:
        """Put our Via with a new branch, which is given back; fill in what every request has."""
        branch = MAGIC_COOKIE + self._token()
        host, port = self.sent_by(flow)
        headers = request.headers
        headers.prepend(
            "Via",
            f"SIP/2.0/{flow.transport.upper()} {bracketed(host)}:{port};branch={branch};rport",
        )
        if "Max-Forwards" not in headers.first:
            headers.add("Max-Forwards", "70")
        if "User-Agent" not in headers.first and self.user_agent:
            headers.add("User-Agent", self.user_agent)
        return branch

    def renewed(self, request: Request, cseq: int) -> Request:
        """A request to be sent once more as a new one: without Via, with another CSeq."""
        headers = request.headers.copy()
        headers.remove("Via")
        headers.set("CSeq", f"{cseq} {request.method}")
        return Request(request.method, request.uri, headers, request.body)

    def response(
        self,
        request: Request,
        status: int,
        reason: str | None = None,
        *,
        to_tag: str | None = None,
    ) -> Response:
        """A response with what each of ours has."""
        response = make_response(request, status, reason, to_tag=to_tag)
        if status > 100 and self.user_agent:
            # Not Server, so that phones and tools show us as they show FreeSWITCH.
            response.headers.add("User-Agent", self.user_agent)
        return response

    def contact(self, flow: Flow) -> str:
        """A Contact header that leads to us by the transport of ``flow``."""
        host, port = self.sent_by(flow)
        transport = "" if flow.transport == "udp" else f";transport={flow.transport}"
        return f"<sip:{bracketed(host)}:{port}{transport}>"
