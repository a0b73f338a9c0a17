"""A SIP profile: one identity with its addresses, its stack, and the roles it plays."""

from __future__ import annotations

import logging
import random
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from softswitch import __version__
from softswitch.endpoints.sip.dispatch import dispatch
from softswitch.endpoints.sip.external import PATIENCE, External, Externals
from softswitch.endpoints.sip.gateway import Gateway
from softswitch.endpoints.sip.guard import Guard, is_scanner
from softswitch.endpoints.sip.load import Load
from softswitch.endpoints.sip.location import Binding, Location
from softswitch.endpoints.sip.ping import Pinger
from softswitch.endpoints.sip.presence import requests
from softswitch.endpoints.sip.presence.agent import PresenceAgent
from softswitch.endpoints.sip.registrar import Registrar
from softswitch.endpoints.sip.settings import ProfileSettings
from softswitch.endpoints.sip.transports import Transports
from softswitch.net.dns import Dns
from softswitch.net.journal import Journal
from softswitch.net.resolver import Resolver
from softswitch.net.sip_driver import SipDriver
from softswitch.sip.flow import Flow, bracketed, default_port
from softswitch.sip.message import Request
from softswitch.sip.non_invite_server import NonInviteServer
from softswitch.sip.nonces import NonceKeeper
from softswitch.sip.routing import Hop
from softswitch.sip.stack import Stack
from softswitch.sip.timers import Timers
from softswitch.sip.uri import escaped_user

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

EXPIRY_INTERVAL = 5.0
"""Seconds between two looks for registrations that ran out."""


class Tokens:
    """Makes unguessable tags, branches and Call-IDs; the system is asked for many at once."""

    def __init__(self) -> None:
        self._left: list[str] = []

    def __call__(self) -> str:
        if not self._left:
            text = secrets.token_hex(8 * _TOKENS)
            self._left = [text[start : start + 16] for start in range(0, len(text), 16)]
        return self._left.pop()


_TOKENS = 256
token = Tokens()
"""An unguessable tag, branch or Call-ID."""


@dataclass(slots=True)
class Shared:
    """What all profiles of a switch have in common."""

    location: Location
    guard: Guard
    load: Load
    journal: Journal
    nonce_secret: bytes
    presence: PresenceAgent


class Profile:
    """One running profile; `start` binds its sockets."""

    def __init__(
        self,
        switch: Switch,
        name: str,
        settings: ProfileSettings,
        shared: Shared,
        aliases: tuple[str, ...] = (),
    ) -> None:
        self.switch = switch
        self.name = name
        self.settings = settings
        self.location = shared.location
        self.guard = shared.guard
        self.load = shared.load
        self.presence = shared.presence
        self.journal = shared.journal
        self.aliases = aliases
        self.sip_ip = settings.sip_ip or switch.globals.get("local_ip_v4") or "127.0.0.1"
        self.sip_port = settings.sip_port
        self.own_ip = self._own_ip()
        self.rtp_ip = settings.rtp_ip or self.own_ip
        self.gateways: dict[str, Gateway] = {}
        self.registrar = Registrar(self)
        self.pinger = Pinger(self)
        self.nonces = NonceKeeper(
            shared.nonce_secret, token, settings.nonce_ttl, uses=settings.max_auth_validity
        )
        self.calls_in = self.calls_in_failed = 0
        self.calls_out = self.calls_out_failed = 0
        self.stack = Stack(
            sent_by=self._sent_by,
            token=token,
            timers=Timers(
                t1=settings.timer_t1,
                t2=settings.timer_t2,
                t4=settings.timer_t4,
                t1x64=settings.timer_t1x64,
            ),
            user_agent=settings.user_agent or f"softswitch/{__version__}",
            allow=settings.methods,
            supported=(*settings.extensions, "outbound")
            if settings.enable_rfc_5626
            else settings.extensions,
            session_interval=settings.session_interval,
        )
        self.stack.force_rport = settings.answers_to_source
        self.driver = SipDriver(self.stack, switch.loop, partial(dispatch, self))
        self.driver.trace = settings.sip_trace
        self.driver.screens = self.screens
        self.driver.journal = shared.journal
        self.now: Callable[[], float] = switch.loop.time
        """The clock of the stack, in seconds."""
        self.pump = self.driver.pump
        """Send what the stack has to send and handle what it has to tell."""
        self.transports = Transports(self)
        self.dns = Dns(switch.loop, ipv6=":" in self.sip_ip)
        self.resolver = self._resolver()
        self.external = self._externals(None)
        self.running = False
        self.standby = settings.standby
        """Whether everything outside of calls is refused."""

    def __repr__(self) -> str:
        return f"<Profile {self.name} {self.url} {self.calls} calls>"

    async def start(self, patience: float | None = PATIENCE) -> None:
        """Bind and begin to answer, with our own address where our external one is not known
        after ``patience`` seconds (None: as long as it takes). Raises OSError where an address
        is taken or not ours, or certificates are unusable.
        """
        await self.find_external(patience)
        await self.transports.start()
        self.running = True
        self.presence.restore(self)
        self.pinger.start()
        for gateway in self.gateways.values():
            gateway.start()
        served = ", ".join(f"{name} {port}" for name, port in self.transports.ports.items())
        log.info("profile %s listens on %s (%s)", self.name, self.sip_ip, served)

    async def stop(self) -> None:
        """Unregister from gateways, close the sockets."""
        self.presence.forget_profile(self)
        if self.running:
            self.running = False
            self.pinger.stop()
            self.external.stop()
            for gateway in self.gateways.values():
                gateway.stop()
        await self.driver.close()

    # What roles and legs use

    @property
    def calls(self) -> int:
        """Calls of this profile that are not over."""
        return len(self.stack.usages)

    @property
    def advertised_ip(self) -> str:
        """The address that others know us by."""
        return self.external.sip.address or self.own_ip

    @property
    def advertised_rtp_ip(self) -> str:
        """The address that others are promised media at."""
        return self.external.rtp.address or self.rtp_ip

    def sip_address(self, far: str) -> str:
        """The address that somebody at ``far`` knows us by: our own in our own network."""
        outside = self.external.sip.address or self.own_ip
        return self.own_ip if outside != self.own_ip and self._is_near(far) else outside

    def rtp_address(self, far: str) -> str:
        """The address that somebody at ``far`` is promised media at."""
        outside = self.external.rtp.address or self.rtp_ip
        return self.rtp_ip if outside != self.rtp_ip and self._is_near(far) else outside

    def _is_near(self, far: str) -> bool:
        near = self.settings.local_network_acl
        return bool(far) and self.switch.generation.acl.check(near, far).allowed

    @property
    def url(self) -> str:
        """Our SIP URI, as ``sofia status`` shows it."""
        host = bracketed(self.advertised_ip)
        return f"sip:{self.settings.contact_user}@{host}:{self.sip_port}"

    @property
    def domain(self) -> str:
        """The host of our From."""
        return self.settings.sip_domain or self.advertised_ip

    @property
    def domains(self) -> frozenset[str]:
        """The names that are one domain (``presence-hosts``), with our own addresses."""
        hosts = {host.lower() for host in self.settings.presence_hosts}
        return frozenset(hosts | {self.own_ip, self.advertised_ip}) if hosts else frozenset()

    def wall_clock(self) -> float:
        """Seconds since 1970: registrations outlive the process."""
        return time.time()

    def allowed(self, lists: Iterable[str], source: tuple[str, int]) -> bool:
        """True if one of the access lists allows the address."""
        acl = self.switch.generation.acl
        return any(acl.check(name, *source).allowed for name in lists)

    def trusts(self, flow: Flow) -> bool:
        """Whether the source is known by access lists, or is a gateway: never shut out."""
        settings = self.settings
        lists = (*settings.apply_inbound_acl, *settings.apply_register_acl)
        return self.allowed(lists, flow.remote) or any(
            gateway.is_at(flow.remote[0]) for gateway in self.gateways.values()
        )

    def screens(self, flow: Flow, data: bytes) -> bool:
        """Whether a request is looked at: not from who is shut out, floods, or calls itself a
        scanner.
        """
        guard, settings, host = self.guard, self.settings, flow.remote[0]
        now = self.now()
        if guard.bans and not guard.admits(host, now):
            return False
        if settings.drop_scanners and is_scanner(data):
            if not guard.trusts(host, now) and not self.trusts(flow):
                guard.ban(host, "a scanner by its own words", now, settings.ban_seconds)
            return False
        rate = settings.max_requests_per_second
        return not rate or guard.within_rate(host, rate, now)

    def respond(
        self,
        transaction: NonInviteServer,
        request: Request,
        status: int,
        reason: str | None = None,
        *,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> None:
        """Answer a request outside calls; headers of one name may be given several times."""
        response = self.stack.response(request, status, reason, to_tag=token())
        for name, value in headers:
            response.headers.add(name, value)
        response.headers.set("Allow", self.stack.allow)
        response.body = body
        self.stack.respond(transaction, response, self.now())

    def flow_to(self, hop: Hop) -> Flow | None:
        """The flow to a hop whose address is known; None where we lack its transport."""
        transport = hop.transport or "udp"
        return self.driver.flow_to(transport, hop.host, hop.port or default_port(transport))

    async def resolve(self, hop: Hop) -> Flow | None:
        """The flow to a hop, its name looked up; None where it has no address."""
        for target in await self.resolver.resolve(hop):
            flow = self.driver.flow_to(target.transport, target.host, target.port, hop.host)
            if flow is not None:
                return flow
        return None

    def contact(self, user: str, transport: str, far: str = "") -> str:
        """Our Contact with that user part, for somebody at ``far``."""
        host = bracketed(self.sip_address(far))
        tail = "" if transport == "udp" else f";transport={transport}"
        return f"<sip:{escaped_user(user)}@{host}:{self.port(transport, far)}{tail}>"

    def gateway_of(self, request: Request) -> Gateway | None:
        """The gateway whose Contact the request was sent to."""
        uri = request.request_uri
        name = uri.parameters.get("gw")
        if not name and (uri.user or "").startswith("gw+"):
            name = (uri.user or "")[3:]
        return self.gateways.get(name) if name else None

    def bindings(self, wanted: str = "") -> list[Binding]:
        """Registrations of this profile: all, or those of a Call-ID, of ``user@domain`` or of
        ``@domain``.
        """
        return [
            binding
            for binding in self.location
            if binding.profile == self.name
            and (
                not wanted
                or wanted in (binding.call_id, binding.aor)
                or (wanted.startswith("@") and binding.realm == wanted[1:])
            )
        ]

    def grant_subscription(self, request: Request) -> int:
        """The seconds a SUBSCRIBE gets; raises RemoteProtocolError(423) for too few."""
        settings = self.settings
        seconds = requests.granted(settings.force_subscription_expires, request)
        deviation = settings.sip_subscription_max_deviation
        return max(seconds - random.randint(0, deviation), 1) if seconds and deviation else seconds

    def protocol_of(self, user: str, domain: str) -> str:
        """Of what kind a watched number is, by ``presence_map.conf``; empty for a user."""
        return self.presence.map.protocol(user, domain)

    def expire_registrations(self) -> None:
        """Forget registrations that ran out."""
        self.location.expire(
            self.wall_clock(),
            lambda binding: self.registrar.tell_gone(binding, "sofia::expire", "expired"),
        )

    def _sent_by(self, flow: Flow) -> tuple[str, int]:
        far = flow.remote[0]
        return self.sip_address(far), self.port(flow.transport, far)

    def port(self, transport: str, far: str = "") -> int:
        """The port that somebody at ``far`` is told: ``ext-sip-port`` outside of our network."""
        outside = self.settings.ext_sip_port
        if outside and transport in ("udp", "tcp") and self.sip_address(far) != self.own_ip:
            return outside
        return self.transports.ports.get(transport) or self.sip_port

    def _own_ip(self) -> str:
        """Our own address; that of the machine where we listen on all."""
        wildcard = {"0.0.0.0": "local_ip_v4", "::": "local_ip_v6"}.get(self.sip_ip)
        return (self.switch.globals.get(wildcard) if wildcard else None) or self.sip_ip

    def _externals(self, before: Externals | None) -> Externals:
        """What the settings wish; what was found ``before`` holds until it is found again."""
        settings = self.settings
        sip = External(settings.ext_sip_ip, self.own_ip)
        rtp = External(settings.ext_rtp_ip, self.rtp_ip)
        if before is not None:
            sip.take_over(before.sip)
            rtp.take_over(before.rtp)
        return Externals(self.switch.loop, self.dns, sip, rtp, self._register_anew)

    def _register_anew(self) -> None:
        """Our address is another: registrars must know."""
        for gateway in self.gateways.values():
            gateway.registration.moved()

    async def find_external(self, patience: float | None = PATIENCE) -> None:
        """Find out what we are called outside, as the settings say now; wait for ``patience``
        seconds at most (None: as long as it takes).
        """
        before = self.external
        before.stop()
        self.external = self._externals(before)
        task = await self.external.start(patience)
        if task is not None:
            self.switch.own(task)
        if self.running and str(self.external.sip) != str(before.sip):
            self._register_anew()

    def _resolver(self) -> Resolver:
        settings = self.settings
        unasked = [
            kind
            for kind, off in (("SRV", settings.disable_srv), ("NAPTR", settings.disable_naptr))
            if off
        ]
        # To WebSockets nobody connects.
        ours = [item for item in settings.transports if item in ("udp", "tcp", "tls")]
        return Resolver(self.switch.loop, self.dns, ours, unasked=unasked)
