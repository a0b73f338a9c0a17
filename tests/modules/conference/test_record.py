"""The record of a room, as a file and as an event."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.modules.conference.support import Hall, hall
from tests.support.switch import extension

FILE = {"cdr_log_dir": "records", "cdr_event_mode": "file"}

ROOM = extension("3000", "conference 3000")


def told(b: Hall) -> list[tuple[dict[str, str], str]]:
    return [(e.headers, e.body) for e in b.events if e.subclass == "conference::cdr"]


def written(b: Hall) -> ElementTree.Element:
    """The only record there is."""
    [(headers, body)] = told(b)
    assert body == ""
    path = Path(headers["CDR-Path"])
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    return ElementTree.fromstring(path.read_text())


def text(element: ElementTree.Element, path: str) -> str:
    found = element.findtext(path)
    assert found is not None, path
    return found


async def test_who_was_in_the_room_is_written_when_it_ends(tmp_path: Path) -> None:
    async with hall(
        tmp_path, ROOM, extension("5", "conference 3000++flags{moderator|endconf}"), **FILE
    ) as b:
        first = b.call("3000", script="hangup@40")
        await b.after(10)
        b.call("5", script="hangup@60")
        await b.after(5)
        assert (await b.say(f"3000 kick {b.member(first).id}")).startswith("+OK kicked")
        await b.after(1)
        assert told(b) == []
        await b.after(60)
        record = written(b)
        conference = record.find("conference")
        assert record.tag == "cdr" and conference is not None
        assert [child.tag for child in conference] == [
            "name", "hostname", "rate", "interval", "start_time", "end_time", "members", "rejected",
        ]  # fmt: skip
        assert (text(conference, "name"), text(conference, "rate")) == ("3000", "8000")
        end = conference.find("end_time")
        assert end is not None and end.get("type") == "UNIX-epoch"
        assert end.get("endconference_forced") in ("true", "false")
        newest, oldest = conference.findall("members/member")
        assert newest.get("type") == oldest.get("type") == "caller"
        assert int(text(oldest, "leave_time")) - int(text(oldest, "join_time")) == 15
        flags = ("is_moderator", "end_conference", "was_kicked", "is_ghost")
        assert [text(newest, f"flags/{name}") for name in flags] == [
            "true",
            "true",
            "false",
            "false",
        ]
        assert [text(oldest, f"flags/{name}") for name in flags] == [
            "false", "false", "true", "false",
        ]  # fmt: skip
        assert text(oldest, "caller_profile/uuid") == first.uuid
        assert text(newest, "caller_profile/destination_number") == "5"


async def test_a_room_that_loses_whom_it_exists_for_is_ended_by_force(tmp_path: Path) -> None:
    async with hall(
        tmp_path,
        ROOM,
        extension("5", "conference 3000++flags{endconf}"),
        **FILE,
        endconf_grace_time="2",
    ) as b:
        b.call("3000", script="hangup@90")
        b.call("5", script="hangup@5")
        await b.after(20)
        end = written(b).find("conference/end_time")
        assert end is not None and end.get("endconference_forced") == "true"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"pin": "12", "pin_retries": "1"}, "invalid_pin"),
        ({"max_members": "1"}, "max_members_reached"),
    ],
)
async def test_who_was_not_let_in_is_written(
    tmp_path: Path, more: dict[str, str], reason: str
) -> None:
    async with hall(tmp_path, **FILE, **more) as b:
        b.call("3000", script="hangup@40", variables={"supplied_pin": "12"})
        await b.after(1)
        other = b.call("3000", script="hangup@30")
        await b.after(60)
        [attempt] = written(b).findall("conference/rejected/attempt")
        assert text(attempt, "reason") == reason
        assert text(attempt, "caller_profile/uuid") == other.uuid
        assert int(text(attempt, "reject_time")) > 0


async def test_who_found_the_room_locked_is_written(tmp_path: Path) -> None:
    async with hall(tmp_path, **FILE) as b:
        b.call("3000", script="hangup@40")
        await b.after(1)
        await b.say("3000 lock")
        b.call("3000", script="hangup@30")
        await b.after(60)
        assert text(written(b), "conference/rejected/attempt/reason") == "conference_locked"


async def test_recordings_are_written_too(tmp_path: Path) -> None:
    async with hall(tmp_path, **FILE) as b:
        b.call("3000", script="hangup@20")
        await b.after(1)
        await b.say("3000 record one.wav")
        await b.after(60)
        recording, caller = written(b).findall("conference/members/member")
        assert (recording.get("type"), caller.get("type")) == ("recording_node", "caller")
        assert text(recording, "record_path") == str(tmp_path / "recordings/one.wav")


async def test_an_event_may_carry_the_record_itself(tmp_path: Path) -> None:
    async with hall(tmp_path, cdr_event_mode="content") as b:
        caller = b.call("3000", script="hangup@20")
        caller.channel.profile.caller_id_name = "Wolfgang <\x01&> Ä"
        await b.after(60)
        [(headers, body)] = told(b)
        assert headers["CDR-Source"] == "conference::cdr" and "CDR-Path" not in headers
        name = text(ElementTree.fromstring(body), "conference/members/member//caller_id_name")
        assert name == "Wolfgang <?&> Ä"


async def test_nothing_is_written_where_nobody_asks(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.call("3000", script="hangup@20")
        await b.after(60)
        assert told(b) == [] and not (tmp_path / "log").exists()


async def test_auto_is_a_folder_beside_the_logs(tmp_path: Path) -> None:
    async with hall(tmp_path, cdr_log_dir="auto") as b:
        b.call("3000", script="hangup@20")
        await b.after(60)
        assert told(b) == []
        [file] = (tmp_path / "log/conference_cdr").iterdir()
        assert file.name.endswith(".cdr.xml")


async def test_a_folder_that_cannot_be_written_is_told_and_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "log").write_text("in the way")
    async with hall(tmp_path, **FILE) as b:
        b.call("3000", script="hangup@20")
        await b.after(60)
        assert "the record of the room cannot be written" in caplog.text
        assert told(b) == []
