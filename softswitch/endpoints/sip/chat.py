"""MESSAGE outside calls: to the chat plan, and from it to phones (RFC 3428)."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from softswitch.dialplan.expansion import disarm
from softswitch.endpoints.sip.authentication import Verdict, judge, refuse
from softswitch.endpoints.sip.calling import without_path
from softswitch.endpoints.sip.reach import reachable_uri
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.events import ResponseReceived, TransactionFailed
from softswitch.sip.routing import Hop
from softswitch.sip.uri import NameAddr, SipUri
from softswitch.switch.chat import ChatMessage

if TYPE_CHECKING:
    from softswitch.endpoints.sip.endpoint import SipEndpoint
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.flow import Flow
    from softswitch.sip.message import Request
    from softswitch.sip.non_invite_server import NonInviteServer

LONGEST_TEXT = 64_000
"""Octets of a message's text."""
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:\s*;[^\r\n]*)?")


def on_message(profile: Profile, transaction: NonInviteServer, request: Request) -> None:
    """Answer a MESSAGE outside any call: take it, challenge it, or refuse it."""
    settings = profile.settings
    if not settings.enable_chat:
        profile.respond(transaction, request, 403)
        return
    if request.max_forwards == 0:
        profile.respond(transaction, request, 483)
        return

    def proceed(verdict: Verdict) -> None:
        if verdict.allowed:
            accept(profile, transaction, request)
        else:
            refuse(profile, transaction, request, verdict)

    asks = (settings.auth_messages or settings.auth_calls) and not settings.disable_auth_messages
    judge(profile, transaction, request, proceed, asks=asks)


def accept(profile: Profile, transaction: NonInviteServer, request: Request) -> None:
    """Hand a message to the chat plan and say that it is taken."""
    if len(request.body) > LONGEST_TEXT:
        profile.respond(transaction, request, 413)
        return
    if not profile.switch.chat.submit(message_of(profile, transaction, request)):
        profile.respond(transaction, request, 503, headers=[("Retry-After", "5")])
        return
    status = 200 if profile.settings.sip_messages_respond_200_ok else 202
    profile.respond(transaction, request, status)


def message_of(profile: Profile, transaction: NonInviteServer, request: Request) -> ChatMessage:
    """A MESSAGE as the chat plan sees it."""
    origin, target = request.from_, request.to
    remote = transaction.flow.remote
    forwards = request.max_forwards
    headers = {
        "login": profile.url,
        "proto": "sip",
        "to_proto": "sip",
        "from": f"{origin.uri.user or ''}@{origin.uri.host}",
        "from_user": origin.uri.user or "",
        "from_host": origin.uri.host,
        "from_full": str(origin),
        "from_sip_ip": remote[0],
        "from_sip_port": str(remote[1]),
        "to": f"{target.uri.user or ''}@{target.uri.host}",
        "to_user": target.uri.user or "",
        "to_host": target.uri.host,
        "subject": request.headers.get("Subject") or "SIMPLE MESSAGE",
        "context": profile.settings.context,
        "type": request.headers.get("Content-Type") or "text/plain",
        "sip_profile": profile.name,
        "hops": str(70 - min(70 if forwards is None else forwards, 70)),
    }
    for name, value in request.headers:
        if name.lower().startswith(("x-", "p-")):
            headers[f"sip_h_{name}"] = value
    clean = {name: disarm(value) for name, value in headers.items() if value}
    return ChatMessage(clean, request.body.decode("utf-8", "replace"))


class Deliveries:
    """Sends messages of the switch by SIP, to registered phones or to other domains."""

    def __init__(self, endpoint: SipEndpoint) -> None:
        self._endpoint = endpoint
        endpoint.switch.chat.carry("sip", self.send)

    def send(self, message: ChatMessage) -> bool:
        """Send a message to each phone of its receiver; False where there is none."""
        to = message.headers.get("to", "")
        name, slash, address = to.rpartition("/")
        user, at, domain = address.removeprefix("sip:").partition("@")
        endpoint = self._endpoint
        wanted = endpoint.profile(name) if slash else None
        if not user or (slash and wanted is None):
            return False
        if not at:
            domain = endpoint.switch.globals.get("domain", "")
        profile_name = wanted.name if wanted is not None else None
        bindings = endpoint.location.reach(user, domain, profile_name)
        sent = False
        for binding in bindings:
            profile = endpoint.profiles.get(binding.profile)
            if profile is not None:
                sent = self._send_to(profile, message, reachable_uri(binding)) or sent
        if bindings or self._is_ours(domain):
            return sent
        profile = wanted or endpoint.profile(message.headers.get("sip_profile", ""))
        profile = profile or next(iter(endpoint.profiles.values()), None)
        return profile is not None and self._send_to(profile, message, f"sip:{user}@{domain}")

    def _is_ours(self, domain: str) -> bool:
        """Whether the users of a domain register here: who has not is not to be reached."""
        switch = self._endpoint.switch
        ours = {item.name.lower() for item in switch.generation.directory}
        for profile in self._endpoint.profiles.values():
            ours |= {profile.sip_ip, profile.advertised_ip}
        return domain.lower() in ours

    def _send_to(self, profile: Profile, message: ChatMessage, target: str) -> bool:
        try:
            uri, path = without_path(SipUri.parse(target))
            hop = Hop.of(path[0].uri if path else uri)
        except RemoteProtocolError:
            return False
        if hop.is_literal:
            self._transmit(profile, message, uri, profile.flow_to(hop))
            return True

        async def look_up() -> None:
            self._transmit(profile, message, uri, await profile.resolve(hop))

        loop = profile.switch.loop
        task: asyncio.Task[None] = loop.create_task(look_up(), name=f"message to {uri.host}")
        profile.switch.own(task)
        return True

    def _transmit(
        self, profile: Profile, message: ChatMessage, uri: SipUri, flow: Flow | None
    ) -> None:
        delivery = Delivery(profile, message)
        if flow is None:
            delivery.failed("503")
            return
        user, _, host = message.headers.get("from", "").removeprefix("sip:").partition("@")
        to_user, _, to_host = message.headers["to"].rpartition("/")[2].partition("@")
        kind = message.headers.get("type", "text/plain")
        extra = [
            (name[6:], value)
            for name, value in message.headers.items()
            if name.startswith("sip_h_") and name[6:].replace("-", "").isalnum()
        ]
        request = profile.stack.build_request(
            "MESSAGE",
            str(uri),
            from_=NameAddr("", SipUri(user=user or None, host=host or profile.domain)),
            to=NameAddr("", SipUri(user=to_user, host=to_host or uri.host)),
            headers=[
                ("Max-Forwards", str(max(70 - message.hops - 1, 0))),
                ("Contact", profile.contact(profile.settings.contact_user, flow.transport)),
                *extra,
            ],
            body=message.body.encode("utf-8", "replace"),
            content_type=kind if _MEDIA_TYPE.fullmatch(kind) else "text/plain",
        )
        transaction = profile.stack.request(request, flow, profile.now())
        transaction.user = delivery
        profile.pump()


class Delivery:
    """One message on its way to one phone."""

    def __init__(self, profile: Profile, message: ChatMessage) -> None:
        self._profile = profile
        self._message = message

    def handle(self, event: ResponseReceived | TransactionFailed) -> None:
        """What became of it; only a failure is told."""
        if isinstance(event, TransactionFailed):
            self.failed("408")
        elif event.final and event.response.status >= 300:
            self.failed(str(event.response.status))

    def failed(self, status: str) -> None:
        """Publish that a message did not reach its phone."""
        headers = {
            **self._message.headers,
            "Delivery-Failure": "true",
            "Delivery-Result-Code": status,
        }
        self._profile.switch.publish("MESSAGE", headers, body=self._message.body)
