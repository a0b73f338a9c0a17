"""A gateway's registration: at the first of its registrar's addresses that answers."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from softswitch.endpoints.sip.ways import Ways
from softswitch.sip import events
from softswitch.sip.registration import Registration, RegistrationState

if TYPE_CHECKING:
    from softswitch.endpoints.sip.gateway import Gateway

log = logging.getLogger(__name__)

_UNREACHABLE = (408, 503)


class GatewayRegistration:
    """Registers a gateway, refreshes, tries again, and goes to the next address where one fails."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._registration: Registration | None = None
        self._ways: Ways | None = None
        self._looking: asyncio.Task[None] | None = None
        self._retry: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Register now; where it is registered, refresh."""
        if self._registration is not None:
            self._registration.start(self._gateway.profile.now())
            self._gateway.profile.pump()
        else:
            self._look_up()

    def moved(self) -> None:
        """We have another address: register with it now."""
        registration = self._registration
        ended = (RegistrationState.IDLE, RegistrationState.REMOVING)
        if registration is not None and registration.state not in ended:
            contact = self._gateway.registered_contact(registration.flow)
            registration.move(registration.flow, contact)
            self.start()

    def stop(self) -> None:
        """Unregister; nothing is waited for."""
        for pending in (self._retry, self._looking):
            if pending is not None:
                pending.cancel()
        if self._registration is not None:
            self._registration.stop(self._gateway.profile.now())
            self._gateway.profile.pump()

    @property
    def is_idle(self) -> bool:
        """Whether no registrar was ever asked."""
        return self._registration is None

    def handle(
        self, event: events.Registered | events.RegistrationFailed | events.Unregistered
    ) -> None:
        """What came of it."""
        gateway = self._gateway
        match event:
            case events.Registered(expires=expires):
                if self._ways is not None:
                    self._ways.answered()
                gateway.registered(expires)
            case events.RegistrationFailed(status=status):
                if status in _UNREACHABLE and self._fail_over():
                    return
                log.warning("gateway %s: registration failed with %d", gateway.name, status)
                gateway.refused(status, event.retry_after)
                if status in _UNREACHABLE:
                    # The next attempt goes where the name leads by then.
                    self._look_up()
            case events.Unregistered():
                gateway.unregistered()

    def _fail_over(self) -> bool:
        """Try the next address at once; False where there is none."""
        assert self._ways is not None
        self._ways.failed()
        flow = self._ways.next()
        if flow is None or self._registration is None:
            return False
        log.info("gateway %s: no answer; trying %s", self._gateway.name, flow)
        self._registration.move(flow, self._gateway.registered_contact(flow))
        self._registration.start(self._gateway.profile.now())
        self._gateway.profile.pump()
        return True

    def _look_up(self) -> None:
        switch = self._gateway.profile.switch
        name = f"look up {self._gateway.name}"
        self._looking = switch.loop.create_task(self._find(), name=name)
        switch.own(self._looking)

    async def _find(self) -> None:
        gateway, settings = self._gateway, self._gateway.settings
        ways = self._ways = Ways(gateway.profile, gateway.registrar_hop)
        await ways.find()
        flow = ways.next()
        if self._registration is not None:
            if flow is not None:
                self._registration.move(flow, gateway.registered_contact(flow))
            return
        if flow is None:
            log.warning("gateway %s: %s cannot be found", gateway.name, ways.hop.host)
            gateway.refused(503, settings.retry_seconds)
            loop = gateway.profile.switch.loop
            self._retry = loop.call_later(settings.retry_seconds, self._look_up)
            return
        username, password = gateway.credentials
        registration = Registration(
            gateway.profile.stack,
            flow,
            registrar=gateway.registrar,
            address=gateway.address_of_record,
            to=gateway.registered_as,
            username=username,
            password=password,
            contact=gateway.registered_contact(flow),
            expires=settings.expire_seconds,
            retry=settings.retry_seconds,
            retry_unanswered=settings.unanswered_retry_seconds,
            patience=settings.timeout_seconds,
        )
        registration.user = gateway
        self._registration = registration
        gateway.trying()
        registration.start(gateway.profile.now())
        gateway.profile.pump()

    def __repr__(self) -> str:
        return f"<GatewayRegistration {self._registration}>"
