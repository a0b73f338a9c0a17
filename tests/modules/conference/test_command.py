"""The command ``conference``: whom a word means, usage, and that every verb of the table works."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from softswitch.modules.conference import verbs
from tests.modules.conference.support import hall

RECORDED = Path(__file__).resolve().parents[4] / "shared/reference/freeswitch/recorded/answers.json"


async def test_members_are_meant_by_number_or_word(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.call("3000", script="hangup@9")
        two = b.call("3000+flags{moderator}", script="hangup@9")
        b.call("3000", script="hangup@9")
        await b.after(1)
        b.switch.sessions[two.uuid].set("seat", "window")
        answers = {
            "mute 1": "+OK mute 1\n",
            "mute all": "+OK mute 3\n+OK mute 2\n+OK mute 1\n",
            "unmute non_moderator": "+OK unmute 3\n+OK unmute 1\n",
            "tmute last": "+OK mute 3\n",
            "deaf 9": "-ERR Non-Existant ID 9\n",
            "mute": "mute <[member_id|all]|last|non_moderator> [<quiet>]",
            "mute everybody": "mute <[member_id|all]|last|non_moderator> [<quiet>]",
            "mute seat=window": "+OK mute 2\n",
            "mute seat=aisle": "-ERR Non-Existant member\n",
            "sing 1": "-ERR Conference command 'sing' not found.\n",
            "vmute 1": "-ERR there are no videos in conferences here\n",
        }
        for words, answer in answers.items():
            assert await b.say(f"3000 {words}") == answer


async def test_a_room_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        assert await b.say("nosuch list") == "-ERR Conference nosuch not found\n"
        assert await b.say("list") == "+OK No active conferences.\n"
        b.call("3000", script="hangup@3")
        await b.after(1)
        assert await b.say("3000") == "Conference command, not specified.\nTry 'help'\n"
        assert (await b.say("3001 dial")).startswith("-ERR Bad Args\ndial <endpoint_module_name>")
        assert await b.say("count") == "1"


@pytest.mark.skipif(not RECORDED.exists(), reason="recorded answers are not here")
async def test_the_help_is_that_of_freeswitch(tmp_path: Path) -> None:
    recorded = json.loads(RECORDED.read_text())["api"]["conference"]
    async with hall(tmp_path) as b:
        assert (await b.say("")).rstrip("\n") == recorded


async def test_the_verbs_are_listed_as_freeswitch_lists_them(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        lines = (await b.say("help")).splitlines()
        assert lines[0] == "\t\tcanvas-auto-clear <canvas_id> <true|false>"
        assert lines[1:3] == ["\t\tcount", "\t\tlist [delim <string>]|[count]"]
        assert lines == (await b.say("commands")).splitlines()


async def test_no_verb_fails_whatever_follows_it(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.script("phone", "hangup@1")
        for verb in verbs.all_verbs():
            one = b.call("3000", script="hangup@600")
            await b.after(1)
            for words in ("", "1", "all", "last x", "1 2 3", "x y z", "-1", "'", "${uuid}"):
                answer = await b.say(f"3000 {verb.name} {words}".strip())
                assert "Error:" not in answer, (verb.name, words, answer)
            one.hangup()
            await b.ended(one)
