"""Asking registered phones by OPTIONS whether they are still there."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING

from softswitch.endpoints.sip.location import Binding
from softswitch.endpoints.sip.reach import contact_text, is_elsewhere
from softswitch.endpoints.sip.registration_settings import RegistrationSettings
from softswitch.sip import events
from softswitch.sip.uri import URIS, NameAddr, SipUri

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile

log = logging.getLogger(__name__)

TICK = 1.0
"""Seconds between two rounds of questions."""
BURST = 500
"""Phones that are asked in one round; more wait for the next."""

_Key = tuple[str, str, str]


class Ping:
    """What is known of one phone that is asked again and again."""

    __slots__ = ("_asked_at", "_pinger", "binding", "milliseconds", "reachable", "saved")

    def __init__(self, pinger: Pinger, binding: Binding) -> None:
        self._pinger = pinger
        self._asked_at = 0.0
        self.binding = binding
        self.reachable = True
        self.milliseconds = 0.0
        """How long the latest answer took."""
        self.saved = pinger.settings.sip_user_ping_max
        """Answers saved up: each silence takes one away."""

    def asked(self, now: float) -> None:
        """A question is on its way."""
        self._asked_at = now

    def handle_ping(self, event: events.ResponseReceived | events.TransactionFailed) -> None:
        """Any answer is a sign of life; 408 and 503 are those of a proxy without the phone."""
        if isinstance(event, events.TransactionFailed):
            self._pinger.heard(self, 408, "Request Timeout")
        elif event.final:
            response = event.response
            self.milliseconds = (self._pinger.now() - self._asked_at) * 1000
            self._pinger.heard(self, response.status, response.reason)

    def __repr__(self) -> str:
        return f"<Ping {self.binding.aor} {'up' if self.reachable else 'down'}>"


class Pinger:
    """Asks the phones of one profile, each every ``ping-mean-interval`` seconds or so."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._pings: dict[_Key, Ping] = {}
        self._due: dict[int, list[_Key]] = {}
        self._timer: asyncio.TimerHandle | None = None

    @property
    def settings(self) -> RegistrationSettings:
        """The profile's, as they are now."""
        return self._profile.settings

    def now(self) -> float:
        """The clock of the stack."""
        return self._profile.now()

    def start(self) -> None:
        """Ask the phones whose registration outlived a restart."""
        if self.settings.all_reg_options_ping or self.settings.nat_options_ping:
            for binding in self._profile.location:
                if binding.profile == self._profile.name:
                    self.watch(binding)

    def stop(self) -> None:
        """Ask nobody any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._pings.clear()
        self._due.clear()

    def watch(self, binding: Binding) -> None:
        """A phone registered or refreshed: ask it from now on, where the profile wants that."""
        if not self._wanted(binding):
            return
        key = _key(binding)
        ping = self._pings.get(key)
        if ping is not None:
            ping.binding = binding
            return
        self._pings[key] = Ping(self, binding)
        self._later(key)
        if self._timer is None:
            self._timer = self._profile.switch.loop.call_later(TICK, self._tick)

    def state(self, binding: Binding) -> Ping | None:
        """What is known of a phone; None where it is not asked."""
        return self._pings.get(_key(binding))

    def heard(self, ping: Ping, status: int, phrase: str) -> None:
        """A phone answered, or did not."""
        settings = self.settings
        if status in (408, 503):
            ping.saved = max(ping.saved - 1, 0)
        else:
            ping.saved = min(ping.saved + 1, settings.sip_user_ping_max)
        reachable = ping.saved >= settings.sip_user_ping_min
        if reachable is ping.reachable:
            return
        ping.reachable = reachable
        binding = ping.binding
        word = "REACHABLE" if reachable else "UNREACHABLE"
        log.info("%s at %s is %s", binding.aor, binding.contact, word.lower())
        self._profile.switch.publish(
            "CUSTOM",
            {
                "sip_contact": contact_text(binding),
                "profile-name": binding.profile,
                "sip_user": binding.aor,
                "Ping-Status": word,
                "Status": str(status),
                "Phrase": phrase,
            },
            subclass="sofia::sip_user_state",
        )
        if not reachable and settings.unregister_on_options_fail:
            self._profile.registrar.forget_silent(binding)

    def _wanted(self, binding: Binding) -> bool:
        settings = self.settings
        if settings.all_reg_options_ping:
            return True
        return settings.nat_options_ping and is_elsewhere(binding)

    def _later(self, key: _Key) -> None:
        # Spread by chance: after a restart not all are asked at once.
        wait = self.settings.ping_mean_interval * random.uniform(0.5, 1.5)
        self._due.setdefault(int(self.now() + wait), []).append(key)

    def _tick(self) -> None:
        loop, now = self._profile.switch.loop, self.now()
        self._timer = loop.call_later(TICK, self._tick)
        asked = 0
        for second in sorted(each for each in self._due if each <= now):
            keys = self._due.pop(second)
            while keys and asked < BURST:
                asked += self._ask(keys.pop(), now)
            if keys:
                self._due[second] = keys
                break
        self._profile.pump()

    def _ask(self, key: _Key, now: float) -> bool:
        """Send one question; False where the phone is no longer registered."""
        profile, ping = self._profile, self._pings[key]
        binding = ping.binding
        current = [
            item
            for item in profile.location.find(binding.user, binding.realm, profile.name)
            if item.contact == binding.contact
        ]
        if not current or not self._wanted(current[0]):
            del self._pings[key]
            return False
        self._later(key)
        binding = ping.binding = current[0]
        # Never elsewhere than where the REGISTER came from.
        flow = profile.driver.flow_to(binding.transport, binding.network_ip, binding.network_port)
        if flow is None:
            return False
        target, own = URIS[binding.contact], profile.settings.contact_user
        request = profile.stack.build_request(
            "OPTIONS",
            binding.contact,
            from_=NameAddr("", SipUri(user=own, host=profile.domain)),
            to=NameAddr("", target.replace(parameters={})),
            headers=[
                (
                    "Contact",
                    profile.contact(profile.settings.contact_user, flow.transport, flow.remote[0]),
                ),
                *([("Route", binding.path)] if binding.path else []),
            ],
        )
        transaction = profile.stack.request(request, flow, now)
        transaction.user = ping
        ping.asked(now)
        return True

    def __repr__(self) -> str:
        return f"<Pinger {self._profile.name} {len(self._pings)} phones>"


def _key(binding: Binding) -> _Key:
    return binding.user.lower(), binding.realm.lower(), binding.contact
