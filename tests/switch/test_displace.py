from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch import displace
from softswitch.switch.displace import DisplaceWishes
from tests.support.engine import far_end
from tests.support.switch import bench, extension

HELD = extension("1", "answer", "sleep 60000")


FILE, SILENCE = "silence_stream://2000", "silence_stream://-1"


@pytest.mark.parametrize(
    ("flags", "replace", "told"),
    [
        ("", True, [("hear", FILE, 1), ("speak", SILENCE, -1)]),
        ("m", False, [("hear", FILE, 1)]),
        ("r", True, [("speak", FILE, 1), ("hear", SILENCE, -1)]),
        ("mr", False, [("speak", FILE, 1)]),
        ("rw", True, [("speak", FILE, 1), ("hear", FILE, 1)]),
        ("mrw", False, [("speak", FILE, 1), ("hear", FILE, 1)]),
        ("lfw", True, [("hear", FILE, -1), ("speak", SILENCE, -1)]),
    ],
)
async def test_flags_say_how_sound_is_displaced(
    tmp_path: Path, flags: str, replace: bool, told: list[tuple[str, str, int]]
) -> None:
    async with bench(tmp_path, HELD) as b:
        session = b.call("1")
        await b.after(0.1)
        wishes = DisplaceWishes.of(flags)
        assert wishes.sounds(FILE) == told
        assert await displace.start(session, FILE, wishes)
        found = [item.options for item in far_end(session.media).injections.values()]
        assert [(it["into"], it["loops"], it["replace"]) for it in found] == [
            (into, loops, replace) for into, _, loops in told
        ]
        assert displace.stop(session, FILE)
        await b.after(0.1)
        assert not far_end(session.media).injections and not session.bugs
        session.hangup()
        await b.ended(session)


async def test_it_ends_with_its_file_its_limit_and_when_stopped(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        session = b.call("1")
        await b.after(0.1)
        once, endless = "silence_stream://1000", "silence_stream://-1"
        assert await displace.start(session, once, DisplaceWishes())
        assert await displace.start(session, endless, DisplaceWishes(limit_ms=3000))
        assert not await displace.start(session, endless, DisplaceWishes()), "once at a time"
        await b.after(2)
        assert [bug.target for bug in session.bugs] == [endless]
        await b.after(2)
        assert not session.bugs
        assert await displace.start(session, endless, DisplaceWishes())
        assert displace.stop(session, endless)
        await b.after(0.1)
        assert not displace.stop(session, endless)
        session.hangup()
        await b.ended(session)


async def test_what_cannot_be_played_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, HELD) as b:
        session = b.call("1")
        await b.after(0.1)
        assert not await displace.start(session, "/no/such.wav", DisplaceWishes())
        assert "cannot play /no/such.wav" in caplog.text
        session.hangup()
        await b.ended(session)


async def test_what_cannot_be_played_may_end_the_call(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        session = b.call("1", variables={"DISPLACE_HANGUP_ON_ERROR": "true"})
        await b.after(0.1)
        assert not await displace.start(session, "/no/such.wav", DisplaceWishes())
        await b.ended(session, within=1)
        assert session.channel.hangup_cause.name == "DESTINATION_OUT_OF_ORDER"
