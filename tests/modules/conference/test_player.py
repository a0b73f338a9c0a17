from __future__ import annotations

from pathlib import Path

from tests.modules.conference.support import hall


async def test_sounds_follow_one_another_and_some_play_beside(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.call("3000", script="hangup@30")
        await b.after(1)
        for file in ("enter", "exit"):
            await b.say(f"3000 play {file}.wav")
        await b.say("3000 play full.wav async")
        assert b.played() == ["enter", "full"]
        await b.after(0.5)
        assert b.played() == ["enter", "full", "exit"]
        await b.after(1)
        assert b.room.player.idle and not b.room.player.beside
        assert b.actions("play-file-done") == ["play-file-done"] * 3


async def test_a_row_is_stopped_in_part_or_as_a_whole(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.call("3000", script="hangup@30")
        await b.after(1)
        for _ in range(3):
            await b.say("3000 play silence_stream://20000")
        await b.say("3000 play silence_stream://20000 async")
        assert await b.say("3000 stop current") == "+OK Stopped 1 files.\n"
        await b.after(0.1)
        assert len(b.mixer.playing) == 2
        assert await b.say("3000 stop async") == "+OK Stopped 1 files.\n"
        assert await b.say("3000 stop all") == "+OK Stopped 2 files.\n"
        await b.after(0.1)
        assert not b.mixer.playing


async def test_a_sound_is_paused_moved_and_made_louder(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.call("3000", script="hangup@60")
        await b.after(1)
        player = b.room.player
        assert not player.pause() and not player.seek(1, relative=False)
        assert not player.set_volume(1, beside=False)
        await b.say("3000 play silence_stream://20000")
        await b.after(2)
        assert player.pause()
        assert b.mixer.paused
        assert player.pause() and not b.mixer.paused
        assert player.set_volume(2, beside=False)
        assert player.seek(3000, relative=True)
        await b.after(0.1)
        (playback,) = b.mixer.playing.values()
        assert playback.offset_ms == 5000
        assert b.mixer.options[playback.number]["gain_db"] > 6
        assert player.seek(100, relative=False)
        await b.after(0.1)
        (playback,) = b.mixer.playing.values()
        assert playback.offset_ms == 100


async def test_what_cannot_be_played_is_passed_over(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.call("3000", script="hangup@9")
        await b.after(1)
        b.room.player.play("none.wav")
        b.room.player.play("enter.wav")
        await b.after(0.2)
        assert b.played() == ["enter"]
        told = b.told("play-file")
        assert (told["File"], told["Async"]) == ("none.wav", "false")
        assert told["Error"] == "File could not be played"


async def test_sounds_end_with_the_room_and_the_member(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call("3000", script="hangup@9")
        b.call("3000", script="hangup@30")
        await b.after(1)
        await b.say("3000 play silence_stream://50000 1")
        await b.say("3000 play silence_stream://50000")
        assert len(b.mixer.playing) == 2
        await b.ended(one)
        assert len(b.mixer.playing) == 1
        assert b.actions("play-file-member-done") == []
