from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.modules.voicemail.recorder import BROKEN, FAILED, KEPT, Take, keep, record
from softswitch.modules.voicemail.settings import ProfileSettings
from softswitch.modules.voicemail.talk import Talk
from softswitch.switch.session import Session
from tests.support.applications import application
from tests.support.engine import far_end
from tests.support.prompts import put_prompts
from tests.support.switch import bench, extension


async def recorded(
    folder: Path,
    script: str,
    *,
    leave_keys: str = "",
    where: str = "box",
    part: bool = False,
    any_length: bool = False,
    full_at: float = 0,
    seen: list[dict[str, str]] | None = None,
    **settings: int | bool,
) -> tuple[str, Take]:
    """What became of a recording that the caller made with these keys.

    The disk is full ``full_at`` seconds after the call began.
    """
    put_prompts(folder)
    (folder / "box").mkdir(exist_ok=True)
    take = Take(folder / where / "msg_1.wav")
    outcome = [""]

    async def run(session: Session, data: str) -> None:
        talk = Talk(session, ProfileSettings(**settings))  # type: ignore[arg-type]
        outcome[0] = await record(
            talk,
            take,
            "record_name",
            leave_keys=leave_keys,
            review=False,
            part=part,
            any_length=any_length,
        )

    with application("take", run):
        async with bench(folder, extension("1", "answer", "take")) as b:
            session = b.call("1", script=script)
            if full_at:
                await b.after(full_at)
                stream = far_end(session.media)
                stream.end_recording(next(iter(stream.recordings)), "failed: the disk is full")
            if seen is not None:
                await b.after(4)
                (recording,) = far_end(session.media).recordings.values()
                seen.append(dict(recording.options["tags"]))
            await b.ended(session)
    return outcome[0], take


async def test_a_key_ends_the_recording_which_is_then_whole(tmp_path: Path) -> None:
    outcome, take = await recorded(tmp_path, "digit:5@7")
    assert (outcome, take.seconds) == (KEPT, 5)
    assert take.milliseconds > 5500
    assert [path.name for path in take.path.parent.iterdir()] == ["msg_1.wav"]


async def test_the_limit_ends_it_too(tmp_path: Path) -> None:
    outcome, take = await recorded(tmp_path, "", max_record_len=7)
    assert (outcome, take.seconds) == (KEPT, 7)


async def test_a_hang_up_keeps_what_is_long_enough(tmp_path: Path) -> None:
    outcome, take = await recorded(tmp_path, "hangup@6.5")
    assert (outcome, take.seconds) == ("", 5)
    assert take.path.exists()
    again = tmp_path / "again"
    again.mkdir()
    outcome, take = await recorded(again, "hangup@3")
    assert (outcome, take.milliseconds) == ("", 0)
    assert not list(take.path.parent.iterdir())


async def test_too_short_recordings_fail_at_last_or_lead_elsewhere(tmp_path: Path) -> None:
    outcome, take = await recorded(tmp_path, "digit:1@2 digit:1@4 digit:1@6", max_retries=2)
    assert (outcome, take.milliseconds) == (FAILED, 0)
    assert not list(take.path.parent.iterdir())
    outcome, _ = await recorded(tmp_path, "digit:9@2", leave_keys="9")
    assert outcome == "9"


async def test_where_any_length_will_do_none_is_too_short(tmp_path: Path) -> None:
    outcome, take = await recorded(tmp_path, "digit:1@2", any_length=True)
    assert outcome == KEPT and 0 < take.milliseconds < 2000


async def test_the_file_tells_who_speaks_and_when(tmp_path: Path) -> None:
    tags: list[dict[str, str]] = []
    await recorded(tmp_path, "digit:1@6", seen=tags)
    assert tags[0]["IART"] == "Alice (1000)"
    assert tags[0]["ISFT"] == "softswitch"
    assert len(tags[0]["ICRD"]) == len("2024-01-01 00:00:00")


async def test_what_cannot_be_written_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outcome, take = await recorded(tmp_path, "digit:5@6", where="file/box")
    assert (outcome, take.milliseconds) == (BROKEN, 0)


@pytest.mark.parametrize(("part", "kept"), [(True, 4), (False, 0)])
async def test_of_what_a_full_disk_cuts_off_the_part_is_kept_where_that_is_wished(
    tmp_path: Path, part: bool, kept: int
) -> None:
    outcome, take = await recorded(tmp_path, "", part=part, full_at=6)
    assert (outcome, take.seconds) == (BROKEN, kept)
    assert [path.name for path in take.path.parent.iterdir()] == (["msg_1.wav"] if kept else [])


async def test_a_part_that_is_too_short_is_none(tmp_path: Path) -> None:
    outcome, take = await recorded(tmp_path, "", part=True, full_at=2)
    assert (outcome, take.milliseconds) == (BROKEN, 0)
    assert not list(take.path.parent.iterdir())


def test_a_draft_takes_the_place_of_an_older_file(tmp_path: Path) -> None:
    draft, path = tmp_path / "tmp_a.wav", tmp_path / "a.wav"
    draft.write_text("new")
    path.write_text("old")
    keep(draft, path)
    assert path.read_text() == "new"
    assert not draft.exists()
