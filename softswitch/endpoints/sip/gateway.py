"""A gateway: a trunk that calls go out through, and may come in by, registered or not."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from softswitch.endpoints.sip.settings import GatewaySettings
from softswitch.sip import events
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.flow import bracketed
from softswitch.sip.registration import Registration
from softswitch.sip.routing import Hop
from softswitch.sip.uri import NameAddr, SipUri

if TYPE_CHECKING:
    import asyncio

    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.message import Request

log = logging.getLogger(__name__)

NAME = re.compile(r"[\w.\-]+")
"""What a gateway may be called."""


class Gateway:
    """One gateway of a profile.

    ``state`` is FreeSWITCH's word: NOREG, UNREGED, TRYING, REGED, FAIL_WAIT; ``up`` whether calls
    may go out.
    """

    def __init__(
        self,
        profile: Profile,
        name: str,
        settings: GatewaySettings,
        variables_in: dict[str, str],
        variables_out: dict[str, str],
    ) -> None:
        """Raises ValueError where something that it needs is missing."""
        reason = why_unusable(name, settings)
        if reason:
            raise ValueError(reason)
        self.profile = profile
        self.name = name
        self.settings = settings
        self.variables_in = variables_in
        self.variables_out = variables_out
        self.realm = settings.realm or settings.proxy or name
        self.proxy = settings.proxy or self.realm
        self.username = settings.username or "FreeSWITCH"
        self.state = "UNREGED" if settings.register else "NOREG"
        self.up = not settings.register
        self.expires = 0.0
        self.failures = 0
        self.calls_in = self.calls_out = 0
        self.calls_in_failed = self.calls_out_failed = 0
        self._registration: Registration | None = None
        self._starting: asyncio.Task[None] | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._ping_timer: asyncio.TimerHandle | None = None
        self._pings_answered = 0

    def __repr__(self) -> str:
        return f"<Gateway {self.name} {self.proxy} {self.state} {'UP' if self.up else 'DOWN'}>"

    # What calls use

    @property
    def proxy_uri(self) -> str:
        """Where calls go: the outbound proxy if there is one."""
        return self.settings.outbound_proxy or self.proxy

    @property
    def credentials(self) -> tuple[str, str]:
        """User name and password for its challenges."""
        return self.settings.auth_username or self.username, self.settings.password

    @property
    def from_domain(self) -> str:
        return self.settings.from_domain or host_of(self.realm)

    def target(self, number: str) -> SipUri:
        """The Request-URI for a number; one with a host is used as it is."""
        if "@" in number:
            return uri_of(number)
        uri = uri_of(self.proxy)
        if self.settings.register_transport != "udp":
            uri.parameters["transport"] = self.settings.register_transport
        return uri.replace(user=number)

    def from_address(self, name: str, number: str) -> NameAddr:
        """Our From: the account, or the caller where ``caller-id-in-from`` says so."""
        user = number if self.settings.caller_id_in_from else None
        user = user or self.settings.from_user or self.username
        return NameAddr(name, SipUri(user=user, host=self.from_domain))

    def contact(self, transport: str) -> str:
        """Our Contact, by which calls from the gateway are recognised."""
        host = bracketed(self.profile.advertised_ip)
        extra = f";{self.settings.contact_params}" if self.settings.contact_params else ""
        user = self.extension if self.settings.extension_in_contact else f"gw+{self.name}"
        return (
            f"<sip:{user}@{host}:{self.profile.transports.port(transport)}"
            f";transport={transport};gw={self.name}{extra}>"
        )

    @property
    def extension(self) -> str:
        """Where calls from the gateway go in the dialplan."""
        return self.settings.extension or self.username

    def extension_for(self, request: Request) -> str:
        """The destination of one call: ``auto_to_user`` takes the user of To."""
        if self.settings.extension in ("auto_to_user", "auto"):
            return request.to.uri.user or ""
        return self.extension

    # Registration

    def start(self) -> None:
        """Register, and ping where that is wished."""
        if self.settings.register:
            self._register()
        if self.settings.ping:
            self._ping_later()

    def _register(self) -> None:
        loop = self.profile.switch.loop
        self._starting = loop.create_task(self._start_registration())
        self.profile.switch.own(self._starting)

    def stop(self) -> None:
        """Unregister; nothing is waited for."""
        for pending in (self._ping_timer, self._retry, self._starting):
            if pending is not None:
                pending.cancel()
        if self._registration is not None:
            self._registration.stop(self.profile.now())
            self.profile.pump()

    def register_again(self) -> None:
        """``sofia profile X register NAME``."""
        if self._registration is not None:
            self._registration.start(self.profile.now())
            self.profile.pump()

    async def _start_registration(self) -> None:
        registrar = self.settings.register_proxy or self.proxy
        uri = uri_of(registrar)
        if self.settings.register_transport != "udp":
            uri.parameters["transport"] = self.settings.register_transport
        flow = await self.profile.resolve(Hop.of(uri))
        if flow is None:
            log.warning("gateway %s: %s cannot be found", self.name, registrar)
            self._enter("FAIL_WAIT", up=False)
            loop = self.profile.switch.loop
            self._retry = loop.call_later(self.settings.retry_seconds, self._register)
            return
        username, password = self.credentials
        registration = Registration(
            self.profile.stack,
            flow,
            registrar=f"sip:{bracketed(host_of(self.realm))}",
            address=NameAddr("", SipUri(user=self.username, host=self.from_domain)),
            username=username,
            password=password,
            contact=self.contact(flow.transport),
            expires=self.settings.expire_seconds,
            retry=self.settings.retry_seconds,
        )
        registration.user = self
        self._registration = registration
        self._enter("TRYING", up=False)
        registration.start(self.profile.now())
        self.profile.pump()

    def handle(
        self, event: events.Registered | events.RegistrationFailed | events.Unregistered
    ) -> None:
        """What came of a registration."""
        match event:
            case events.Registered(expires=expires):
                self.expires = self.profile.wall_clock() + expires
                self.failures = 0
                # What pings found out meanwhile outlives a refresh.
                self._enter("REGED", up=self.up or self.state != "REGED")
            case events.RegistrationFailed(status=status):
                self.failures += 1
                log.warning("gateway %s: registration failed with %d", self.name, status)
                self._enter("FAIL_WAIT", up=False)
            case events.Unregistered():
                self._enter("UNREGED", up=False)

    def _enter(self, state: str, *, up: bool) -> None:
        changed = state != self.state or up != self.up
        self.state, self.up = state, up
        if changed:
            log.info("gateway %s is %s", self.name, state)
            self.profile.switch.publish(
                "CUSTOM",
                {
                    "Gateway": self.name,
                    "State": state,
                    "Ping-Status": "UP" if up else "DOWN",
                },
                subclass="sofia::gateway_state",
            )

    # Ping

    def _ping_later(self) -> None:
        self._ping_timer = self.profile.switch.loop.call_later(self.settings.ping, self._ping)

    def _ping(self) -> None:
        self.profile.switch.own(self.profile.switch.loop.create_task(self._send_ping()))
        self._ping_later()

    async def _send_ping(self) -> None:
        try:
            target = self.target("").replace(user=None)
        except RemoteProtocolError:
            return
        flow = await self.profile.resolve(Hop.of(target))
        if flow is None:
            self._pinged(False)
            return
        request = self.profile.stack.build_request(
            "OPTIONS",
            str(target),
            from_=self.from_address("", ""),
            to=NameAddr("", target),
        )
        transaction = self.profile.stack.request(request, flow, self.profile.now())
        transaction.user = self
        self.profile.pump()

    def handle_ping(self, event: events.ResponseReceived | events.TransactionFailed) -> None:
        """An answer to a ping counts as life, whatever it says, but for server failures."""
        if isinstance(event, events.TransactionFailed):
            self._pinged(False)
        elif event.final:
            self._pinged(event.response.status < 500 or event.response.status == 501)

    def _pinged(self, answered: bool) -> None:
        if answered:
            self._pings_answered = min(self._pings_answered + 1, self.settings.ping_max)
        else:
            self._pings_answered = max(self._pings_answered - 1, 0)
        if self._pings_answered >= self.settings.ping_max:
            self._enter(self.state, up=self.state in ("REGED", "NOREG"))
        elif self._pings_answered < self.settings.ping_min:
            self._enter(self.state, up=False)


def why_unusable(name: str, settings: GatewaySettings) -> str:
    """Why a gateway with these settings cannot work; empty if it can."""
    if not NAME.fullmatch(name):
        return f"gateway {name!r}: a name has letters, digits, dots and dashes only"
    if settings.register and not (settings.username and settings.password):
        return f"gateway {name}: to register it needs username and password"
    for text in (settings.proxy or settings.realm or name, settings.outbound_proxy):
        try:
            uri_of(text or "localhost")
        except RemoteProtocolError as error:
            return f"gateway {name}: {text!r}: {error.reason}"
    return ""


def uri_of(text: str) -> SipUri:
    """The URI that configuration writes with or without ``sip:``; raises RemoteProtocolError."""
    return SipUri.parse(text if re.match("(?i)sips?:", text) else f"sip:{text}")


def host_of(text: str) -> str:
    """The host of ``sip:user@host:port;…``, ``host:port`` or ``host``; without brackets."""
    bare = re.sub(r"(?i)^sips?:", "", text).partition(";")[0].rpartition("@")[2]
    if bare.startswith("["):
        return bare[1:].partition("]")[0]
    return bare.partition(":")[0]
