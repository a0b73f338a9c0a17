"""A switch in virtual time, made of a few lines of XML, a fake engine and scripted legs."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from softswitch import registry
from softswitch.config.store import ConfigurationStore
from softswitch.endpoints.error import ErrorEndpoint
from softswitch.endpoints.group import GroupEndpoint
from softswitch.endpoints.loopback import LoopbackEndpoint
from softswitch.endpoints.null import NullEndpoint
from softswitch.endpoints.pickup import PickupEndpoint
from softswitch.endpoints.user import UserEndpoint
from softswitch.media.engine import MediaEngine
from softswitch.media.interface import Speaker
from softswitch.switch.caller import CallerProfile
from softswitch.switch.channel import Channel
from softswitch.switch.events import Event
from softswitch.switch.folders import Folders
from softswitch.switch.session import Session
from softswitch.switch.states import Direction
from softswitch.switch.switch import Switch
from tests.support.engine import FakeEngine
from tests.support.leg import ScriptedEndpoint, ScriptedLeg

DOCUMENT = """<document type="freeswitch/xml">
<X-PRE-PROCESS cmd="set" data="domain=example.test"/>
<section name="configuration">{configuration}</section>
<section name="dialplan">{dialplan}</section>
<section name="directory">{directory}</section>
<section name="languages">{languages}</section>
</document>
"""


def extension(number: str, *actions: str, name: str = "", attributes: str = "") -> str:
    """One extension: its actions are written ``app`` or ``app data``."""
    lines = "".join(
        f'<action application="{action.partition(" ")[0]}" data="{action.partition(" ")[2]}"/>'
        for action in actions
    )
    return (
        f'<extension name="{name or number}"><condition field="destination_number" '
        f'expression="^{number}$" {attributes}>{lines}</condition></extension>'
    )


class Bench:
    """A running switch with what tests ask of it."""

    def __init__(self, switch: Switch, legs: ScriptedEndpoint) -> None:
        self.switch = switch
        self.legs = legs
        self.events: list[Event] = []
        self.subscription = switch.bus.subscribe(self.events.append, "ALL")

    def script(self, name: str, steps: str) -> None:
        """``test/<name>`` shall do these steps when it is dialled."""
        self.legs.scripts[name] = steps

    def call(
        self,
        number: str,
        *,
        script: str = "",
        context: str = "default",
        variables: dict[str, str] | None = None,
        caller: str = "1000",
    ) -> Session:
        """Let a caller dial ``number``; its far end does what ``script`` says."""
        leg = ScriptedLeg(self.switch)
        profile = CallerProfile(
            destination_number=number,
            caller_id_name="Alice",
            caller_id_number=caller,
            context=context,
            source="mod_test",
        )
        channel = Channel(
            self.switch.new_uuid(),
            f"test/{caller}",
            Direction.INBOUND,
            profile,
            self.switch.now_us(),
            self.switch.watch,
        )
        for name, value in (variables or {}).items():
            channel.variables.set(name, value)
        session = self.switch.new_session(channel, leg)
        _callers[session.uuid] = leg
        self.switch.start(session)
        leg.play(script)
        return session

    def names(self, session: Session | None = None) -> list[str]:
        """The names of the events so far, of one channel or of all."""
        return [
            event.name
            for event in self.events
            if session is None or event.headers.get("Unique-ID") == session.uuid
        ]

    async def ended(self, session: Session, within: float = 7200.0) -> Session:
        """Wait until a session has walked its last state."""
        loop = self.switch.loop
        limit = loop.time() + within
        while session.uuid in self.switch.sessions:
            assert loop.time() < limit, f"{session!r} does not end"
            await asyncio.sleep(0.05)
        return session

    async def reached(self, application: str, *sessions: Session, within: float = 60.0) -> None:
        """Wait until each of the sessions runs an application, or is over."""
        loop = self.switch.loop
        limit = loop.time() + within
        for session in sessions:
            while session.uuid in self.switch.sessions:
                if session.get("current_application") == application:
                    break
                assert loop.time() < limit, f"{session!r} does not reach {application}"
                await asyncio.sleep(0.01)

    async def bridged(self, session: Session, within: float = 60.0) -> None:
        """Wait until a session has a partner."""
        limit = self.switch.loop.time() + within
        while session.peer is None:
            assert self.switch.loop.time() < limit, f"{session!r} is not bridged"
            await asyncio.sleep(0.01)

    async def after(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)


_callers: dict[str, ScriptedLeg] = {}
"""The legs of callers; a finished session has let go of its own."""


def verbs(session: Session) -> list[str]:
    """What the switch asked of a session's leg."""
    return _callers[session.uuid].verbs


@asynccontextmanager
async def bench(
    folder: Path,
    *extensions: str,
    configuration: str = "",
    directory: str = "",
    contexts: str = "",
    languages: str = "",
    chatplan: str = "",
    speaker: Speaker | None = None,
) -> AsyncIterator[Bench]:
    """A switch whose context ``default`` has these extensions; nothing may be left at the end."""
    for package in ("apps", "commands"):
        registry.discover(f"softswitch.{package}")
    conf = folder / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    dialplan = f'<context name="default">{"".join(extensions)}</context>{contexts}'
    text = DOCUMENT.format(
        configuration=configuration, dialplan=dialplan, directory=directory, languages=languages
    )
    more = f'<section name="chatplan">{chatplan}</section></document>'
    (conf / "freeswitch.xml").write_text(text.replace("</document>", more))
    loop = asyncio.get_running_loop()
    numbers = itertools.count(1)
    switch = Switch(
        loop,
        ConfigurationStore(conf, {"data_dir": str(folder)}),
        MediaEngine(loop, FakeEngine(loop), speaker=speaker),
        Folders(conf, folder, folder / "sounds"),
        clock_us=lambda: 1_700_000_000_000_000 + round(loop.time() * 1_000_000),
        new_uuid=lambda: f"00000000-0000-4000-8000-{next(numbers):012x}",
    )
    legs = ScriptedEndpoint(switch)
    switch.endpoints = {
        "test": legs,
        "error": ErrorEndpoint(switch),
        "group": GroupEndpoint(switch),
        "loopback": LoopbackEndpoint(switch),
        "null": NullEndpoint(switch),
        "pickup": PickupEndpoint(switch),
        "user": UserEndpoint(switch),
    }
    running = Bench(switch, legs)
    try:
        yield running
    finally:
        await switch.shutdown()
        assert not switch.sessions, f"left over: {switch.sessions}"
        assert not switch.tasks, "tasks are left over"
        assert not switch.engine.live_streams, "streams are left over"
