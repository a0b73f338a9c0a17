from __future__ import annotations

from pathlib import Path

from tests.modules.conference.support import hall


async def test_files_are_played_to_all_and_to_one(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call("3000", script="hangup@60")
        await b.after(1)
        answer = await b.say("3000 play enter.wav")
        assert answer == "+OK (play) Playing file enter.wav\n"
        assert b.told("play-file")["Async"] == "false"
        await b.say("3000 play exit.wav async")
        assert b.told("play-file")["Async"] == "true"
        answer = await b.say("3000 play full.wav 1 nomux")
        assert answer == "+OK (play) Playing file full.wav to member 1\n"
        number = next(n for n, o in b.mixer.options.items() if o.get("to") == one.media.id)
        assert b.mixer.options[number]["exclusive"]
        assert b.told("play-file-member")["Member-ID"] == "1"
        answer = await b.say("3000 play none.wav")
        assert answer == "-ERR (play) File: none.wav not found.\n"
        assert await b.say("3000 play full.wav 9") == "-ERR Member: 9 not found.\n"
        assert (await b.say("3000 play")).startswith("play <file_path>")
        await b.after(2)
        assert b.actions("play-file-member-done") == ["play-file-member-done"]
        told = b.told("play-file-member-done")
        assert int(told["samples"]) > 0
        assert int(told["milliseconds"]) == int(told["samples"]) // 8
        assert int(told["seconds"]) == int(told["samples"]) // 8000
        assert "Async" not in told


async def test_what_plays_is_steered(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.call("3000", script="hangup@60")
        await b.after(1)
        file = "silence_stream://20000"
        assert await b.say("3000 pause_play") == "-ERR File not playing\n"
        assert await b.say("3000 play_status") == "-ERR Nothing is playing\n"
        assert await b.say("3000 file_seek +1") == "-ERR File not playing\n"
        assert await b.say("3000 file-vol 1") == "-ERR File not playing\nfile-vol <vol#>"
        await b.say(f"3000 play {file}")
        assert await b.say("3000 play_status") == f"+OK 0/0 {file}\n"
        await b.after(1)
        assert await b.say("3000 pause_play") == "+OK Pause\n"
        assert await b.say("3000 play_status") == f"+OK 8000/0 {file}\n"
        await b.after(5)
        assert await b.say("3000 pause_play") == "+OK Resume\n"
        assert await b.say("3000 play_status") == f"+OK 8000/0 {file}\n"
        assert await b.say("3000 file-vol 2") == "+OK volume changed\n"
        assert await b.say("3000 file_seek 500") == "+OK seek to position 4000\n"
        assert await b.say("3000 pause_play 9") == "-ERR Member: 9 not found.\n"
        assert await b.say("3000 stop") == "+OK Stopped 1 files.\n"
        assert await b.say("3000 stop current 9") == "-ERR Member: 9 not found.\n"
        assert (await b.say("3000 stop everything")).startswith("stop <[current|all|async|last]>")


async def test_texts_need_words_and_a_voice(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.call("3000", script="hangup@9")
        await b.after(1)
        assert await b.say("3000 say") == "-ERR (say) Error! No text.\nsay <text>"
        assert (
            await b.say("3000 saymember 1")
            == "-ERR (saymember) No Text!\nsaymember <member_id> <text>"
        )
        answer = await b.say("3000 saymember 7 hello")
        assert answer.startswith("-ERR (saymember) Unknown Member 7!\n")
