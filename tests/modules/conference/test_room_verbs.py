from __future__ import annotations

from pathlib import Path

from tests.modules.conference.support import hall
from tests.support.switch import extension


async def test_each_verb_answers_in_freeswitchs_words(tmp_path: Path) -> None:
    async with hall(tmp_path, exit_sound="exit.wav", enter_sound="enter.wav") as b:
        b.call("3000", script="hangup@60")
        await b.after(1)
        answers = {
            "lock": "+OK 3000 locked\n",
            "unlock": "+OK 3000 unlocked\n",
            "pin 1234": "+OK Pin for conference 3000 set: 1234\n",
            "pin mod 99": "+OK Moderator Pin for conference 3000 set: 99\n",
            "nopin": "+OK Pin for conference 3000 deleted\n",
            "pin": "-ERR Invalid parameters:\npin <pin#>",
            "exit_sound off": "+OK 3000 exit sounds off (exit.wav)\n",
            "exit_sound on": "+OK 3000 exit sounds on (exit.wav)\n",
            "exit_sound file full.wav": "+OK Old exit sound: [exit.wav]\n"
            "+OK 3000 exit sound file set to full.wav\n",
            "enter_sound none": "+OK 3000 enter sounds off (enter.wav)\n",
            "enter_sound on": "+OK 3000 enter sounds on (enter.wav)\n",
            "enter_sound file full.wav": "+OK 3000 enter sound file set to full.wav\n",
            "enter_sound loud": "-ERR Bad args\nenter_sound on|off|none|file <filename>",
            "setvar colour red green": "+OK\n",
            "getvar colour": "red green",
            "auto-3d-position": "+OK positioning off\n",
            "auto-3d-position on": "+OK positioning on\n",
            "recording start a.wav": "+OK Record file a.wav\n",
            "recording check": "+OK Record file a.wav\n",
            "recording pause a.wav": "+OK Pause recording file a.wav\n",
            "recording resume a.wav": "+OK Resume recording file a.wav\n",
            "recording stop": "+OK Stopped recording 1 file\n",
        }
        for words, answer in answers.items():
            assert await b.say(f"3000 {words}") == answer, words
        await b.say("3000 setvar colour")
        assert await b.say("3000 getvar colour") == ""


async def test_members_are_kept_from_one_another(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        calls = [b.call("3000", script="hangup@9") for _ in range(3)]
        await b.after(1)
        first, second, third = (call.media.id for call in calls)
        assert await b.say("3000 relate") == "+OK No relationships\n"
        assert await b.say("3000 relate 1 2 nospeak") == "+OK 1->2 nospeak set\n"
        assert b.mixer.deaf_to == {(second, first)}
        assert await b.say("3000 relate 1,3 2 nohear") == (
            "+OK 1->2 nohear set\n+OK 3->2 nohear set\n"
        )
        assert b.mixer.deaf_to == {(first, second), (third, second)}
        assert await b.say("3000 relate 1") == "1 -> 2 SPEAK NOHEAR NOSENDVIDEO \n"
        assert await b.say("3000 relate 1 2 clear") == "+OK relationship 1->2 cleared.\n"
        assert b.mixer.deaf_to == {(third, second)}
        assert await b.say("3000 relate 1 9 nohear") == "-ERR relationship 1->9 not found.\n"
        assert (await b.say("3000 relate 1 2 whisper")).startswith("relate <member_id>")


async def test_members_are_sent_to_another_room(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call("3000", script="hangup@9")
        b.call("3000", script="hangup@9")
        await b.after(1)
        answer = await b.say("3000 transfer 3001@wide 1 7")
        assert answer == (
            "+OK Member '1' sent to conference 3001@wide.\n-ERR No Member 7 in conference 3000.\n"
        )
        await b.after(1)
        assert [(room.name, room.size) for room in b.rooms] == [("3000", 1), ("3001", 1)]
        assert b.rooms[1].members[0].session is one and b.rooms[1].members[0].id == 1
        assert one.get("last_transfered_conference") == "3001"
        told = b.told("transfer")
        assert (told["Old-Conference-Name"], told["New-Conference-Name"]) == ("3000", "3001@wide")


async def test_a_pin_set_later_holds_for_who_comes_then(tmp_path: Path) -> None:
    async with hall(tmp_path, extension("1", "conference 3000")) as b:
        b.call("1", script="hangup@60")
        await b.after(1)
        await b.say("3000 pin 12")
        b.call("1", script="digit:12@2 hangup@9")
        await b.after(1)
        assert b.room.size == 1
        await b.after(2)
        assert b.room.size == 2
