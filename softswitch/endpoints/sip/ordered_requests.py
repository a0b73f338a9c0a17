"""Requests that programs have the switch send: the events NOTIFY, SEND_MESSAGE and SEND_INFO.

They come from ``sendevent`` and from the application ``event``; what is wrong with one is logged.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.endpoints.sip.calling import without_path
from softswitch.endpoints.sip.leg import SipLeg
from softswitch.endpoints.sip.reach import reachable_uri
from softswitch.endpoints.sip.unsolicited import notify_binding
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.routing import Hop
from softswitch.sip.uri import NameAddr, SipUri
from softswitch.switch.causes import CallFailed
from softswitch.switch.chat import ChatMessage
from softswitch.switch.indications import TextMessage

if TYPE_CHECKING:
    from softswitch.endpoints.sip.endpoint import SipEndpoint
    from softswitch.endpoints.sip.location import Binding
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.flow import Flow
    from softswitch.switch.events import Event

log = logging.getLogger(__name__)

EVENT = "message-summary"
TYPE = "application/simple-message-summary"
"""What a NOTIFY to a URI is about, and the type of its body, where the program names none."""
OVER = ("Subscription-State", "terminated;reason=noresource")
DEFAULT_PROFILE = "default"
_HEADER = re.compile(r"([\w.!%*+`'~-]+)\s*:\s*(.+)")
Headers = list[tuple[str, str]]


class OrderedRequests:
    """Carries out what events ask for."""

    def __init__(self, endpoint: SipEndpoint) -> None:
        self._endpoint = endpoint
        self._orders: dict[str, Callable[[_Order], None]] = {
            "NOTIFY": self._notify,
            "SEND_MESSAGE": self._message,
            "SEND_INFO": self._info,
        }
        bus = endpoint.switch.bus
        self._subscription = bus.subscribe(self._on_event, *self._orders)

    def __repr__(self) -> str:
        return f"<OrderedRequests {' '.join(self._orders)}>"

    def stop(self) -> None:
        """Carry out no more."""
        self._endpoint.switch.bus.unsubscribe(self._subscription)

    def _on_event(self, event: Event) -> None:
        try:
            self._orders[event.name](_Order(event))
        except (ValueError, RemoteProtocolError, CallFailed) as error:
            log.error("event %s: %s", event.name, error)

    # One for each event

    def _notify(self, order: _Order) -> None:
        if order.get("contact-uri") or order.get("to-uri") or order.get("from-uri"):
            self._notify_uri(order)
            return
        event, kind = order.need("event-string"), order.need("content-type")
        if order.get("uuid"):
            headers = [("Event", event), OVER, ("Content-Type", kind)]
            self._in_call(self._leg(order.get("uuid")), "NOTIFY", headers, order.body)
            return
        profile = self._profile(order.need("profile"))
        for binding in self._bindings(profile, order):
            notify_binding(profile, binding, event, kind, order.body)

    def _notify_uri(self, order: _Order) -> None:
        profile = self._profile(order.get("profile") or DEFAULT_PROFILE)
        to, origin = order.need("to-uri"), order.need("from-uri")
        headers: Headers = [("Event", order.get("event-string") or EVENT)]
        if not is_true(order.get("no-sub-state")):
            headers.append(OVER)
        if extra := order.get("extra-headers"):
            found = _HEADER.fullmatch(extra.strip())
            if found is None:
                raise ValueError(f"extra-headers must be Name: value, not {extra!r}")
            headers.append((found[1], found[2]))
        kind = order.get("content-type") or TYPE
        target = order.get("contact-uri") or to
        self._outside(profile, "NOTIFY", target, origin, to, headers, order, kind)

    def _message(self, order: _Order) -> None:
        kind = order.need("content-type")
        if order.get("uuid") and not order.get("user"):
            text = TextMessage(order.body.decode("utf-8", "replace"), kind)
            self._leg(order.get("uuid")).indicate(text)
            return
        profile = self._profile(order.need("profile"))
        address = f"{order.need('user')}@{order.need('host')}"
        headers = {"to": f"{profile.name}/{address}", "from": address, "type": kind}
        if subject := order.get("subject"):
            headers["sip_h_Subject"] = subject
        message = ChatMessage(headers, order.body.decode("utf-8", "replace"))
        if not self._endpoint.deliveries.send(message):
            raise ValueError(f"{address} is not registered")

    def _info(self, order: _Order) -> None:
        profile = self._profile(order.need("profile"))
        kind = order.get("content-type")
        names = ("Content-Disposition", "Alert-Info", "Call-Info")
        headers: Headers = [(name, value) for name in names if (value := order.get(name))]
        if call_id := order.get("call-id"):
            headers += [("Content-Type", kind)] if kind else []
            self._in_call(self._leg_of(call_id), "INFO", headers, order.body)
            return
        origin = order.need("from-uri")
        if local := order.get("local-user"):
            user, _, host = local.partition("@")
            found = self._endpoint.location.reach(user, host, profile.name)
            if not found:
                raise ValueError(f"{local} is not registered")
            target = reachable_uri(found[0])
        else:
            target = order.need("to-uri")
        self._outside(profile, "INFO", target, origin, target, headers, order, kind)

    # Whom they reach

    def _profile(self, name: str) -> Profile:
        profile = self._endpoint.profile(name)
        if profile is None:
            raise ValueError(f"there is no profile {name}")
        return profile

    def _bindings(self, profile: Profile, order: _Order) -> list[Binding]:
        user, host, call_id = order.need("user"), order.need("host"), order.get("call-id")
        if call_id:
            found = [each for each in profile.bindings() if each.call_id == call_id]
        else:
            found = self._endpoint.location.reach(user, host, profile.name)
        if not found:
            raise ValueError(f"{user}@{host} is not registered")
        return found

    def _leg(self, uuid: str) -> SipLeg:
        session = self._endpoint.switch.find(uuid)
        if session is None or not isinstance(session.leg, SipLeg):
            raise ValueError(f"there is no SIP call {uuid}")
        return session.leg

    def _leg_of(self, call_id: str) -> SipLeg:
        for session in self._endpoint.switch.sessions.values():
            leg = session.leg
            if isinstance(leg, SipLeg) and session.get("sip_call_id") == call_id:
                return leg
        raise ValueError(f"there is no call with the Call-ID {call_id}")

    def _in_call(self, leg: SipLeg, method: str, headers: Headers, body: bytes) -> None:
        usage = leg.usage
        if usage is None or usage.dialog is None or leg.gone:
            raise ValueError(f"the call {leg.session.uuid} has no dialog")
        usage.request_in_dialog(method, headers, body, now=leg.profile.now())
        leg.profile.pump()

    def _outside(
        self,
        profile: Profile,
        method: str,
        target: str,
        origin: str,
        to: str,
        headers: Headers,
        order: _Order,
        kind: str,
    ) -> None:
        """Send a request outside any call, once it is known where to."""
        uri, path = without_path(NameAddr.parse(target).uri)
        hop = Hop.of(path[0].uri if path else uri)
        from_, towards = NameAddr.parse(origin).uri, NameAddr.parse(to).uri

        async def send() -> None:
            flow: Flow | None = await profile.resolve(hop)
            if flow is None:
                log.error("event %s: %s cannot be reached", method, target)
                return
            contact = profile.contact(profile.settings.contact_user, flow.transport)
            request = profile.stack.build_request(
                method,
                str(uri),
                from_=NameAddr("", SipUri(user=from_.user, host=from_.host)),
                to=NameAddr("", towards.replace(parameters={})),
                call_id=order.get("call-id") or None,
                headers=[("Contact", contact), *headers, *[("Route", str(each)) for each in path]],
                body=order.body,
                content_type=kind,
            )
            profile.stack.request(request, flow, profile.now())
            profile.pump()

        loop = profile.switch.loop
        task: asyncio.Task[None] = loop.create_task(send(), name=f"{method} to {target}")
        profile.switch.own(task)


class _Order:
    """What an event says, with names in any case; nothing in it may break a header."""

    def __init__(self, event: Event) -> None:
        self._said = {name.lower(): value for name, value in event.headers.items()}
        self.body = (event.body or "").encode("utf-8", "replace")

    def get(self, name: str) -> str:
        """A header's value, or nothing. Raises ValueError for one with control characters."""
        value = self._said.get(name.lower(), "")
        if not value.isprintable():
            raise ValueError(f"{name} has control characters")
        return value

    def need(self, name: str) -> str:
        """A header's value. Raises ValueError where there is none."""
        value = self.get(name)
        if not value:
            raise ValueError(f"the header {name} is missing")
        return value
