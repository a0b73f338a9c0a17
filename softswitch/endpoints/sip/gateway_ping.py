"""Asking a gateway by OPTIONS whether it is there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.endpoints.sip.ways import Ways
from softswitch.sip import events
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.routing import Hop
from softswitch.sip.uri import NameAddr

if TYPE_CHECKING:
    from softswitch.endpoints.sip.gateway import Gateway


class GatewayPing:
    """Asks every ``ping`` seconds, and keeps count of answers and silences."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._timer: asyncio.TimerHandle | None = None
        self._asked_at = 0.0
        self.asking = False
        """Whether an answer is waited for."""
        self.next_at = 0.0
        """When it is asked next, in seconds since 1970; 0 where it is not asked."""
        self.saved = 0
        """Answers saved up: each silence takes one away."""
        self.milliseconds = 0.0
        """How long the latest answer took."""

    def start(self) -> None:
        """Ask from now on, if that is wished."""
        if self._gateway.settings.ping:
            seconds = self._gateway.settings.ping
            self.next_at = self._gateway.profile.wall_clock() + seconds
            loop = self._gateway.profile.switch.loop
            self._timer = loop.call_later(seconds, self._ask)

    def stop(self) -> None:
        """Ask no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self.next_at = 0.0

    def _ask(self) -> None:
        switch = self._gateway.profile.switch
        switch.own(switch.loop.create_task(self._send(), name=f"ping {self._gateway.name}"))
        self.start()

    async def _send(self) -> None:
        gateway, profile = self._gateway, self._gateway.profile
        try:
            target = gateway.target("").replace(user=None)
        except RemoteProtocolError:
            return
        ways = Ways(profile, Hop.of(target))
        await ways.find()
        flow = ways.next()
        if flow is None:
            self._count(False)
            return
        settings = gateway.settings
        headers = []
        if settings.ping_user_agent:
            headers.append(("User-Agent", settings.ping_user_agent))
        if settings.contact_in_ping:
            headers.append(("Contact", gateway.contact(flow.transport, flow.remote[0])))
        request = profile.stack.build_request(
            "OPTIONS",
            str(target),
            from_=gateway.from_address("", ""),
            to=NameAddr("", target),
            headers=headers,
        )
        transaction = profile.stack.request(request, flow, profile.now())
        transaction.user = gateway
        self._asked_at = profile.now()
        self.asking = True
        profile.pump()

    def handle(self, event: events.ResponseReceived | events.TransactionFailed) -> None:
        """An answer counts as life, whatever it says, but for server failures."""
        if isinstance(event, events.TransactionFailed):
            self._count(False)
        elif event.final:
            self.milliseconds = (self._gateway.profile.now() - self._asked_at) * 1000
            self._count(event.response.status < 500 or event.response.status == 501)

    def _count(self, answered: bool) -> None:
        self.asking = False
        settings = self._gateway.settings
        if answered:
            self.saved = min(self.saved + 1, settings.ping_max)
        else:
            self.saved = max(self.saved - 1, 0)
        if self.saved >= settings.ping_max:
            self._gateway.found(True)
        elif self.saved < settings.ping_min:
            self._gateway.found(False)

    def __repr__(self) -> str:
        return f"<GatewayPing {self._gateway.name} {self.saved} saved>"
