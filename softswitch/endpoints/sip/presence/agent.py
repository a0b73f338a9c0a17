"""The presence agent of all profiles: takes what happens to users, and tells their watchers.

Changes are gathered for a moment, so that a storm of them is one NOTIFY for each watcher.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from softswitch.endpoints.sip.location import Location
from softswitch.endpoints.sip.presence import documents
from softswitch.endpoints.sip.presence.features import feature_change, remember_features
from softswitch.endpoints.sip.presence.messages import MessageWaiting
from softswitch.endpoints.sip.presence.presence_map import PresenceMap
from softswitch.endpoints.sip.presence.publications import Publications
from softswitch.endpoints.sip.presence.shared_lines import CALL_INFO, LINE_SEIZE, SharedLines
from softswitch.endpoints.sip.presence.state import DialogState, Known, Person, dialog_of
from softswitch.endpoints.sip.presence.store import Stored, WatcherStore
from softswitch.endpoints.sip.presence.watcher import AFTER_RESTART, Watcher
from softswitch.endpoints.sip.unsolicited import notify_binding
from softswitch.sip import events
from softswitch.sip.subscription import Subscription
from softswitch.switch.presence import PRESENCE

if TYPE_CHECKING:
    from softswitch.endpoints.sip.location import Binding
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.switch.events import Event
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

GATHERING = 0.05
"""Seconds for which changes are gathered."""
MOST_WATCHERS = 200_000
PLACES = ("conf", "park", "queue")
"""Protocols of places: phones watch them as ``conf+ROOM``, events name the room alone."""
MOST_KNOWN = 100_000
"""Users of whom something is remembered that is no call."""


class PresenceAgent:
    """Knows all watchers by whom they watch."""

    def __init__(self, switch: Switch, profiles: dict[str, Profile], location: Location) -> None:
        self.switch = switch
        self.profiles = profiles
        self.location = location
        self.store = WatcherStore(None)
        """Where watchers outlive the process; set by who starts the profiles."""
        self.messages = MessageWaiting(self)
        self.publications = Publications(self)
        self.lines = SharedLines(self)
        self._watchers: dict[str, set[Watcher]] = {}
        """By each name of whom they watch."""
        self._known: dict[str, Known] = {}
        self._changed: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._map: PresenceMap | None = None
        self._calls: dict[str, list[Session]] | None = None
        """The calls of each user while a storm is told."""
        self._restorable: dict[str, list[tuple[str, float, dict[str, Any]]]] = {}
        switch.presence.own = switch.bus.subscribe(self._on_event, *PRESENCE[:1])
        self._others = switch.bus.subscribe(
            self._on_event, "MESSAGE_WAITING", "PHONE_FEATURE", "PRESENCE_PROBE"
        )

    def __repr__(self) -> str:
        return f"<PresenceAgent {sum(1 for _ in self)} watchers>"

    def __iter__(self) -> Iterator[Watcher]:
        """All watchers, each once."""
        seen = {watcher for watchers in self._watchers.values() for watcher in watchers}
        return iter(seen)

    def stop(self) -> None:
        """Tell nobody any more; watchers go on after a restart."""
        if self._timer is not None:
            self._timer.cancel()
        self.publications.stop()
        for watcher in list(self):
            self._save(watcher)
            self._drop(watcher)
            watcher.subscription.close()
        for subscription in (self.switch.presence.own, self._others):
            if subscription is not None:
                self.switch.bus.unsubscribe(subscription)
        self.switch.presence.own = None

    @property
    def map(self) -> PresenceMap:
        """``presence_map.conf`` of the running configuration."""
        configuration = self.switch.generation.configuration
        if self._map is None or self._map.number != configuration.number:
            self._map = PresenceMap(configuration)
        return self._map

    # Watchers

    @property
    def full(self) -> bool:
        """Whether no more watchers are taken."""
        return len(self._watchers) >= MOST_WATCHERS

    def add(self, watcher: Watcher) -> None:
        """Somebody subscribes: it is told at once."""
        watcher.subscription.user = watcher
        for resource in watcher.resources:
            self._watchers.setdefault(resource, set()).add(watcher)
            self.switch.presence.watched[resource] += 1
        self._save(watcher)
        watcher.told = None
        self.tell(watcher)

    def of(self, resource: str, package: str = "") -> list[Watcher]:
        """Who watches a user, by one package or by any."""
        found = self._watchers.get(resource.lower(), ())
        return [watcher for watcher in found if package in ("", watcher.package)]

    def _drop(self, watcher: Watcher) -> None:
        for resource in watcher.resources:
            watchers = self._watchers.get(resource)
            if watchers is None or watcher not in watchers:
                continue
            watchers.discard(watcher)
            if not watchers:
                del self._watchers[resource]
            counts = self.switch.presence.watched
            counts[resource] -= 1
            if counts[resource] <= 0:
                del counts[resource]

    def remove(self, watcher: Watcher) -> None:
        """A watcher is gone for good."""
        self._drop(watcher)
        self.store.forget(watcher.key)

    def handle(
        self,
        event: events.SubscriptionRefreshed | events.SubscriptionExpired | events.SubscriptionEnded,
    ) -> None:
        """What the stack tells of a subscription."""
        watcher = event.subscription.user
        if not isinstance(watcher, Watcher):
            return
        match event:
            case events.SubscriptionRefreshed() if event.subscription.expires:
                watcher.told = None
                if watcher.package == "as-feature-event":
                    feature_change(watcher.profile, watcher, event.request)
                self._save(watcher)
                self.tell(watcher)
            case events.SubscriptionEnded():
                self.remove(watcher)
            case _:
                self.end(watcher)

    def end(self, watcher: Watcher) -> None:
        """A subscription is over: the watcher is told a last time."""
        watcher.told = None
        kind, body = self._document(watcher)
        headers, now = self.lines.headers(watcher), watcher.profile.now()
        watcher.subscription.terminate("timeout", kind, body, headers, now=now)
        watcher.profile.pump()
        self.changed(watcher.resource)
        self.remove(watcher)
        self.switch.publish(
            "PRESENCE_OUT",
            {
                "proto": watcher.protocol or "sip",
                "login": watcher.profile.name,
                "from": watcher.resource,
                "to": watcher.subscription.established().remote_party,
                "event_type": watcher.package,
            },
        )

    def forget_profile(self, profile: Profile) -> None:
        """A profile stops: its watchers wait on disk until it starts again."""
        for watcher in list(self):
            if watcher.profile is profile and watcher.package == LINE_SEIZE:
                self.end(watcher)
            elif watcher.profile is profile:
                self._save(watcher)
                data = watcher.snapshot(profile.now())
                expires = profile.wall_clock() + watcher.subscription.remaining(profile.now())
                kept = self._restorable.setdefault(profile.name, [])
                kept.append((watcher.key, expires, data))
                self._drop(watcher)
                watcher.subscription.close()

    def _save(self, watcher: Watcher) -> None:
        if watcher.package == LINE_SEIZE:
            return  # It is over before a restart is.
        profile = watcher.profile
        remaining = watcher.subscription.remaining(profile.now())
        data = watcher.snapshot(profile.now())
        self.store.put(watcher.key, profile.name, profile.wall_clock() + remaining, data)

    def load(self, stored: list[Stored]) -> None:
        """Know who watched before the restart; `restore` goes on with them."""
        for key, profile, expires, data in stored:
            self._restorable.setdefault(profile, []).append((key, expires, data))

    def restore(self, profile: Profile) -> None:
        """Go on with the watchers of a profile that runs now; each is told how things are."""
        for key, expires, data in self._restorable.pop(profile.name, ()):
            seconds = round(expires - profile.wall_clock())
            if seconds <= 0:
                continue
            try:
                subscription = Subscription.restore(
                    profile.stack,
                    data["subscription"],
                    profile.grant_subscription,
                    seconds,
                    profile.now(),
                )
                watcher = Watcher(
                    profile,
                    subscription,
                    package=str(data["package"]),
                    user=str(data["user"]),
                    domain=str(data["domain"]),
                    protocol=str(data["protocol"]),
                    agent=str(data["agent"]),
                    version=int(data["version"]) + AFTER_RESTART,
                )
            except (KeyError, TypeError, ValueError) as error:
                log.warning("watcher %s cannot be read back: %s", key, error)
                self.store.forget(key)
                continue
            self.add(watcher)
        profile.pump()

    # What happens to users

    def _on_event(self, event: Event) -> None:
        headers = event.headers
        match event.name:
            case "PRESENCE_IN":
                self._on_presence(headers)
            case "MESSAGE_WAITING":
                self.messages.take(headers)
            case "PHONE_FEATURE":
                remember_features(self, headers)
            case "PRESENCE_PROBE" if headers.get("proto") in ("sip", "any"):
                self.changed(headers.get("to", "").lower())
            case _:
                pass

    def _on_presence(self, headers: dict[str, str]) -> None:
        resource = bare(headers.get("from", ""))
        protocol = headers.get("proto", "").lower()
        if protocol in PLACES and not resource.startswith(f"{protocol}+"):
            resource = f"{protocol}+{resource}"
        of_channel = self.switch.find(headers.get("Unique-ID", "")) is not None
        if not of_channel:
            self.known(resource).take(headers, of_channel=False)
            if self.known(resource).nothing:
                self._known.pop(resource, None)
        self.changed(resource)

    def known(self, resource: str) -> Known:
        """What is remembered of a user; remembers that there is something to remember."""
        found = self._known.get(resource)
        if found is None:
            found = Known()
            if len(self._known) < MOST_KNOWN:
                self._known[resource] = found
        return found

    def person(self, resource: str) -> Person:
        """What a user says of itself, by its phone or by a program."""
        found = self._known.get(resource)
        return found.person if found is not None else Person()

    def changed(self, resource: str) -> None:
        """Something of a user is new: its watchers are told in a moment."""
        if resource in self._watchers:
            self._changed.add(resource)
            if self._timer is None:
                self._timer = self.switch.loop.call_later(GATHERING, self._flush)

    def _flush(self) -> None:
        self._timer = None
        changed, self._changed = self._changed, set()
        profiles = set()
        # One look at all calls serves all watchers of a storm.
        self._calls = self._calls_by_identity()
        try:
            for resource in changed:
                for watcher in self.of(resource):
                    if watcher.package in ("presence", "dialog", CALL_INFO):
                        self.tell(watcher)
                        profiles.add(watcher.profile)
        finally:
            self._calls = None
        for profile in profiles:
            profile.pump()

    def _calls_by_identity(self) -> dict[str, list[Session]]:
        """The calls of each user who has any."""
        found: dict[str, list[Session]] = {}
        for session in self.switch.sessions.values():
            identity = session.channel.variables.peek("presence_id")
            if identity:
                found.setdefault(identity.lower(), []).append(session)
        return found

    def registered(self, profile: Profile, binding: Binding, *, first: bool) -> None:
        """A phone registered, for the first time or again."""
        self.messages.registered(profile, binding, first=first)
        if first:
            self.changed(binding.aor.lower())

    # What watchers are told

    def tell(self, watcher: Watcher) -> None:
        """Send a watcher what is new to it; nothing where nothing is."""
        first = watcher.told is None
        kind, body = self._document(watcher)
        headers = self.lines.headers(watcher)
        said = body or "".join(value for _, value in headers).encode()
        if first or (said and said != watcher.said):
            watcher.said = said
            watcher.subscription.notify(kind, body, headers, now=watcher.profile.now())

    def _document(self, watcher: Watcher) -> tuple[str, bytes]:
        match watcher.package:
            case "message-summary":
                watcher.told = {}
                account = f"sip:{watcher.user}@{watcher.domain}"
                waiting = self.messages.of(watcher.resource)
                return documents.SUMMARY, documents.message_summary(account, waiting)
            case "as-feature-event":
                watcher.told = {}
                known = self._known.get(watcher.resource)
                return documents.features(watcher.user, known.features if known else {})
            case "presence":
                watcher.told = {}
                dialogs = self.dialogs(watcher)
                person = self.person(watcher.resource)
                there = bool(self.location.reach(watcher.user, watcher.domain))
                text = documents.presence(watcher.entity, dialogs, person, there=there)
                return documents.PIDF, text
            case "call-info" | "line-seize":
                watcher.told = {}
                return "", b""
            case _:
                dialogs, partial = watcher.changes(self.dialogs(watcher))
                if partial and not dialogs:
                    return documents.DIALOG_INFO, b""
                version, watcher.version = watcher.version, watcher.version + 1
                text = documents.dialog_info(watcher.entity, dialogs, version, partial=partial)
                return documents.DIALOG_INFO, text

    def calls_of(self, resource: str) -> list[Session]:
        """The calls of a user."""
        calls = self._calls_by_identity() if self._calls is None else self._calls
        return calls.get(resource, [])

    def dialogs(self, watcher: Watcher) -> list[DialogState]:
        """The calls of a watched user, and what else stands for calls of it."""
        settings = watcher.profile.settings
        found = []
        for resource in watcher.resources:
            for session in self.calls_of(resource):
                seen = dialog_of(
                    session,
                    hold_state=settings.presence_hold_state,
                    hide_early=settings.presence_disable_early,
                )
                if seen is not None:
                    found.append(seen)
            known = self._known.get(resource)
            if known is not None:
                found += known.others.values()
        return found

    def tell_binding(self, binding: Binding, event: str, kind: str, body: bytes) -> None:
        """Tell a registered phone something that it has not subscribed to."""
        profile = self.profiles.get(binding.profile)
        if profile is not None:
            notify_binding(profile, binding, event, kind, body)


def bare(address: str) -> str:
    """``user@domain`` of an address that may have a scheme, in lower case."""
    lower = address.strip().lower()
    return lower.removeprefix("sip:").removeprefix("sips:").partition(";")[0]
