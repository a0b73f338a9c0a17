from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.conference.support import hall


@pytest.mark.parametrize(
    ("suppressed", "told"),
    [
        ("", ["add-member", "start-recording"]),
        ("add-member", ["start-recording"]),
        ("record,add-member", []),
        ("all", []),
    ],
)
async def test_events_may_be_suppressed(tmp_path: Path, suppressed: str, told: list[str]) -> None:
    async with hall(tmp_path, suppress_events=suppressed) as b:
        b.call("3000", script="hangup@9")
        await b.after(1)
        await b.say("3000 record a.wav")
        assert b.actions("add-member", "start-recording") == told


async def test_an_event_of_the_room_has_no_member(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.call("3000", script="hangup@9")
        await b.after(1)
        await b.say("3000 lock")
        headers = b.told("lock")
        assert headers["Event-Subclass"] == "conference::maintenance"
        assert "Member-ID" not in headers and "Unique-ID" not in headers
        names = [name for name in headers if name.startswith("Conference-")]
        assert names == [
            "Conference-Name",
            "Conference-Size",
            "Conference-Ghosts",
            "Conference-Profile-Name",
            "Conference-Unique-ID",
        ]


async def test_variables_of_the_room_are_told(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call("3000", script="hangup@9")
        await b.after(1)
        await b.say("3000 setvar topic budget")
        await b.say("3000 lock")
        assert b.told("lock")["topic"] == "budget"
        b.member(one).mute()
        told = b.told("mute-member")
        assert (told["topic"], told["Unique-ID"]) == ("budget", one.uuid)


@pytest.mark.parametrize(("verbose", "told"), [("true", True), ("false", False)])
async def test_who_opens_a_room_is_told_where_events_are_verbose(
    tmp_path: Path, verbose: str, told: bool
) -> None:
    async with hall(tmp_path, verbose_events=verbose) as b:
        one = b.call("3000", script="hangup@9")
        await b.after(1)
        headers = b.told("conference-create")
        assert (headers.get("Unique-ID") == one.uuid) is told
        assert ("variable_uuid" in headers) is told


@pytest.mark.parametrize(("period", "beats"), [("20", 3), ("19", 0)])
async def test_a_room_tells_that_it_is_there(tmp_path: Path, period: str, beats: int) -> None:
    async with hall(tmp_path, heartbeat_period_sec=period) as b:
        one = b.call("3000", script="hangup@41")
        await b.ended(one, within=45)
        await b.after(60)
        assert len(b.actions("conference-heartbeat")) == beats
