"""Calling out: the INVITE of an outbound leg, where it goes and as whom."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from softswitch.endpoints.sip.addresses import host_of
from softswitch.endpoints.sip.invite_request import InviteRequest
from softswitch.endpoints.sip.transport_settings import TRANSPORTS
from softswitch.endpoints.sip.variables import of_our_invite
from softswitch.endpoints.sip.watched_headers import look_through
from softswitch.endpoints.sip.ways import PATIENCE, Ways
from softswitch.sip.auth import authorization
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.headers import split_list
from softswitch.sip.message import Request, Response
from softswitch.sip.routing import Hop
from softswitch.sip.session_timer import LONGEST, SessionInterval
from softswitch.sip.uri import NameAddr, SipUri
from softswitch.switch.causes import HangupCause

if TYPE_CHECKING:
    from softswitch.endpoints.sip.gateway import Gateway
    from softswitch.endpoints.sip.leg import SipLeg
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.flow import Flow


ADDED = 300
"""Octets of the header fields that the stack adds to our INVITE, and some to spare."""


class Outgoing:
    """One call out of a profile, to a URI or through a gateway."""

    def __init__(self, profile: Profile, target: SipUri, gateway: Gateway | None = None) -> None:
        self.profile = profile
        self.gateway = gateway
        self.target, self._path = without_path(target)
        self._lookup: asyncio.Task[None] | None = None
        self._strayed = False
        """Whether a redirection led away from whom we meant to call."""
        self._ways = Ways(profile, Hop.of(self.target))
        self._sdp = ""
        self._contact_user: str | None = None

    def __repr__(self) -> str:
        return f"<Outgoing {self.target}>"

    def start(self, leg: SipLeg, sdp: str) -> None:
        """Send the INVITE; a name is looked up first, beside the loop."""
        self._sdp = sdp
        self._take_wishes(leg)
        ways = self._ways = Ways(self.profile, self._hop(leg))
        if ways.known:
            self._try_next(leg)
            return
        loop = self.profile.switch.loop
        self._lookup = loop.create_task(self._look_up(leg))
        self.profile.switch.own(self._lookup)

    def _take_wishes(self, leg: SipLeg) -> None:
        """Transport and user of our Contact, where variables name them."""
        session = leg.session
        if self._contact_user is None:
            # Later the variable tells of the far end's Contact.
            self._contact_user = session.get("sip_contact_user") or ""
        wish = (session.get("sip_transport") or "").lower()
        if wish and self.gateway is None and self.target.transport is None:
            if wish in TRANSPORTS:
                parameters = {**self.target.parameters, "transport": wish}
                self.target = self.target.replace(parameters=parameters)
            else:
                session.log.warning("sip_transport: there is no %s", wish)

    def far_host(self, leg: SipLeg) -> str:
        """The address the call goes to, as far as it is known without asking; else empty."""
        targets = self.profile.resolver.known(self._hop(leg))
        return targets[0].host if targets else ""

    def stop(self) -> None:
        """Give up a look-up that has not ended."""
        if self._lookup is not None:
            self._lookup.cancel()

    def redirect(self, leg: SipLeg, target: SipUri) -> None:
        """Call where a 3xx points instead; the way there is ours to choose, not the far end's.

        A password is for whom we called: elsewhere no challenge is answered with it.
        """
        home = host_of(self.gateway.proxy) if self.gateway is not None else self.target.host
        self._strayed = self._strayed or target.host != home
        self.target, self._path = without_path(target)[0], []
        self.start(leg, leg.rtp.offer)

    def fail_over(self, leg: SipLeg) -> bool:
        """Nobody answered: try the next address; False where there is none (RFC 3263 §4.3)."""
        self._ways.failed()
        flow = self._ways.next()
        if flow is None:
            return False
        leg.session.log.info("no answer; trying %s", flow)
        self._send(leg, flow)
        return True

    def refused(self, leg: SipLeg) -> bool:
        """503: as if nobody had answered, unless the profile takes it for a refusal."""
        return not self.profile.settings.disable_srv503 and self.fail_over(leg)

    async def _look_up(self, leg: SipLeg) -> None:
        await self._ways.find()
        if leg.session.channel.up:
            self._try_next(leg)

    def _try_next(self, leg: SipLeg) -> None:
        flow = self._ways.next()
        if flow is None:
            hop = self._ways.hop
            leg.session.log.warning("no way to %s by %s", hop.host, hop.transport or "udp")
            leg.session.on_hangup(HangupCause.DESTINATION_OUT_OF_ORDER)
            return
        self._send(leg, flow)

    def _hop(self, leg: SipLeg) -> Hop:
        proxy = leg.session.get("sip_route_uri")
        if not proxy and self._path:
            return Hop.of(self._path[0].uri)
        if not proxy and self.gateway is not None and not self._strayed:
            proxy = self.gateway.proxy_uri
        proxy = proxy or self.profile.settings.outbound_proxy
        if proxy:
            text = proxy if proxy.lower().startswith(("sip:", "sips:")) else f"sip:{proxy}"
            try:
                return Hop.of(SipUri.parse(text))
            except RemoteProtocolError:
                leg.session.log.warning("%s is no URI to send calls to", proxy)
        return Hop.of(self.target)

    def _send(self, leg: SipLeg, flow: Flow) -> None:
        request = self._build(leg, flow)
        patience = 0.0
        if flow.transport == "udp":
            way = self._ways.for_size(flow, _size(request))
            if way is not flow:
                flow, patience = way, PATIENCE
                request = self._build(leg, flow)
        profile, session = self.profile, leg.session
        usage = profile.stack.invite(request, flow, profile.now(), _interval(leg), patience)
        usage.user = leg
        username, password = self._credentials(leg)
        if username and password:
            usage.authorizer = partial(_authorize, leg, username, password)
        elif self.gateway is not None:
            usage.authorizer = self.gateway.refuse_challenge
        usage.symmetric = bool(self._path) or session.is_true("sip_sticky_contact")
        leg.usage = usage
        of_our_invite(session.channel.variables, profile, usage, request)
        profile.journal.note(session.uuid, request.call_id, session.get("originator") or "")
        session.set("sip_destination_url", str(self.target))
        profile.pump()

    def _build(self, leg: SipLeg, flow: Flow) -> Request:
        profile, session = self.profile, leg.session
        user = self._contact_user or ""
        shape = InviteRequest(profile, session, self.target, self.gateway, user)
        return shape.build(self._sdp, flow, self._routes())

    def _routes(self) -> list[tuple[str, str]]:
        """The Path of a registration, where proxies want to see it (RFC 3327 §5.3)."""
        if not self._path or "lr" not in self._path[0].uri.parameters:
            return []
        return [("Route", ", ".join(str(item) for item in self._path))]

    def _credentials(self, leg: SipLeg) -> tuple[str, str]:
        """The gateway's account, or the call's own."""
        if self._strayed:
            return "", ""
        if self.gateway is not None:
            return self.gateway.credentials
        session = leg.session
        return session.get("sip_auth_username") or "", session.get("sip_auth_password") or ""


def _size(request: Request) -> int:
    """About how many octets a request will have on the wire."""
    fields = "\r\n".join(map(": ".join, request.headers.pairs))
    return len(request.uri) + len(fields) + len(request.body) + ADDED


def _interval(leg: SipLeg) -> SessionInterval:
    """What a call wants of session timers: its own variables, else the profile's settings."""
    usual = leg.profile.settings.session_interval
    timeout = leg.session.get("sofia_session_timeout") or ""
    if timeout.isdecimal():
        usual = replace(usual, wanted=min(int(timeout), LONGEST))
    if leg.session.get("sip_update_refresher"):
        usual = replace(usual, by_update=leg.session.is_true("sip_update_refresher"))
    required = leg.session.is_true("sip_require_timer")
    return usual if required is usual.required else replace(usual, required=required)


def _authorize(
    leg: SipLeg,
    username: str,
    password: str,
    request: Request,
    response: Response,
) -> tuple[str, str] | None:
    """Answer a challenge; None where it cannot be answered."""
    answer = authorization(
        request,
        response,
        username=username,
        password=password,
        cnonce=leg.profile.stack.token(),
    )
    if answer is not None and answer[0] not in request.headers.first:
        # The stack tells of challenges that it cannot meet alone.
        look_through(leg.session, response)
    return answer


def without_path(uri: SipUri) -> tuple[SipUri, list[NameAddr]]:
    """The URI without the way to it (``fs_path``), and that way.

    Raises RemoteProtocolError for a way that cannot be read.
    """
    if "fs_path" not in uri.parameters:
        return uri, []
    path = [_way(item) for item in split_list(unquote(uri.parameters.get("fs_path") or ""))]
    kept = {
        name: value for name, value in uri.parameters.items() if name not in ("fs_path", "fs_nat")
    }
    return uri.replace(parameters=kept), path


def _way(text: str) -> NameAddr:
    # Bare, ``;transport=tcp`` belongs to the URI, not to a header.
    return NameAddr.parse(text if text.startswith("<") else f"<{text}>")
