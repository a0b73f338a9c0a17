"""The endpoint ``sofia``: profiles from configuration, dial strings to SIP legs."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from softswitch.config.element import Element
from softswitch.config.params import read_params
from softswitch.db.database import Database
from softswitch.db.late import read_once_ready
from softswitch.endpoints.sip.chat import Deliveries
from softswitch.endpoints.sip.dialling import Dialling
from softswitch.endpoints.sip.external import PATIENCE
from softswitch.endpoints.sip.gateway import Gateway
from softswitch.endpoints.sip.gateway_configuration import read_gateways, rescan_gateways
from softswitch.endpoints.sip.guard import Guard
from softswitch.endpoints.sip.leg import SipLeg
from softswitch.endpoints.sip.load import Load
from softswitch.endpoints.sip.location import MIGRATIONS, Location
from softswitch.endpoints.sip.measures import measures
from softswitch.endpoints.sip.ordered_requests import OrderedRequests
from softswitch.endpoints.sip.presence.agent import PresenceAgent
from softswitch.endpoints.sip.presence.store import MIGRATIONS as STORED
from softswitch.endpoints.sip.presence.store import WatcherStore
from softswitch.endpoints.sip.profile import EXPIRY_INTERVAL, Profile, Shared
from softswitch.endpoints.sip.reach import reachable_uri
from softswitch.endpoints.sip.settings import TRACE_LEVELS, GlobalSettings, ProfileSettings
from softswitch.net.hep import CaptureServer, HepSender
from softswitch.net.journal import Journal
from softswitch.registry import endpoint
from softswitch.switch.causes import HangupCause

if TYPE_CHECKING:
    from softswitch.switch.caller import CallerProfile
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

ENDING = 5.0
"""Seconds that the calls of a profile get to end when it stops."""


@endpoint("sofia", "sip", module="mod_sofia")
class SipEndpoint:
    """SIP: ``sofia/<profile>/<user>@<host>``, ``sofia/gateway/<name>/<number>``."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch
        self.profiles: dict[str, Profile] = {}
        self.aliases: dict[str, str] = {}
        """Other names of profiles, among them directory domains."""
        self.database: Database | None = None
        self.watcher_database: Database | None = None
        self.location = Location(None, 0.0)
        self.presence = PresenceAgent(switch, self.profiles, self.location)
        self.deliveries = Deliveries(self)
        self._dialling = Dialling(self)
        self.orders = OrderedRequests(self)
        self.guard = Guard(self._tell_ban)
        """Who is shut out, of all profiles."""
        self.load = Load(switch.loop, self._backlog)
        self.journal = Journal()
        self.capturer: HepSender | None = None
        self.traced = False
        """Whether all profiles log their messages."""
        self.trace_level = "info"
        """At what level they do, in the words of ``sofia tracelevel``."""
        self._expiry: asyncio.TimerHandle | None = None
        switch.measures.append(lambda: measures(self))

    @classmethod
    def of(cls, switch: Switch) -> SipEndpoint:
        """The one of a switch."""
        endpoint = switch.endpoints["sofia"]
        assert isinstance(endpoint, cls), "sofia is SIP"
        return endpoint

    async def start(self) -> list[str]:
        """Read back the registrations and start every profile of ``sofia.conf``.

        A profile that cannot start is told in the result and left out; the others run.
        """
        now = self.switch.now_us() / 1_000_000
        problems = await self._read_back(now)
        self.trace_level = (await self._global_settings()).tracelevel
        # All profiles together wait for name and STUN servers no longer than one would.
        until = self.switch.loop.time() + PATIENCE
        for element in await profile_elements(self.switch):
            refusal = await self.start_profile(element, max(until - self.switch.loop.time(), 0.0))
            if refusal is not None:
                problems.append(f"SIP profile {element.get('name')}: {refusal}")
        self._expire()
        self.load.start()
        return problems

    def _backlog(self) -> tuple[int, int]:
        """How many messages of all profiles wait to be read, and were read."""
        drivers = [profile.driver for profile in self.profiles.values()]
        return sum(one.waiting for one in drivers), sum(one.counts.received for one in drivers)

    async def _read_back(self, now: float) -> list[str]:
        """Take up the registrations and subscriptions of an earlier run."""
        try:
            await self._open_stores(now)
        except (OSError, sqlite3.Error) as error:
            return [f"registrations are forgotten at a restart: {error}"]
        return []

    async def _open_stores(self, now: float) -> None:
        loop = self.switch.loop
        self.database = await loop.run_in_executor(None, self._open, "registrations.db", MIGRATIONS)
        self.location = await loop.run_in_executor(None, Location, self.database, now)
        self.watcher_database = await loop.run_in_executor(None, self._open, "presence.db", STORED)
        self.presence.location = self.location
        self.presence.store = WatcherStore(self.watcher_database)
        self.presence.store.sweep(now)
        if self.watcher_database.ready.done():
            self.presence.load(await loop.run_in_executor(None, self.presence.store.read, now))
        if not (self.database.ready.done() and self.watcher_database.ready.done()):
            log.error("registrations and subscriptions of before are taken up once it is back")
            task = loop.create_task(self._take_up_late(now), name="stored registrations")
            self.switch.own(task)

    def _open(self, name: str, migrations: Sequence[str]) -> Database:
        path = self.switch.folders.data / name
        return self.switch.databases.open(path, migrations, patient=True)

    async def _take_up_late(self, now: float) -> None:
        """What was stored before a start at which the database was away."""
        location, store = self.location, self.presence.store
        assert self.database is not None and self.watcher_database is not None
        try:
            self.location.take_up(
                await read_once_ready(self.database, lambda: location.stored(now))
            )
            self.presence.load(
                await read_once_ready(self.watcher_database, lambda: store.read(now))
            )
        except OSError as error:
            log.error("what was registered before is forgotten: %s", error)
        for profile in self.profiles.values():
            self.presence.restore(profile)

    async def stop(self) -> None:
        """Stop all profiles and put the registrations on disk."""
        self.load.stop()
        if self.capturer is not None:
            self.capturer.close()
        if self._expiry is not None:
            self._expiry.cancel()
        for profile in self.profiles.values():
            await profile.stop()
        self.presence.stop()
        self.orders.stop()
        for database in (self.database, self.watcher_database):
            if database is not None:
                await self.switch.loop.run_in_executor(None, database.close)

    async def start_profile(self, element: Element, patience: float = PATIENCE) -> str | None:
        """Start a profile; None, or a sentence that says why it does not run.

        ``patience`` are the seconds it waits for its external address at most.
        """
        name = element.get("name", "")
        if name in self.profiles:
            return "there is a profile of that name already"
        settings, findings = read_params(element.find("settings"), ProfileSettings)
        for finding in findings:
            log.debug("%s", finding)
        secret = (self.switch.globals.get("nonce_secret") or self.switch.core_uuid).encode()
        aliases = tuple(alias.get("name", "") for alias in _children(element, "aliases", "alias"))
        shared = Shared(self.location, self.guard, self.load, self.journal, secret, self.presence)
        profile = Profile(self.switch, name, settings, shared, aliases)
        profile.driver.trace = settings.sip_trace or self.traced
        profile.driver.trace_level = TRACE_LEVELS[self.trace_level]
        profile.gateways = read_gateways(profile, element)
        # Known before it listens: its first call may dial out by it.
        self.profiles[name] = profile
        needed = (await self._global_settings()).abort_on_empty_external_ip
        try:
            await profile.start(None if needed else patience)
            if needed and profile.external.problem:
                raise OSError(profile.external.problem)
        except OSError as error:
            del self.profiles[name]
            await profile.stop()
            log.error("profile %s does not start: %s", name, error)
            self._tell_failure(profile, str(error))
            if settings.shutdown_on_fail:
                log.error("profile %s has shutdown-on-fail: the switch stops", name)
                self.switch.stop_requested.set()
            return str(error)
        self._tell_names()
        begun = {"module_name": "mod_sofia", "profile_name": name, "profile_uri": profile.url}
        self.switch.publish("CUSTOM", begun, subclass="sofia::profile_start")
        self._tell_service(profile, "PUBLISH")
        if settings.sip_capture:
            refusal = await self.capture(True, [profile])
            if refusal is not None:
                log.error("profile %s: %s", name, refusal)
        for alias in aliases:
            self.aliases[alias.lower()] = name
        for domain in _children(element, "domains", "domain"):
            if domain.get("alias", "").lower() in ("true", "yes"):
                wanted = domain.get("name", "")
                known = [item.name for item in self.switch.generation.directory]
                for item in known if wanted == "all" else [wanted]:
                    self.aliases.setdefault(item.lower(), name)
        return None

    def _tell_service(self, profile: Profile, event: str) -> None:
        """Tell what may be announced in the network, or no more (for mod_zeroconf and its like)."""
        tls = profile.transports.ports.get("tls")
        headers = {
            "service": "_sip._udp,_sip._tcp" + (",_sips._tcp" if tls else ""),
            "port": str(profile.sip_port),
            "module_name": "mod_sofia",
            "profile_name": profile.name,
            "profile_uri": profile.url,
        }
        if tls:
            headers["tls_port"] = str(tls)
        self.switch.publish(event, headers)

    def _tell_failure(self, profile: Profile, reason: str) -> None:
        headers = {"module_name": "mod_sofia", "profile_name": profile.name}
        headers |= {"profile_uri": profile.url, "failure_message": "Profile failed to start."}
        self.switch.publish("FAILURE", headers | {"reason": reason})

    def _tell_names(self) -> None:
        """Tell the location which domains are the same."""
        names: dict[str, frozenset[str]] = {}
        for profile in self.profiles.values():
            same = profile.domains
            names.update({name: names.get(name, frozenset()) | same for name in same})
        self.location.same = names

    async def stop_profile(self, name: str) -> bool:
        """Stop a profile and forget it; False if there is none such."""
        profile = self.profiles.pop(name, None)
        if profile is None:
            return False
        self.aliases = {alias: target for alias, target in self.aliases.items() if target != name}
        self._tell_names()
        await self._hang_up(profile)
        await profile.stop()
        self._tell_service(profile, "UNPUBLISH")
        self.switch.publish("CUSTOM", {"profile_name": name}, subclass="sofia::profile_stop")
        return True

    async def restart_profile(self, profile: Profile) -> str | None:
        """Stop a profile and start it as it is configured now; None, or why it does not run.

        Where it is no longer configured it goes on.
        """
        name = profile.name
        element = next(
            (item for item in await profile_elements(self.switch) if item.get("name") == name),
            None,
        )
        if element is None:
            return "it is no longer configured; it goes on as it was"
        await self.stop_profile(name)
        return await self.start_profile(element)

    async def _hang_up(self, profile: Profile) -> None:
        """End the calls of a profile, so that none is left without the way it speaks by."""
        ending = []
        for session in list(self.switch.sessions.values()):
            if isinstance(session.leg, SipLeg) and session.leg.profile is profile:
                session.hangup(HangupCause.MANAGER_REQUEST)
                if session.task is not None:
                    ending.append(session.task)
        if ending:
            await asyncio.wait(ending, timeout=ENDING)

    def _tell_ban(self, host: str, reason: str, seconds: float) -> None:
        headers = {"network-ip": host, "reason": reason, "seconds": f"{seconds:g}"}
        self.switch.publish("CUSTOM", headers, subclass="sofia::source_banned")

    async def capture(self, on: bool, profiles: Iterable[Profile]) -> str | None:
        """Give ``capture-server`` a copy of every message of these profiles, or stop that; None,
        or why it cannot be.
        """
        if not on:
            for profile in profiles:
                profile.driver.capture = None
            return None
        if self.capturer is None:
            wanted = (await self._global_settings()).capture_server
            if not wanted:
                return "sofia.conf names no capture-server in its global_settings"
            try:
                server = CaptureServer.parse(wanted)
                self.capturer = await HepSender.open(self.switch.loop, server)
            except (OSError, ValueError) as error:
                return str(error)
        for profile in profiles:
            profile.driver.capture = self.capturer.send
        return None

    async def _global_settings(self) -> GlobalSettings:
        element = await self.switch.lookups.configuration("sofia.conf")
        block = element.find("global_settings") if element is not None else None
        return read_params(block, GlobalSettings)[0]

    def trace(self, on: bool) -> None:
        """Log every message of all profiles, those to come included; or stop that."""
        self.traced = on
        for profile in self.profiles.values():
            profile.driver.trace = on

    def set_trace_level(self, level: str) -> None:
        """Log messages of all profiles, those to come included, at that of `TRACE_LEVELS`."""
        self.trace_level = level
        for profile in self.profiles.values():
            profile.driver.trace_level = TRACE_LEVELS[level]

    def rescan(self, profile: Profile, element: Element) -> None:
        """Take over new settings and gateways; addresses stay as they are until a restart."""
        profile.settings, _ = read_params(element.find("settings"), ProfileSettings)
        profile.standby = profile.settings.standby
        profile.driver.trace = profile.settings.sip_trace or self.traced
        self._tell_names()
        task = self.switch.loop.create_task(profile.find_external(), name="find our addresses")
        self.switch.own(task)
        rescan_gateways(profile, element)

    def _expire(self) -> None:
        # The bindings of all profiles are in one place: any profile can tell of them.
        profile = next(iter(self.profiles.values()), None)
        if profile is not None:
            profile.expire_registrations()
        self._expiry = self.switch.loop.call_later(EXPIRY_INTERVAL, self._expire)

    # Looking up

    def profile(self, name: str) -> Profile | None:
        """A profile by its name, an alias or a domain."""
        found = self.profiles.get(name)
        return found or self.profiles.get(self.aliases.get(name.lower(), ""))

    def gateway(self, name: str) -> Gateway | None:
        """A gateway by its name, or ``profile::name``."""
        wanted, _, bare = name.rpartition("::")
        for profile in self.profiles.values():
            if bare in profile.gateways and wanted in ("", profile.name):
                return profile.gateways[bare]
        return None

    def contacts(self, user: str, domain: str, profile: str = "*", agent: str = "") -> list[str]:
        """The dial strings that reach a registered user, empty if it is not registered.

        ``agent`` is part of the name that a phone calls itself.
        """
        name: str | None = None
        if profile != "*":
            found = self.profile(profile)
            if found is None:
                return []
            name = found.name
        return [
            f"sofia/{binding.profile}/{reachable_uri(binding)}"
            for binding in self.location.reach(user, domain, name)
            if agent.lower() in binding.agent.lower()
        ]

    def dial(
        self,
        target: str,
        profile: CallerProfile,
        parent: Session | None,
        variables: dict[str, str],
    ) -> tuple[str, SipLeg]:
        return self._dialling.dial(target, parent, variables)


async def profile_elements(switch: Switch) -> list[Element]:
    """The ``<profile>`` elements of ``sofia.conf``."""
    configuration = await switch.lookups.configuration("sofia.conf")
    return [] if configuration is None else list(_children(configuration, "profiles", "profile"))


def _children(element: Element, container: str, tag: str) -> Iterator[Element]:
    block = element.find(container)
    if block is not None:
        yield from block.findall(tag)
