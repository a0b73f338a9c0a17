from __future__ import annotations

from pathlib import Path

from tests.modules.conference.support import hall


async def test_music_changes_at_once_and_ends_when_nothing_is_wanted(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.call("3000", script="hangup@30")
        await b.after(1)
        music = b.room.music
        music.want("enter.wav")
        music.want("enter.wav")
        await b.after(1)
        music.want("exit.wav")
        await b.after(1)
        assert b.played() == ["enter", "exit"]
        assert len(b.mixer.playing) == 1 and music.plays
        music.want("")
        await b.after(1)
        assert not b.mixer.playing and not music.plays


async def test_music_that_is_no_longer_wanted_when_it_is_open_does_not_begin(
    tmp_path: Path,
) -> None:
    async with hall(tmp_path) as b:
        b.call("3000", script="hangup@30")
        await b.after(1)
        b.room.music.want("enter.wav")
        b.room.music.want("")
        await b.after(1)
        assert b.played() == []


async def test_the_command_switches_music_off_and_changes_it(tmp_path: Path) -> None:
    async with hall(tmp_path, moh_sound="full.wav") as b:
        b.call("3000", script="hangup@30")
        await b.after(1)
        assert await b.say("3000 moh off") == "+OK moh\n"
        await b.after(1)
        assert not b.mixer.playing
        assert await b.say("3000 moh toggle") == "+OK moh\n"
        assert await b.say("3000 moh enter.wav") == "+OK moh\n"
        await b.after(1)
        assert b.played()[-1] == "enter"
        assert await b.say("3000 moh") == "-ERR invalid moh param\n"
