"""A switch with a call centre in virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from softswitch import registry
from softswitch.modules.callcenter.agent import Agent
from softswitch.modules.callcenter.application import center_of
from softswitch.modules.callcenter.center import Center
from softswitch.modules.callcenter.member import Member
from softswitch.switch.session import Session
from tests.support.audio import tone, write_wav
from tests.support.switch import Bench, bench, extension

CONF = """<configuration name="callcenter.conf"><settings>{settings}</settings>
<queues><queue name="help">{params}</queue>{queues}</queues>
<agents>{agents}</agents><tiers>{tiers}</tiers></configuration>"""
ROUTES = (
    extension("help", "callcenter help", "set after=yes", "sleep 500"),
    extension("standby", "answer", "set park_after_bridge=true", "park"),
)
INFO = "callcenter::info"


def agents(*names: str, attributes: str = "") -> str:
    """Agents who are available, and are called at ``test/NAME``."""
    return "".join(
        f'<agent name="{name}" type="callback" contact="test/{name}" status="Available"'
        f" {attributes}/>"
        for name in names
    )


def tiers(*names: str, queue: str = "help") -> str:
    """They serve a queue in this order."""
    return "".join(
        f'<tier agent="{name}" queue="{queue}" level="1" position="{place}"/>'
        for place, name in enumerate(names, 1)
    )


class Office(Bench):
    """A bench with what tests ask of a call centre."""

    @property
    def center(self) -> Center:
        center = center_of(self.switch)
        assert center is not None
        return center

    def agent(self, name: str) -> Agent:
        """One of the agents."""
        return self.center.agents[name]

    @property
    def member(self) -> Member:
        """The only member."""
        (member,) = self.center.members.values()
        return member

    async def config(self, words: str) -> str:
        """What ``callcenter_config`` answers."""
        return await self.switch.run_command(f"callcenter_config {words}")

    def actions(self, *names: str) -> list[str]:
        """What was told, in order; of these names alone if any are given."""
        told = [event.headers["CC-Action"] for event in self.events if event.subclass == INFO]
        return [action for action in told if not names or action in names]

    def told(self, action: str) -> dict[str, str]:
        """The headers of the last event of that action."""
        return next(
            event.headers
            for event in reversed(self.events)
            if event.subclass == INFO and event.headers["CC-Action"] == action
        )

    def offered(self) -> list[str]:
        """The agents that were offered somebody, in order."""
        return [
            event.headers["CC-Agent"]
            for event in self.events
            if event.subclass == INFO and event.headers["CC-Action"] == "agent-offering"
        ]

    def leg(self, name: str) -> Session:
        """The last call to an agent."""
        return self.legs.legs[name].session


@asynccontextmanager
async def office(
    folder: Path,
    *extensions: str,
    settings: str = "",
    queues: str = "",
    agents: str = "",
    tiers: str = "",
    **params: str,
) -> AsyncIterator[Office]:
    """A switch with a queue ``help`` of these parameters (``_`` for ``-``), and four sounds."""
    (folder / "sounds").mkdir(parents=True, exist_ok=True)
    for name in ("music", "announce", "warning", "other"):
        write_wav(folder / "sounds" / f"{name}.wav", tone(440, 1000))
    registry.discover("softswitch.modules.callcenter")
    written = {"moh_sound": "music.wav"} | params
    configuration = CONF.format(
        settings=settings,
        params="".join(
            f'<param name="{name.replace("_", "-")}" value="{value}"/>'
            for name, value in written.items()
        ),
        queues=queues,
        agents=agents,
        tiers=tiers,
    )
    async with bench(folder, *(*extensions, *ROUTES), configuration=configuration) as made:
        b = Office(made.switch, made.legs)
        assert await b.switch.modules.load("mod_callcenter") is None
        yield b
