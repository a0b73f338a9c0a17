"""The loads that are measured, the goal of each, and what FreeSWITCH 1.11 takes for the same."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial

FLOOR_SECONDS = 5
QUICK_CALLS, QUICK_SECONDS, QUICK_FLOOR_SECONDS = 100, 5.0, 1
"""What ``--quick`` makes of each row of media: less than ten seconds."""
BESIDE_RATE = 40.0
"""Calls a second that are placed beside those that are measured."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One kind of load, and what its figure is divided by."""

    group: str
    name: str
    number: str = "7000"
    """What is dialled; ``scripts/bench-conf`` says what happens there."""
    calls: int
    rate: float
    """Calls a second that are placed."""
    hold: float = 0.2
    """Seconds from the answer of a call to its end."""
    media: bool = False
    goal: str
    relays: bool = False
    """Two sockets carry each call, so that the floor can be compared."""
    peer: bool = False
    """A plain RTP proxy does the same, so that rtpengine can be compared."""
    freeswitch: str = "-"
    """What FreeSWITCH 1.11 takes for the same."""
    load: tuple[str, ...] = ()
    """What else the load generator is told."""
    beside: int = 0
    """So many bridged calls are up beside these, and not counted."""
    floor_seconds: int = FLOOR_SECONDS
    reading: int = 0
    """Event socket clients that read every event meanwhile."""
    silent: int = 0
    """Those that subscribe to every event and stop reading."""
    caller: str = "127.0.0.1"
    """The address that calls come from; the switch trusts this one, and asks others who they are.
    """
    refused: str = ""
    """The status that calls are to be refused with; empty where they are to be answered."""
    registers: bool = False
    """It is users that come and go, not calls."""
    modules: tuple[str, ...] = ()
    """What the switch loads for it."""

    @property
    def arrivals(self) -> bool:
        """Whether it is measured how evenly packets arrive, and how soon after the answer."""
        return "--arrivals" in self.load

    def quick(self) -> Scenario:
        """The same with fewer calls and in less time; only what relays or plays is made less."""
        if not self.media or self.group == "applications":
            return self
        calls = min(self.calls, QUICK_CALLS)
        return replace(
            self,
            calls=calls,
            rate=float(calls),
            hold=QUICK_SECONDS,
            beside=min(self.beside, QUICK_CALLS // 2),
            floor_seconds=QUICK_FLOOR_SECONDS,
        )

    def with_calls(self, calls: int) -> Scenario:
        """The same with so many calls, all up at once for ten seconds."""
        if not self.media:
            return replace(self, calls=calls)
        rate = max(25.0, min(calls / 10, 40.0))
        hold = math.ceil(calls / rate) + 12.0
        return replace(self, calls=calls, rate=rate, hold=hold)

    def background(self) -> Scenario:
        """The bridged calls that are up while this is measured, and some time before."""
        hold = self.beside / BESIDE_RATE + 1 + self.calls / self.rate + self.hold + 1
        return replace(SCENARIOS["relay"], calls=self.beside, rate=BESIDE_RATE, hold=hold)

    @property
    def held(self) -> bool:
        """Whether calls stay up so long that memory can be told by the call."""
        return self.hold >= 5

    @property
    def window(self) -> tuple[float, float]:
        """From when on all calls are up, and until when; seconds after the first one is placed."""
        return self.calls / self.rate + 1, self.hold - 0.3


ARRIVALS = ("--arrivals", "1")
LAG = "lag p99 under 20 ms"


_signalling = partial(Scenario, group="sip", calls=2000, rate=200, hold=0)
_events = partial(Scenario, group="events")
_media = partial(Scenario, group="media", calls=100, rate=25, hold=12, media=True)
_application = partial(Scenario, group="applications", media=True, goal=LAG)
_many = partial(
    Scenario, group="many", media=True, relays=True, peer=True, freeswitch="about 300 calls"
)

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        _signalling(
            name="calls",
            calls=1000,
            rate=100,
            hold=0.2,
            goal="4 ms a call, p99 under 25 ms",
            freeswitch="9.3 ms a call",
        ),
        _events(name="listened", calls=300, rate=30, goal="50,000 events/CPU-s", reading=10),
        _events(name="stalled", calls=1000, rate=100, goal="set-up as calls", silent=1),
        _signalling(
            name="rush", calls=8000, rate=400, hold=0.2, goal="none failed, p99 under 50 ms"
        ),
        _signalling(name="refused", number="7486", goal="0.4 ms", refused="486"),
        _signalling(name="challenged", goal="0.4 ms", caller="127.0.0.2", refused="407"),
        _signalling(name="registrations", number="", goal="0.5 ms", registers=True),
        _media(name="relay", goal="0.4 ms", relays=True, peer=True, freeswitch="3.4 to 4.1"),
        _media(name="transcode", number="7003", goal="0.6 ms", relays=True, freeswitch="3.7"),
        _media(name="record", number="7004", goal="relay + 0.3 ms", relays=True, freeswitch="4.7"),
        _media(
            name="srtp", number="7005", goal="relay + 0.4 ms", relays=True, load=("--srtp", "1")
        ),
        _media(name="opus", number="7006", goal="5 ms", relays=True, load=("--opus", "1")),
        _media(name="echo", number="9196", goal="0.3 ms", freeswitch="1.9"),
        _media(name="conference", number="3500", goal="0.5 ms", freeswitch="3.3"),
        _media(name="conferences", number="36", calls=300, rate=50, hold=14, goal="0.5 ms"),
        _media(name="tone", number="9197", goal="0.3 ms; 1 ms sd", freeswitch="2.5", load=ARRIVALS),
        _media(name="prompt", number="9198", goal="0.3 ms; 40 ms", load=ARRIVALS),
        _media(
            name="pacing",
            number="9198",
            calls=50,
            goal="1 ms sd; 40 ms",
            load=ARRIVALS,
            beside=500,
        ),
        _application(
            name="ivr",
            number="4000",
            calls=200,
            rate=40,
            hold=14,
            load=("--digits", "1293", "--digits-every", "1500"),
        ),
        _application(
            # Skip the greeting, speak, end it, keep it, and it is not urgent.
            name="voicemail",
            number="4001",
            calls=50,
            rate=25,
            hold=18,
            load=("--digits", "#...#2#", "--digits-every", "1700"),
            modules=("mod_voicemail",),
        ),
        _application(
            name="queue", number="4002", calls=300, rate=40, hold=14, modules=("mod_fifo",)
        ),
        _application(
            name="centre", number="4003", calls=300, rate=40, hold=14, modules=("mod_callcenter",)
        ),
        _application(
            name="queues",
            number="4004",
            calls=300,
            rate=40,
            hold=14,
            modules=("mod_fifo", "mod_callcenter"),
        ),
        _many(name="thousand", calls=1000, rate=50, hold=30, goal="0 % lost, 5 ms"),
        _many(name="two-thousand", calls=2000, rate=40, hold=62, goal="0.1 %, 10 ms"),
        _media(
            group="many",
            name="pacing-many",
            number="9198",
            calls=50,
            goal="1 ms sd; 40 ms",
            load=ARRIVALS,
            beside=1950,
        ),
    )
}
