from __future__ import annotations

from pathlib import Path

from tests.modules.conference.support import Hall, hall

FLAGGED = "3000+flags{talk-data-events}"
NAMES = ("talk-detects", "talk-detect-duration", "talk-detect-avg")


def last(b: Hall) -> list[str | None]:
    told = b.told("talk-report")
    return [told.get(name) for name in NAMES]


def count(b: Hall) -> int:
    return len(b.actions("talk-report"))


async def test_it_is_told_every_ten_seconds_how_often_a_member_spoke(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call(FLAGGED, script="hangup@60")
        b.call("3000", script="hangup@60")
        await b.after(10.5)
        assert count(b) == 1
        assert last(b) == ["0", None, None]
        assert b.told("talk-report")["Member-ID"] == str(b.member(one).id)
        await b.after(4.5)
        for talking in (True, False, True, False):
            b.mixer.talk(one.media.id, talking=talking)
            await b.after(1)
        await b.after(2)
        assert count(b) == 2
        assert last(b)[0] == "2"
        spoken, average = int(last(b)[1] or ""), float(last(b)[2] or "")
        assert 4000 < spoken < 5500
        assert average == spoken / 2
        await b.after(10)
        assert last(b) == ["0", None, None]


async def test_who_speaks_on_is_in_its_first_time_again(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call(FLAGGED, script="hangup@60")
        await b.after(5)
        b.mixer.talk(one.media.id)
        await b.after(16)
        assert count(b) == 2
        assert last(b)[0] == "1"
        assert 14_000 < int(last(b)[1] or "") < 16_000


async def test_time_in_which_it_may_not_speak_does_not_count(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call(FLAGGED, script="hangup@60")
        await b.after(6)
        member = b.member(one)
        member.mute()
        await b.after(20)
        assert not count(b)
        member.unmute()
        member.hold()
        await b.after(9)
        member.unhold()
        await b.after(3)
        assert not count(b)
        await b.after(2)
        assert count(b) == 1


async def test_nothing_is_told_after_it_left(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.call(FLAGGED, script="hangup@5")
        b.call("3000", script="hangup@40")
        await b.after(30)
        assert not count(b)
