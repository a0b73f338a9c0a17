"""SIP profiles in virtual time: real stacks and sockets of memory, far ends written by hand."""

from __future__ import annotations

import asyncio
import errno
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

from softswitch import registry
from softswitch.config.element import Element
from softswitch.endpoints.sip.endpoint import SipEndpoint, profile_elements
from softswitch.endpoints.sip.profile import Profile
from softswitch.net.dns import Dns
from softswitch.net.tcp import TcpListener, TcpUser
from softswitch.net.udp import UdpListener
from softswitch.sip.auth import answer
from softswitch.sip.flow import Flow
from softswitch.sip.message import Headers, Request, Response, make_response
from softswitch.sip.parser import parse_message
from softswitch.sip.routing import Query, Record
from softswitch.switch.session import Session
from tests.support.engine import far_end
from tests.support.hand import add_headers
from tests.support.stream import FakeStream
from tests.support.switch import Bench, bench

DOMAIN = "example.test"
SWITCH = ("192.0.2.1", 5060)
ALICE = ("192.0.2.10", 5062)
BOB = ("192.0.2.20", 5064)
MOMENT = 0.01
"""Virtual seconds after which everything that was set off has happened."""

SETTINGS = {
    "sip-ip": SWITCH[0],
    "sip-port": str(SWITCH[1]),
    "rtp-ip": SWITCH[0],
    "context": "default",
    "codec-prefs": "PCMU,PCMA",
}
DIRECTORY = """<domain name="example.test">
<params><param name="dial-string"
 value="${sofia_contact(*/${dialed_user}@${dialed_domain})}"/></params>
<groups><group name="all"><users>
<user id="1000"><params><param name="password" value="secret"/></params>
<variables><variable name="user_context" value="default"/>
<variable name="toll_allow" value="local"/></variables></user>
<user id="1001"><params><param name="password" value="other"/></params></user>
</users></group></groups></domain>
<domain name="other.test"><user id="1000">
<params><param name="password" value="third"/></params></user></domain>
"""
ACCESS_LISTS = """<configuration name="acl.conf"><network-lists>
<list name="here" default="deny"><node type="allow" cidr="192.0.2.0/24"/></list>
<list name="elsewhere" default="deny"><node type="allow" cidr="198.51.100.0/24"/></list>
</network-lists></configuration>"""

M = TypeVar("M", Request, Response)


def sdp(port: int = 4000, formats: str = "0 101", *lines: str, host: str = ALICE[0]) -> str:
    """A description of one audio line; ``lines`` are added to its attributes."""
    maps = {
        "0": "a=rtpmap:0 PCMU/8000",
        "8": "a=rtpmap:8 PCMA/8000",
        "9": "a=rtpmap:9 G722/8000",
        "101": "a=rtpmap:101 telephone-event/8000",
    }
    attributes = [maps[item] for item in formats.split() if item in maps]
    text = [
        "v=0",
        f"o=far 1 1 IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {formats}",
        *attributes,
        *lines,
    ]
    return "".join(f"{line}\r\n" for line in text)


def settings_xml(settings: Mapping[str, str]) -> str:
    """``<param>`` elements."""
    return "".join(f'<param name="{key}" value="{value}"/>' for key, value in settings.items())


def profile_xml(name: str, settings: Mapping[str, str] | None = None, more: str = "") -> str:
    """A ``<profile>`` with `SETTINGS`, over which ``settings`` win."""
    params = settings_xml({**SETTINGS, **(settings or {})})
    return f'<profile name="{name}">{more}<settings>{params}</settings></profile>'


class _Memory:
    """Takes the place of a listener's socket."""

    def __init__(
        self, air: Air, transport: str, local: tuple[str, int], received: Callable[..., None]
    ) -> None:
        self.local = local
        self.transport = transport
        self.received = received
        self._air = air

    def send(self, data: bytes, flow: Flow) -> bool:
        return self._air.carry(self.transport, data, flow)

    def close(self) -> None:
        self._air.listeners.pop((self.transport, self.local), None)


class Air:
    """What is between the profiles and the far ends."""

    def __init__(self) -> None:
        self.listeners: dict[tuple[str, tuple[str, int]], _Memory] = {}
        self.parties: dict[tuple[str, int], Party] = {}
        self.lost: list[tuple[Flow, Request | Response]] = []
        """What went where nobody is."""
        self.names: dict[Query, list[Record]] = {}
        """What DNS knows."""

    async def ask(self, query: Query) -> tuple[list[Record], float]:
        """Takes the place of name servers."""
        return self.names.get(query, []), 60.0

    async def udp(
        self, loop: object, address: tuple[str, int], received: Callable[..., None]
    ) -> _Memory:
        return self._listen("udp", address, received)

    async def tcp(
        self, loop: object, address: tuple[str, int], user: TcpUser, limits: object = None
    ) -> _Memory:
        return self._listen("tcp", address, user.received)

    def _listen(
        self, transport: str, address: tuple[str, int], received: Callable[..., None]
    ) -> _Memory:
        if (transport, address) in self.listeners:
            raise OSError(errno.EADDRINUSE, "Address already in use")
        listener = _Memory(self, transport, address, received)
        self.listeners[transport, address] = listener
        return listener

    def carry(self, transport: str, data: bytes, flow: Flow) -> bool:
        party = self.parties.get(flow.remote)
        message = parse_message(data)
        if party is None:
            self.lost.append((flow, message))
            return transport == "udp"
        party.received.append(message)
        return True


class Party:
    """A far end at an address: it sends what the test says and keeps what it gets."""

    def __init__(
        self, air: Air, address: tuple[str, int], user: str, transport: str, first: int = 1
    ) -> None:
        """Its requests are numbered from ``first``: two of one user must not have the same."""
        self.address = address
        self.user = user
        self.transport = transport
        self.received: list[Request | Response] = []
        self.server = SWITCH
        self._air = air
        self._numbers = itertools.count(first)
        air.parties[address] = self

    def __repr__(self) -> str:
        return f"<Party {self.user} {len(self.received)} received>"

    # What it gets

    def take(self, kind: type[M], what: str | int) -> M:
        """The oldest message of that method or status, taken from what was received."""
        for message in self.received:
            name = message.method if isinstance(message, Request) else message.status
            if isinstance(message, kind) and name == what:
                self.received.remove(message)
                return message
        raise AssertionError(f"{self.user} got no {what}, only {self.received}")

    def request(self, method: str) -> Request:
        """The oldest request of that method."""
        return self.take(Request, method)

    def response(self, status: int) -> Response:
        """The oldest response of that status."""
        return self.take(Response, status)

    # What it sends

    def feed(self, message: Request | Response) -> None:
        """Send it to the switch."""
        listener = self._air.listeners[self.transport, self.server]
        flow = Flow(self.transport, self.server, self.address, int(self.transport != "udp"))
        data = message.encode()
        listener.received(data if self.transport == "udp" else parse_message(data), flow)

    def ask(
        self,
        method: str,
        number: str = "",
        body: str | bytes = "",
        *,
        within: Message | None = None,
        cseq: int = 0,
        call_id: str = "",
        uri: str = "",
        **headers: str,
    ) -> Request:
        """Send a request, within the dialog of a message that came or outside; gives it."""
        count = next(self._numbers)
        host, port = self.address
        target = uri or f"sip:{number}{'@' if number else ''}{DOMAIN}"
        mine, theirs = f"<sip:{self.user}@{DOMAIN}>;tag={self.user}-tag", f"<{target}>"
        if method == "REGISTER":
            theirs = f"<sip:{self.user}@{DOMAIN}>"
        if isinstance(within, Request):
            mine, theirs = within.headers.get("To") or "", within.headers.get("From") or ""
            mine += "" if within.to.tag else f";tag={self.user}-tag"
        elif within is not None:
            mine, theirs = within.headers.get("From") or "", within.headers.get("To") or ""
        if within is not None:
            call_id = within.call_id
            contact = within.contact
            target = uri or (str(contact.uri) if contact else target)
        number_of = cseq or count
        request = Request(
            method,
            target,
            Headers(
                [
                    (
                        "Via",
                        f"SIP/2.0/{self.transport.upper()} {host}:{port}"
                        f";branch=z9hG4bK{self.user}{count};rport",
                    ),
                    ("Max-Forwards", "70"),
                    ("From", mine),
                    ("To", theirs),
                    ("Call-ID", call_id or f"{self.user}-{count}"),
                    ("CSeq", f"{number_of} {method}"),
                    ("Contact", f"<sip:{self.user}@{host}:{port}>"),
                ]
            ),
        )
        add_headers(request, headers)
        if body:
            if "Content-Type" not in request.headers:
                request.headers.add("Content-Type", "application/sdp")
            request.body = body.encode() if isinstance(body, str) else body
        self.feed(request)
        return request

    def ack(self, response: Response, body: str = "") -> None:
        """Acknowledge a 2xx."""
        self.ask("ACK", within=response, body=body, cseq=response.cseq.number)

    def answer(self, request: Request, status: int, body: str = "", **headers: str) -> Response:
        """Answer a request."""
        host, port = self.address
        response = make_response(request, status, to_tag=f"{self.user}-tag")
        response.headers.add("Contact", f"<sip:{self.user}@{host}:{port}>")
        add_headers(response, headers)
        if body:
            response.headers.add("Content-Type", "application/sdp")
            response.body = body.encode()
        self.feed(response)
        return response


Message = Request | Response


class SipBench:
    """A bench whose endpoint ``sofia`` runs the profiles of its configuration."""

    def __init__(self, running: Bench, sip: SipEndpoint, air: Air) -> None:
        self.bench = running
        self.switch = running.switch
        self.sip = sip
        self.air = air
        self.alice = self.party("1000", ALICE)
        self.bob = self.party("1001", BOB)

    @property
    def profile(self) -> Profile:
        """The profile ``internal``."""
        return self.sip.profiles["internal"]

    def party(
        self, user: str, address: tuple[str, int] = ALICE, transport: str = "udp", first: int = 1
    ) -> Party:
        """A far end at an address of its own."""
        return Party(self.air, address, user, transport, first)

    @property
    def session(self) -> Session:
        """The one session there is."""
        (session,) = self.switch.sessions.values()
        return session

    async def settle(self, seconds: float = MOMENT) -> None:
        """Let everything that was set off happen."""
        await asyncio.sleep(seconds)

    async def invite(
        self, number: str, body: str | None = None, **headers: str
    ) -> tuple[Request, Session]:
        """Alice's call, not yet answered, and its session."""
        before = set(self.switch.sessions)
        request = self.alice.ask("INVITE", number, sdp() if body is None else body, **headers)  # type: ignore[arg-type]
        await self.settle()
        new = [self.switch.sessions[uuid] for uuid in set(self.switch.sessions) - before]
        (session,) = [item for item in new if not item.channel.outbound]
        return request, session

    async def call(self, number: str, **headers: str) -> tuple[Response, Session]:
        """Alice's call, answered and acknowledged: its 200 and its session."""
        _, session = await self.invite(number, **headers)
        response = self.alice.response(200)
        self.alice.ack(response)
        await self.settle()
        return response, session

    async def dial(self, target: str) -> tuple[Request, asyncio.Task[str]]:
        """``originate <target> &park()``: Bob's INVITE, and the command that waits."""
        task = self.switch.loop.create_task(self.switch.run_command(f"originate {target} &park()"))
        self.switch.own(task)
        await self.settle()
        return self.bob.request("INVITE"), task

    async def register(self, party: Party, password: str = "secret", **headers: str) -> Response:
        """A REGISTER with credentials; its final response."""
        call_id = f"reg-{party.user}"
        first = party.ask("REGISTER", call_id=call_id, **headers)  # type: ignore[arg-type]
        await self.settle()
        challenge = party.response(401)
        value = credentials(challenge, first, party.user, password)
        headers["Authorization"] = value
        party.ask("REGISTER", call_id=call_id, **headers)  # type: ignore[arg-type]
        await self.settle()
        found = party.received.pop()
        assert isinstance(found, Response)
        return found

    def events(self, name: str) -> list[dict[str, str]]:
        """The headers of all events of a name or subclass so far."""
        return [
            event.headers
            for event in self.bench.events
            if name in (event.name, event.headers.get("Event-Subclass"))
        ]

    @staticmethod
    def media(session: Session) -> FakeStream:
        """The fake stream of a session's leg."""
        assert session.leg.media is not None
        return far_end(session.leg.media)


def credentials(challenge: Response, request: Request, user: str, password: str) -> str:
    """The answer to a challenge."""
    name = "WWW-Authenticate" if challenge.status == 401 else "Proxy-Authenticate"
    return answer(
        challenge.headers.all(name),
        method=request.method,
        uri=request.uri,
        username=user,
        password=password,
        body=request.body,
        cnonce="cnonce",
    )


@asynccontextmanager
async def sip_bench(
    folder: Path,
    *extensions: str,
    profile: Mapping[str, str] | None = None,
    gateways: str = "",
    more_profiles: str = "",
    configuration: str = "",
    directory: str = DIRECTORY,
    access_lists: str = ACCESS_LISTS,
    contexts: str = "",
) -> AsyncIterator[SipBench]:
    """Run a profile ``internal`` at `SWITCH`; nothing may be left and nothing have failed."""
    registry.discover("softswitch.endpoints")
    profiles = profile_xml("internal", profile, f"<gateways>{gateways}</gateways>") + more_profiles
    sofia = f'<configuration name="sofia.conf"><profiles>{profiles}</profiles></configuration>'
    air = Air()
    with (
        patch.object(UdpListener, "open", air.udp),
        patch.object(TcpListener, "open", air.tcp),
        patch.object(Dns, "ask", air.ask),
    ):
        async with bench(
            folder,
            *extensions,
            configuration=access_lists + sofia + configuration,
            directory=directory,
            contexts=contexts,
        ) as running:
            sip = SipEndpoint(running.switch)
            running.switch.endpoints["sofia"] = sip
            for element in await profile_elements(running.switch):
                assert await sip.start_profile(element) is None
            drivers = [item.driver for item in sip.profiles.values()]
            yield SipBench(running, sip, air)
        for driver in drivers:
            assert not driver.counts.stack_errors, driver
            assert not driver.counts.handler_errors, driver


def element_of(running: SipBench, name: str = "internal") -> Element:
    """The configuration of a profile."""
    sofia = running.switch.generation.configuration.configuration("sofia.conf")
    assert sofia is not None
    return next(item for item in sofia.iter("profile") if item.get("name") == name)
