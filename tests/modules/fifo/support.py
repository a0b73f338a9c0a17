"""A switch with queues in virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from softswitch import registry
from softswitch.modules.fifo.application import queues_of
from softswitch.modules.fifo.queue import Queue
from softswitch.switch.session import Session
from tests.support.audio import tone, write_wav
from tests.support.switch import Bench, bench, extension

CONF = """<configuration name="fifo.conf"><settings>
<param name="outbound-strategy" value="{strategy}"/>{settings}</settings>
<fifos>{fifos}</fifos></configuration>"""
ROUTES = (
    extension("in", "fifo sales in undef music.wav", "set after=yes", "sleep 500"),
    extension("out", "fifo sales out wait", "set after=yes"),
    extension("next", "fifo sales out nowait", "set after=yes", "sleep 500"),
    extension("elsewhere", "set arrived=yes", "sleep 500"),
)


class Office(Bench):
    """A bench with what tests ask of queues."""

    @property
    def queue(self) -> Queue:
        """The queue ``sales``."""
        queues = queues_of(self.switch)
        assert queues is not None
        queue = queues.find("sales")
        assert queue is not None
        return queue

    def actions(self, *names: str) -> list[str]:
        """What queues told, in order; of these names alone if any are given."""
        told = [
            event.headers["FIFO-Action"] for event in self.events if event.subclass == "fifo::info"
        ]
        return [action for action in told if not names or action in names]

    def told(self, action: str) -> dict[str, str]:
        """The headers of the last event of that action."""
        return next(
            event.headers
            for event in reversed(self.events)
            if event.subclass == "fifo::info" and event.headers["FIFO-Action"] == action
        )

    def partner(self, session: Session) -> Session | None:
        """Whom a call talks to."""
        return session.peer


@asynccontextmanager
async def office(
    folder: Path, *extensions: str, fifos: str = "", strategy: str = "ringall", settings: str = ""
) -> AsyncIterator[Office]:
    """A switch with ``fifo.conf``, these ``settings`` true, and four sounds."""
    (folder / "sounds").mkdir(parents=True, exist_ok=True)
    for name in ("music", "announce", "chime", "wrap"):
        write_wav(folder / "sounds" / f"{name}.wav", tone(440, 1000))
    registry.discover("softswitch.modules.fifo")
    more = "".join(f'<param name="{name}" value="true"/>' for name in settings.split())
    configuration = CONF.format(strategy=strategy, fifos=fifos, settings=more)
    async with bench(folder, *(*extensions, *ROUTES), configuration=configuration) as made:
        b = Office(made.switch, made.legs)
        assert await b.switch.modules.load("mod_fifo") is None
        yield b
