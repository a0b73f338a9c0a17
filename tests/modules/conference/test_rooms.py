from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.modules.conference.application import rooms_of
from softswitch.modules.conference.invitation import Invitation
from softswitch.modules.conference.settings import ConferenceFile
from tests.modules.conference.support import hall
from tests.support.switch import extension


async def test_rooms_are_found_by_any_case_and_calls_keep_their_number(tmp_path: Path) -> None:
    routes = (
        extension("1", "conference Room", "conference other"),
        extension("2", "conference rooM"),
    )
    async with hall(tmp_path, *routes) as b:
        b.call("2", script="hangup@30")
        await b.after(1)
        one = b.call("1", script="hangup@30")
        await b.after(1)
        assert b.room.name == "rooM" and b.room.size == 2
        b.member(one).leave("hangup")
        await b.after(1)
        assert [room.name for room in b.rooms] == ["rooM", "other"]
        rooms = rooms_of(b.switch)
        assert rooms is not None
        other = rooms.find("OTHER")
        assert other is not None and other.members[0].id == 2
        rooms.end_all()
        assert list(rooms) == []


async def test_a_room_of_an_unknown_profile_is_not_made(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        rooms = rooms_of(b.switch)
        assert rooms is not None
        caller = b.call("3000", script="hangup@9")
        with pytest.raises(ValueError, match="no profile nowhere"):
            rooms.open(Invitation("x", "nowhere"), ConferenceFile({}, {}), caller)


async def test_a_watched_room_tells_how_many_are_in_it(tmp_path: Path) -> None:
    async with hall(tmp_path, extension("1", "conference Room")) as b:
        b.switch.globals["domain"] = "d.test"
        b.call("1", script="hangup@30")
        await b.after(1)
        b.call("1", script="hangup@10")
        await b.after(2)
        for to in ("conf+ROOM@d.test", "conf+none@d.test"):
            b.switch.publish("PRESENCE_PROBE", {"proto": "conf", "to": to})
        await b.after(40)
        told = [
            (event.headers["from"].lower(), event.headers["force-status"])
            for event in b.events
            if event.name == "PRESENCE_IN"
        ]
        one, two = "Active (1 caller)", "Active (2 callers)"
        assert told == [("room@d.test", status) for status in (one, two, two, one, "Inactive")]
