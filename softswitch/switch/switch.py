"""The switch: owner of all sessions, events, configuration and media; start and stop."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from softswitch import registry
from softswitch.config.document import Configuration
from softswitch.config.errors import ConfigurationErrors, Finding
from softswitch.config.store import ConfigurationStore
from softswitch.db.database import DatabaseError
from softswitch.db.databases import Databases
from softswitch.dialplan import expansion
from softswitch.media.engine import MediaEngine, Source
from softswitch.media.source import Specification
from softswitch.switch import devices, rtcp_events, uuids
from softswitch.switch.admission import Admission
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.channel import Channel
from softswitch.switch.chat import Chat
from softswitch.switch.commands import CommandCall
from softswitch.switch.counters import SessionCounters
from softswitch.switch.digit_string import DigitDurations
from softswitch.switch.event_stamp import EventStamp
from softswitch.switch.events import Event, EventBus
from softswitch.switch.folders import Folders
from softswitch.switch.generation import Generation, build
from softswitch.switch.hash_store import Stores
from softswitch.switch.leg import Endpoint, Expanding, Leg
from softswitch.switch.limits import LimitBackends
from softswitch.switch.lookup import Lookups
from softswitch.switch.measures import Measures
from softswitch.switch.modules import ModuleLoader, NotLoadedError
from softswitch.switch.mutexes import Mutexes
from softswitch.switch.presence import PresenceInterest, call_changed
from softswitch.switch.pulse import Pulse
from softswitch.switch.reporting import Reporter
from softswitch.switch.scheduler import Scheduler
from softswitch.switch.session import Session
from softswitch.switch.states import CallState
from softswitch.switch.valet import LotPresence, ParkingLots

log = logging.getLogger(__name__)

WITH_VARIABLES = frozenset(
    f"CHANNEL_{name}"
    for name in """CREATE ORIGINATE UUID ANSWER PARK UNPARK BRIDGE UNBRIDGE PROGRESS
    PROGRESS_MEDIA HANGUP HANGUP_COMPLETE EXECUTE EXECUTE_COMPLETE DESTROY HOLD UNHOLD
    DATA""".split()
) | frozenset(
    """REQUEST_PARAMS SESSION_HEARTBEAT API RECORD_START RECORD_STOP PLAYBACK_START
    PLAYBACK_STOP CALL_UPDATE MEDIA_BUG_START MEDIA_BUG_STOP TEXT CUSTOM""".split()
)
"""Events that carry all channel variables."""

DEFAULT_RATE = 8000
"""Of sounds for calls that have agreed on no codec yet, in Hz."""
SHUTDOWN_PATIENCE = 5.0
"""Seconds that sessions get to walk their last states when the switch stops."""


class Switch:
    """One running switch. Nothing of it is global: two may live in one process."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        store: ConfigurationStore,
        engine: MediaEngine,
        folders: Folders,
        *,
        clock_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        new_uuid: Callable[[], str] | None = None,
    ) -> None:
        """Raises ValueError (from `build`) where the configuration cannot be used."""
        self.loop = loop
        self.configuration = store
        self.engine = engine
        self.folders = folders
        self.now_us = clock_us
        self.generation = build(store.current)
        settings = self.generation.settings
        self.new_uuid = new_uuid or uuids.MAKERS[settings.uuid_version]
        self.core_uuid = store.globals.get("core_uuid") or self.new_uuid()
        self.hostname = socket.gethostname()
        self.started_at_us = clock_us()
        self.sessions: dict[str, Session] = {}
        self._known_as: dict[str, Session] = {}
        """Sessions by the external id that their maker gave them."""
        self.counters = SessionCounters()
        self.globals = store.globals
        """Global variables: what the files set, and ``set_global`` after them."""
        self.global_hooks: dict[str, str] = {}
        """Hooks that hold for every call: global ``execute_on_…`` and ``api_on_…`` variables."""
        self.globals_changed()
        self.aliases: dict[str, str] = {}
        """Commands of the operators' own: name to command line."""
        self.completions: set[str] = set()
        """Lines of words that operators taught consoles to complete."""
        self.endpoints: dict[str, Endpoint | Expanding] = {}
        self.measures: list[Measures] = []
        """What has figures beside the core."""
        self.pulse = Pulse(self)
        self.reporters: list[Reporter] = []
        """Who keeps records of calls."""
        self.modules = ModuleLoader(self)
        self.stamp = EventStamp(
            self.core_uuid,
            self.hostname,
            clock_us,
            self.globals,
            lambda: self.generation.settings.switchname,
        )
        self.bus = EventBus(self.stamp)
        rtcp_events.watch(self)
        self.devices = devices.Devices(self.bus, self.publish, clock_us)
        self.stop_requested = asyncio.Event()
        self.restart = False  # what is done after the stop
        self._tasks: set[asyncio.Task[Any]] = set()
        self.scheduler = Scheduler(loop, clock_us, self.own, self.publish)
        self.limits = LimitBackends(loop.time)
        self.databases = Databases(settings.core_db_dsn)
        self.stores = Stores()
        """Values that calls share; `main` puts those here that outlive the process."""
        self.presence = PresenceInterest()
        self.chat = Chat(self)
        self.parking = ParkingLots()
        self.lot_presence = LotPresence(self)
        self.mutexes = Mutexes()
        self.lookups = Lookups(self)
        self._reloading = asyncio.Lock()
        self.admission = Admission(
            settings, self.sessions, self.counters, self.stop_requested, loop.time
        )
        self.digit_durations = DigitDurations(
            settings.min_dtmf_duration, settings.default_dtmf_duration, settings.max_dtmf_duration
        )
        self.verbose_events = settings.verbose_channel_events
        """Every event of a call has all its variables."""
        self.api_expansion = settings.api_expansion
        """Whether ``${command(arguments)}`` runs the command."""

    def __repr__(self) -> str:
        calls, modules = len(self.sessions), len(self.modules.running)
        return f"<Switch {calls} sessions, generation {self.generation.number}, {modules} modules>"

    # Sessions

    def new_session(self, channel: Channel, leg: Leg) -> Session:
        """A session of this switch; it runs after `start`."""
        session = Session(self, channel, leg)
        self.sessions[channel.uuid] = session
        self.counters.begin(self.loop.time(), len(self.sessions))
        channel.variables.set("session_id", str(self.counters.total))
        return session

    def start(self, session: Session) -> None:
        """Give a session its task."""
        session.start()

    def forget(self, session: Session) -> None:
        """The session walked its last state."""
        self.sessions.pop(session.uuid, None)
        if session.channel.external_id:
            self._known_as.pop(session.channel.external_id, None)

    def also_known_as(self, session: Session, external_id: str) -> None:
        """Let a session be found by ``external_id`` too; an id in use is not given twice."""
        if self.find(external_id) is not None:
            session.log.warning("the external id %s is in use", external_id)
            return
        self._known_as[external_id] = session
        session.channel.external_id = external_id

    def find(self, uuid: str) -> Session | None:
        """The session of that uuid or external id, or None."""
        return self.sessions.get(uuid) or self._known_as.get(uuid)

    def hangup_all(self, cause: HangupCause, matching: Mapping[str, str] | None = None) -> int:
        """Hang up all calls, or those whose variables have the values of ``matching``."""
        count = 0
        for session in list(self.sessions.values()):
            if all(session.get(name) == value for name, value in (matching or {}).items()):
                session.hangup(cause)
                count += 1
        return count

    # Events

    def fire(
        self,
        session: Session,
        name: str,
        headers: Mapping[str, str] | None = None,
        *,
        first: Mapping[str, str] | None = None,
        subclass: str | None = None,
    ) -> None:
        """Publish an event of a channel, if anybody wants it.

        ``first`` stand before the channel's own headers, ``headers`` after them; ``subclass``
        is that of a CUSTOM event.
        """
        if not self.bus.wants(name) or self.bus.skip(name, subclass):
            return
        complete = name in WITH_VARIABLES or session.verbose_events or self.verbose_events
        told = session.channel.event_headers(variables=complete)
        if first:
            told = {**first, **told}
        if headers:
            told.update(headers)
        self.bus.publish(Event(name, told, subclass=subclass))

    def publish(
        self,
        name: str,
        headers: Mapping[str, str] | None = None,
        *,
        subclass: str | None = None,
        body: str | None = None,
    ) -> None:
        """Publish an event that belongs to no channel, if anybody wants it."""
        if self.bus.wants(name) and not self.bus.skip(name, subclass):
            self.bus.publish(Event(name, dict(headers or {}), body, subclass))

    def watch(self, channel: Channel, what: str) -> None:
        """Turn a channel's changes of state into events, and into its user's presence."""
        if what == "state" and not self.bus.wants("CHANNEL_STATE"):
            return
        session = self.sessions.get(channel.uuid)
        if session is None:
            return
        if what == "state":
            self.fire(session, "CHANNEL_STATE")
            return
        self.devices.changed(channel)
        before = what.partition(" ")[2]
        answered = channel.callstate is CallState.ACTIVE
        if answered:
            call_changed(session, before)
        if self.bus.wants("CHANNEL_CALLSTATE"):
            number = str(channel.callstate.value)
            told = {"Original-Channel-Call-State": before, "Channel-Call-State-Number": number}
            self.fire(session, "CHANNEL_CALLSTATE", first=told)
        if not answered:
            call_changed(session, before)

    # Commands

    async def run_command(
        self, line: str, *, session: Session | None = None, source: str = "console"
    ) -> str:
        """Run a console command, such as ``originate user/1000 9196``, and return its answer.

        Never raises: what goes wrong is in the answer (``-ERR …``).
        """
        name, _, arguments = line.strip().partition(" ")
        if name in self.aliases:
            name, _, arguments = f"{self.aliases[name]} {arguments}".strip().partition(" ")
        arguments = arguments.lstrip(" \t\r\n\v")
        entry = registry.command.find(name)
        if entry is None:
            return f"-ERR {name} Command not found!\n"
        if self.bus.wants("API"):
            headers = {"API-Command": name, "API-Command-Argument": arguments}
            self.publish("API", headers)
        try:
            answer: str = await entry.target(CommandCall(self, session, source), arguments)
        except NotLoadedError as error:
            return f"-ERR {error.reason}\n"
        except CallFailed as failure:
            return f"-ERR {failure.cause.name}\n"
        except DatabaseError as error:
            log.warning("command %s: %s", name, error)
            return f"-ERR {error}\n"
        except Exception as error:
            log.exception("command %s failed", name)
            return f"-ERR {type(error).__name__}: {error}\n"
        return answer

    async def expansion_command(
        self, call: expansion.CommandCall, session: Session | None = None
    ) -> str:
        """The output of ``${command(arguments)}``; that of an unknown command is empty."""
        if not self.api_expansion:
            return "<API Execute Permission Denied>"
        if call.name not in registry.command:
            return ""
        line = f"{call.name} {call.arguments}" if call.arguments else call.name
        return await self.run_command(line, session=session, source="expansion")

    # Configuration and media

    async def reload(self) -> list[Finding]:
        """Read the configuration anew; the running one stays where the new one has errors."""
        async with self._reloading:
            try:
                candidate, generation = await self.loop.run_in_executor(None, self._prepare)
            except ConfigurationErrors as refused:
                return list(refused.findings)
            if self.lookups.bound("configuration") or self.lookups.bound("directory"):
                generation = replace(generation, acl=await self.lookups.access_lists(generation))
            # Both in one step of the loop: no call sees one without the other.
            self.configuration.adopt(candidate)
            self.globals_changed()
            self.generation = generation
            self.globals_changed()
        self.publish("RELOADXML")
        return list(candidate.findings)

    async def reload_acl(self) -> None:
        """Take the access lists anew from the running configuration and from bindings."""
        async with self._reloading:
            acl = await self.lookups.access_lists(self.generation)
            self.generation = replace(self.generation, acl=acl)

    def _prepare(self) -> tuple[Configuration, Generation]:
        candidate = self.configuration.prepare()
        return candidate, build(candidate)

    async def open_source(
        self, specification: str | Specification, session: Session | None = None
    ) -> Source:
        """Something to play, opened off the loop. Raises `SourceError` with a reason."""
        prefix = session.get("sound_prefix") if session else None
        codec = session.channel.read_codec if session else None
        extensions = [f".{codec[0]}"] if codec is not None else []
        if session is not None and (other := session.get("native_backup_extension")):
            extensions.append(f".{other}")
        return await self.engine.open_source(
            specification,
            codec[1] if codec is not None and codec[1] > 0 else DEFAULT_RATE,
            prefix=prefix or self.globals.get("sound_prefix") or str(self.folders.sounds),
            extensions=extensions,
        )

    # Tasks and the end

    def own(self, task: asyncio.Task[Any]) -> None:
        """Keep a task until it is done, and log it if it fails."""
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("%s failed", task.get_name(), exc_info=task.exception())

    def globals_changed(self) -> None:
        """Whoever changes a global variable says so here."""
        self.global_hooks = {
            name: value
            for name, value in self.globals.items()
            if name.startswith(("execute_on_", "api_on_"))
        }

    @property
    def tasks(self) -> int:
        """How many tasks live: sessions and what runs beside them."""
        return len(self._tasks)

    async def shutdown(self, cause: HangupCause = HangupCause.SYSTEM_SHUTDOWN) -> None:
        """Hang up everything, stop modules and endpoints, close the engine."""
        self.stop_requested.set()
        self.publish("SHUTDOWN", {"Event-Info": "System Shutting Down"})
        self.scheduler.cancel_all()
        self.pulse.stop()
        calls = {session.task for session in self.sessions.values()}
        self.hangup_all(cause)
        await self._wait_for(calls - {None})
        await self.modules.stop_all()
        for endpoint in {id(item): item for item in self.endpoints.values()}.values():
            stop = getattr(endpoint, "stop", None)
            if stop is None:
                continue
            try:
                await stop()
            except Exception:
                log.exception("%r did not stop", endpoint)
        # A task may shut the switch down, even that of a call.
        others = self._tasks - {asyncio.current_task(self.loop)}
        for task in others:
            task.cancel()
        await self._wait_for(others)
        await self.loop.run_in_executor(None, self.stores.close)
        self.engine.close()

    async def _wait_for(self, tasks: set[Any]) -> None:
        tasks = tasks - {asyncio.current_task(self.loop)}
        if tasks:
            await asyncio.wait(tasks, timeout=SHUTDOWN_PATIENCE)
