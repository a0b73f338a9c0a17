"""A gateway: a trunk that calls go out through, and may come in by, registered or not."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING
from uuid import NAMESPACE_DNS, uuid5

from softswitch.endpoints.sip.addresses import host_of, uri_of
from softswitch.endpoints.sip.gateway_ping import GatewayPing
from softswitch.endpoints.sip.gateway_registration import GatewayRegistration
from softswitch.endpoints.sip.gateway_subscriptions import (
    GatewaySubscriptions,
    SubscriptionWish,
)
from softswitch.endpoints.sip.settings import GatewaySettings
from softswitch.sip import events
from softswitch.sip.auth import CHALLENGES, Challenge
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.flow import Flow, bracketed
from softswitch.sip.routing import Hop
from softswitch.sip.status import reason_phrase
from softswitch.sip.uri import NameAddr, SipUri

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.message import Request, Response
    from softswitch.switch.session import Session

log = logging.getLogger(__name__)

AUTO_ALEG = ("auto-aleg-full", "auto-aleg-domain")
"""Values of ``from-domain`` that take the host, or all of From, from who calls."""
NAME = re.compile(r"[\w.\-]+")
"""What a gateway may be called."""


class Gateway:
    """One gateway of a profile.

    ``state`` is FreeSWITCH's word: NOREG, UNREGED, TRYING, REGED, FAIL_WAIT, UNREGISTER, DOWN;
    ``up`` whether calls may go out.
    """

    def __init__(
        self,
        profile: Profile,
        name: str,
        settings: GatewaySettings,
        variables_in: dict[str, str],
        variables_out: dict[str, str],
        subscriptions: tuple[SubscriptionWish, ...] = (),
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
        self.retry_at = 0.0
        """When the next attempt to register is made, in seconds since 1970."""
        self.up_since = profile.wall_clock() if self.up else 0.0
        self.registration = GatewayRegistration(self)
        self.ping = GatewayPing(self)
        self.subscriptions = GatewaySubscriptions(self, subscriptions)

    def __repr__(self) -> str:
        return f"<Gateway {self.name} {self.proxy} {self.state} {'UP' if self.up else 'DOWN'}>"

    def is_like(self, other: Gateway) -> bool:
        """Whether both are written alike."""
        return (
            self.settings == other.settings
            and self.variables_in == other.variables_in
            and self.variables_out == other.variables_out
            and self.subscriptions.wishes == other.subscriptions.wishes
        )

    # What calls use

    @property
    def proxy_uri(self) -> str:
        """Where calls go: the outbound proxy if there is one, by the gateway's transport where it
        names none of its own.
        """
        uri = uri_of(self.settings.outbound_proxy or self.proxy)
        if self.settings.register_transport != "udp" and uri.transport is None:
            uri.parameters["transport"] = self.settings.register_transport
        return str(uri)

    @property
    def credentials(self) -> tuple[str, str]:
        """User name and password for its challenges."""
        return self.settings.auth_username or self.username, self.settings.password

    @property
    def from_domain(self) -> str:
        """The host of our From, where it is not that of a caller: the proxy's, whatever its realm
        is called.
        """
        wish = self.settings.from_domain
        return host_of(self.proxy) if wish in ("", *AUTO_ALEG) else wish

    @property
    def account(self) -> str:
        """The user as its proxy knows it, as ``sofia status`` shows it."""
        return f"sip:{self.username}@{self.proxy.removeprefix('sip:')}"

    @property
    def registrar(self) -> str:
        """The Request-URI of a REGISTER: the proxy with its port, by which it knows itself."""
        proxy = uri_of(self.proxy)
        return str(SipUri(host=proxy.host, port=proxy.port))

    @property
    def registrar_hop(self) -> Hop:
        """Where REGISTER and SUBSCRIBE go."""
        uri = uri_of(self.settings.register_proxy or self.proxy)
        if self.settings.register_transport != "udp":
            uri.parameters["transport"] = self.settings.register_transport
        return Hop.of(uri)

    @property
    def address_of_record(self) -> NameAddr:
        """Who we register, and call as where a call does not show its caller."""
        user = self.settings.from_user or self.username
        return NameAddr("", SipUri(user=user, host=self.from_domain))

    @property
    def registered_as(self) -> NameAddr:
        """To of a REGISTER: with ``distinct-to`` the account at the proxy."""
        if not self.settings.distinct_to:
            return self.address_of_record
        return NameAddr("", SipUri(user=self.username, host=host_of(self.proxy)))

    def target(self, number: str) -> SipUri:
        """The Request-URI for a number; one with a host is used as it is."""
        if "@" in number:
            return uri_of(number)
        uri = uri_of(self.proxy)
        if self.settings.register_transport != "udp":
            uri.parameters["transport"] = self.settings.register_transport
        return uri.replace(user=number)

    def address_call(
        self, number: str, parent: Session | None, variables: dict[str, str]
    ) -> SipUri:
        """The Request-URI for what a dial string says behind the gateway's name; ``variables``
        get what the settings change of From and To.
        """
        settings = self.settings
        number, _, to = number.partition("^")
        number, _, options = number.partition(";")
        to, _, more = to.partition(";")
        options = f"{options};{more}".strip(";")
        uri = self.target(number)
        for option in options.split(";") if options else ():
            key, _, value = option.partition("=")
            uri.parameters[key] = value
        for key, value in self.variables_out.items():
            variables.setdefault(key, value)
        if to:
            to_uri = uri_of(to) if "@" in to else uri.replace(user=to)
            variables.setdefault("sip_invite_to_uri", str(to_uri.replace(parameters={})))
        if settings.destination_prefix:
            variables.setdefault("sip_destination_prefix", settings.destination_prefix)
        host = parent.get("sip_from_host") if parent is not None else None
        if settings.from_domain in AUTO_ALEG and parent is not None and host:
            user = parent.get("sip_from_user") if settings.from_domain == AUTO_ALEG[0] else None
            user = user or self.settings.from_user or self.username
            own = str(SipUri(user=user, host=host))
            variables.setdefault("sip_invite_from_uri", own)
        variables["sip_gateway_name"] = self.name
        return uri

    def from_address(self, name: str, number: str, domain: str = "") -> NameAddr:
        """Our From: the account, or the caller where ``caller-id-in-from`` says so.

        The caller is of ``domain`` (``sip_invite_domain``), else of ``from-domain``, else of ours.
        """
        if not (self.settings.caller_id_in_from and number):
            return NameAddr(name, self.address_of_record.uri)
        wish = self.settings.from_domain
        host = domain or (self.profile.domain if wish in ("", *AUTO_ALEG) else wish)
        return NameAddr(name, SipUri(user=number, host=host))

    def contact(self, transport: str, far: str = "") -> str:
        """Our Contact, by which calls from the gateway are recognised."""
        settings, profile = self.settings, self.profile
        wish = profile.own_ip if settings.contact_host == "sip-ip" else settings.contact_host
        host = bracketed(wish or profile.sip_address(far))
        extra = f";{settings.contact_params.lstrip(';')}" if settings.contact_params else ""
        user = self.extension if settings.extension_in_contact else f"gw+{self.name}"
        return (
            f"<sip:{user}@{host}:{profile.port(transport, far)}"
            f"{extra};transport={transport};gw={self.name}>"
        )

    def registered_contact(self, flow: Flow) -> str:
        """Our Contact as it is registered, where wished as one of our flows (RFC 5626 §4.2)."""
        contact = self.contact(flow.transport, flow.remote[0])
        if not (self.settings.rfc_5626 and self.profile.settings.enable_rfc_5626):
            return contact
        # The same for every flow and after every restart: it names the machine.
        instance = uuid5(NAMESPACE_DNS, self.profile.switch.hostname)
        return f'{contact};reg-id={self.settings.reg_id};+sip.instance="<urn:uuid:{instance}>"'

    @property
    def extension(self) -> str:
        """Where calls from the gateway go in the dialplan."""
        return self.settings.extension or self.username

    def is_at(self, host: str) -> bool:
        """Whether that is an address of the gateway, as far as it is known."""
        hops = [Hop.of(uri_of(text)) for text in (self.proxy, self.settings.outbound_proxy) if text]
        return any(
            target.host == host for hop in hops for target in self.profile.resolver.known(hop) or ()
        )

    def believes(self, source: tuple[str, int]) -> bool:
        """Whether a call from there may be one of the gateway's (``gw-auth-acl``)."""
        wish = self.settings.gw_auth_acl
        return not wish or self.profile.allowed((wish,), source)

    def extension_for(self, request: Request) -> str:
        """The destination of one call: ``auto_to_user`` takes the user of To, ``auto`` that of
        the Request-URI, unless it is the one of our Contact.
        """
        wish, asked = self.settings.extension, request.request_uri.user or ""
        if wish == "auto" and asked and asked != f"gw+{self.name}":
            return asked
        if wish in ("auto_to_user", "auto"):
            return request.to.uri.user or ""
        return self.extension

    def refuse_challenge(self, _: Request, response: Response) -> None:
        """Tell that credentials are asked for which the gateway has not, or not for that host."""
        try:
            asked = response.headers.get(CHALLENGES[response.status][0]) or ""
            realm = Challenge.parse(asked).realm
        except RemoteProtocolError:
            realm = ""
        self._tell("sofia::gateway_invalid_digest_req", {"realm": realm})

    # Its life

    def start(self) -> None:
        """Register, and ping where that is wished."""
        self._tell("sofia::gateway_add")
        if self.settings.register:
            self.registration.start()
        self.ping.start()
        self.subscriptions.start()

    def stop(self) -> None:
        """Unregister; nothing is waited for."""
        self.ping.stop()
        self.subscriptions.stop()
        if self.settings.register:
            self._enter("UNREGISTER", up=False)
            self.registration.stop()
            if self.state == "UNREGISTER" and self.registration.is_idle:
                self._enter("DOWN", up=False)

    def remove(self) -> None:
        """It is no gateway of the profile any more."""
        self.stop()
        self._tell("sofia::gateway_delete")

    def register_again(self) -> None:
        """``sofia profile X register NAME``."""
        if self.settings.register:
            self.registration.start()

    def handle(
        self, event: events.Registered | events.RegistrationFailed | events.Unregistered
    ) -> None:
        """What came of a registration."""
        self.registration.handle(event)

    def handle_ping(self, event: events.ResponseReceived | events.TransactionFailed) -> None:
        """What came of a ping."""
        self.ping.handle(event)

    def trying(self) -> None:
        """The first REGISTER goes out."""
        self._enter("TRYING", up=False)

    def registered(self, seconds: float) -> None:
        """The registrar holds our binding."""
        self.expires = self.profile.wall_clock() + seconds
        self.failures = 0
        # What pings found out meanwhile outlives a refresh.
        self._enter("REGED", up=self.up or self.state != "REGED", status=200)

    def refused(self, status: int, pause: float) -> None:
        """The registrar does not want us, or is silent; tried again after ``pause`` seconds."""
        self.failures += 1
        self.retry_at = self.profile.wall_clock() + pause
        self._enter("FAIL_WAIT", up=False, status=status)

    def unregistered(self) -> None:
        """Our binding is gone, as we wished."""
        self._enter("DOWN", up=False)

    def found(self, there: bool) -> None:
        """Pings found out whether it is there."""
        self._enter(self.state, up=there and self.state in ("REGED", "NOREG"))

    def _enter(self, state: str, *, up: bool, status: int = 0) -> None:
        changed = state != self.state or up != self.up
        if up and not self.up:
            self.up_since = self.profile.wall_clock()
        self.state, self.up = state, up
        if changed:
            log.info("gateway %s is %s (%s)", self.name, state, "UP" if up else "DOWN")
            headers = {"State": state, "Ping-Status": "UP" if up else "DOWN"}
            if status:
                headers |= {"Phrase": reason_phrase(status), "Status": str(status)}
            self._tell("sofia::gateway_state", headers)

    def _tell(self, subclass: str, headers: dict[str, str] | None = None) -> None:
        told = {"Gateway": self.name, "profile-name": self.profile.name, **(headers or {})}
        self.profile.switch.publish("CUSTOM", told, subclass=subclass)


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
