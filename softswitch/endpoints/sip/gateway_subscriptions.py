"""What a gateway subscribes to at its provider, told as NOTIFY_IN."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, NamedTuple

from softswitch.endpoints.sip.settings import SubscriptionSettings
from softswitch.endpoints.sip.ways import Ways
from softswitch.sip import events
from softswitch.sip.subscriber import Subscriber

if TYPE_CHECKING:
    from softswitch.endpoints.sip.gateway import Gateway
    from softswitch.sip.flow import Flow
    from softswitch.sip.message import Request

log = logging.getLogger(__name__)

_UNREACHABLE = (408, 503)


class SubscriptionWish(NamedTuple):
    """One ``<subscription>`` as it is written."""

    event: str
    settings: SubscriptionSettings


class GatewaySubscriptions:
    """Subscribes, refreshes, and begins anew where that fails."""

    def __init__(self, gateway: Gateway, wishes: tuple[SubscriptionWish, ...]) -> None:
        self.wishes = wishes
        self._gateway = gateway
        self._subscribers: list[Subscriber] = []
        self._ways: Ways | None = None
        self._looking: asyncio.Task[None] | None = None
        self._retry: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Subscribe to all that is wished."""
        if self.wishes:
            self._look_up()

    def stop(self) -> None:
        """End all; nothing is waited for."""
        for pending in (self._retry, self._looking):
            if pending is not None:
                pending.cancel()
        profile = self._gateway.profile
        for subscriber in self._subscribers:
            subscriber.stop(profile.now())
        profile.pump()

    def handle(self, event: events.Notified | events.SubscriberFailed) -> None:
        """What the provider says."""
        match event:
            case events.Notified(subscriber=subscriber, request=request):
                if self._ways is not None:
                    self._ways.answered()
                self._tell(subscriber.event, request)
            case events.SubscriberFailed(subscriber=subscriber, status=status):
                log.warning(
                    "gateway %s: subscription to %s %s; next attempt in %d s",
                    self._gateway.name,
                    subscriber.event,
                    f"failed with {status}" if status else "was ended by the provider",
                    event.retry_after,
                )
                if status in _UNREACHABLE:
                    if self._ways is not None:
                        self._ways.failed()
                    # The next attempt goes where the name leads by then.
                    self._look_up()

    def _tell(self, package: str, request: Request) -> None:
        profile = self._gateway.profile
        headers = {
            "event": package,
            "pl_data": request.body.decode("utf-8", "replace"),
            "port": str(profile.sip_port),
            "module_name": "mod_sofia",
            "profile_name": profile.name,
            "profile_uri": profile.url,
            "gateway_name": self._gateway.name,
        }
        for name, header in (("sip_content_type", "Content-Type"), ("Call-Info", "Call-Info")):
            values = request.headers.all(header)
            if values:
                headers[name] = ",".join(values)
        profile.switch.publish("NOTIFY_IN", headers)

    def _look_up(self) -> None:
        if self._looking is None or self._looking.done():
            switch = self._gateway.profile.switch
            name = f"look up {self._gateway.name} for subscriptions"
            self._looking = switch.loop.create_task(self._find(), name=name)
            switch.own(self._looking)

    async def _find(self) -> None:
        gateway = self._gateway
        ways = self._ways = Ways(gateway.profile, gateway.registrar_hop)
        await ways.find()
        flow = ways.next()
        if flow is None and not self._subscribers:
            pause = gateway.settings.retry_seconds
            log.warning("gateway %s: nobody to subscribe at is found", gateway.name)
            self._retry = gateway.profile.switch.loop.call_later(pause, self._look_up)
        if flow is None:
            return
        contact = gateway.contact(flow.transport, flow.remote[0])
        if not self._subscribers:
            self._begin(flow, contact)
        for subscriber in self._subscribers:
            if subscriber.dialog is None:
                subscriber.move(flow, contact)

    def _begin(self, flow: Flow, contact: str) -> None:
        gateway = self._gateway
        profile = gateway.profile
        username, password = gateway.credentials
        for event, settings in self.wishes:
            subscriber = Subscriber(
                profile.stack,
                flow,
                uri=str(gateway.registered_as.uri)
                if settings.username_in_request
                else gateway.registrar,
                address=gateway.address_of_record,
                event=event,
                accept=settings.content_type,
                expires=settings.expire_seconds,
                retry=settings.retry_seconds,
                username=username,
                password=password,
                contact=contact,
            )
            subscriber.user = gateway
            self._subscribers.append(subscriber)
            subscriber.start(profile.now())
        profile.pump()

    def __repr__(self) -> str:
        return f"<GatewaySubscriptions {self._subscribers}>"
