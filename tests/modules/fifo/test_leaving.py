"""One party leaves at each turn of the loop, from the taking of a caller until the talk's end."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.modules.fifo.queues import Queues
from softswitch.switch.channel import Channel
from softswitch.switch.session import Session
from softswitch.switch.states import ChannelState
from tests.modules.fifo.support import Office, office
from tests.support.switch import extension

ROUTES = (
    extension(
        "mine",
        "set fifo_orbit_exten=elsewhere:50",
        "fifo sales in announce.wav music.wav",
        "sleep 500",
    ),
    extension(
        "wait",
        "set fifo_consumer_wrapup_sound=wrap.wav",
        "fifo sales out wait announce.wav music.wav",
    ),
    extension("recorded", "set fifo_record_template=talk-${uuid}.wav", "fifo sales out wait"),
    extension("far", "sleep 20000"),
)
FIFOS = '<fifo name="sales"><member timeout="20" lag="1">test/m</member></fifo>'
MOMENTS = (
    "caller_pop",
    "consumer_pop",
    "CS_SOFT_EXECUTE",
    "bridge-consumer-start",
    "bridge-caller-start",
    "consumer_wrapup",
)
TURNS = range(0, 16, 3)
HELD = ("waiting", "callers", "consumers", "idle", "bridges", "rounds", "coming")


class Leaving:
    """Who leaves, and when."""

    def __init__(self, o: Office, who: str, how: str) -> None:
        self._office, self._who, self._how = o, who, how
        self.caller: Session | None = None
        self.agent: Session | None = None
        self.moment, self.turns = "", 0
        self.begun = False

    @property
    def leaver(self) -> Session | None:
        if self._who == "caller":
            return self.caller
        leg = self._office.legs.legs.get("m")
        return self.agent or (leg.session if leg else None)

    def told(self, action: str) -> None:
        """An event of the queue was fired."""
        if action == self.moment and not self.begun:
            self.begun = True
            self._wait(self.turns)

    def _wait(self, turns: int) -> None:
        if turns:
            self._office.switch.loop.call_soon(self._wait, turns - 1)
        elif (session := self.leaver) is not None and session.channel.up:
            if self._how == "hangup":
                session.hangup()
            else:
                session.transfer("far")


@pytest.mark.parametrize("how", ["hangup", "transfer"])
@pytest.mark.parametrize("who", ["caller", "consumer"])
@pytest.mark.parametrize("kind", ["wait", "recorded", "next", "member"])
async def test_nothing_of_a_call_is_left(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    who: str,
    how: str,
) -> None:
    bad: list[object] = []
    fifos = FIFOS if kind == "member" else ""
    async with office(tmp_path, *ROUTES, fifos=fifos) as b:
        leaving = Leaving(b, who, how)
        fire, move = Queues.fire, Channel.move

        def told(self: Queues, session: Session, name: str, action: str, **more: str) -> None:
            fire(self, session, name, action, **more)
            leaving.told(action)

        def moved(self: Channel, state: ChannelState) -> bool:
            accepted = move(self, state)
            leaving.told(state.name)
            return accepted

        monkeypatch.setattr(Queues, "fire", told)
        monkeypatch.setattr(Channel, "move", moved)
        hit = 0
        for moment in MOMENTS:
            for turns in TURNS:
                b.events.clear()
                b.legs.legs.clear()
                caplog.clear()
                leaving.moment, leaving.turns, leaving.begun = moment, turns, False
                b.script("m", "ring@1 answer@2 hangup@30")
                leaving.caller = b.call("mine", script="hangup@40")
                leaving.agent = None
                if kind != "member":
                    await b.after(0.3)
                    leaving.agent = b.call(kind, script="hangup@50")
                await b.after(80)
                hit += leaving.begun
                here = (moment, turns)
                goes_on = leaving.leaver if how == "transfer" else None
                left = list(b.switch.sessions.values())
                bad += [(*here, one, one.channel.state) for one in left if one is not goes_on]
                for one in left:
                    one.hangup()
                await b.after(1)
                for name in HELD:
                    if held := getattr(b.queue, name):
                        bad.append((*here, name, held))
                        held.clear()
                for record in caplog.get_records("call"):
                    if record.exc_info or record.levelname == "ERROR":
                        bad.append((*here, record.getMessage(), record.exc_info))
    assert not bad
    assert hit >= len(TURNS) * (len(MOMENTS) - 1)
