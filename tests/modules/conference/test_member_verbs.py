from __future__ import annotations

from pathlib import Path

from tests.modules.conference.support import hall
from tests.support.switch import verbs


async def test_each_verb_answers_in_freeswitchs_words(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call("3000", script="hangup@60")
        await b.after(1)
        usage = "energy <member_id|all|last|non_moderator> [<newval>]"
        hits = "Max-Energy-Mute: 1000ms Max-Energy-Hit-Trigger 3\n"
        answers = {
            "energy 1": "Energy 1 = 100\n",
            "energy 1 300": "Energy 1 = 300\n",
            "energy 1 down": "Energy 1 = 100\n",
            "energy 1 loud": usage,
            "auto-energy 1 400": "1 = Auto-Energy: 400 Energy: 100\n",
            "auto-energy 1 up": "1 = Auto-Energy: 600 Energy: 100\n",
            "energy 1 700": "Energy 1 = 700\n"
            "Auto-Energy level exceeded, Auto-Energy mode disabled\n",
            "auto-energy 1": "1 = Auto-Energy: 0 Energy: 700\n",
            "max-energy 1 9000:1000:3": f"1 = Max-Energy: 9000 Energy: 700 {hits}",
            "max-energy 1 600": "-ERR 1 Max-Energy cannot exceed energy level.\n"
            f"1 = Max-Energy: 0 Energy: 700 {hits}",
            "max-energy 1 9000:soon": "max-energy <member_id|all|last|non_moderator> [<newval>]",
            "agc 1 on": "Agc 1 = 1100\n",
            "agc 1 down": "Agc 1 = 900\n",
            "agc 1 off": "Agc 1 = 0\n",
            "volume_in 1 2": "+OK Volume IN 1 = 2\n",
            "volume_in 1 up": "+OK Volume IN 1 = 3\n",
            "volume_out 1 -9": "+OK Volume OUT 1 = -4\n",
            "volume_out 1": "+OK Volume OUT 1 = -4\n",
            "mute 1": "+OK mute 1\n",
            "tmute 1": "+OK unmute 1\n",
            "unmute 1 quiet": "+OK unmute 1\n",
            "deaf 1": "+OK deaf 1\n",
            "undeaf 1": "+OK undeaf 1\n",
            "hold 1": "+OK hold 1\n",
            "unhold 1": "+OK unhold 1\n",
            "dtmf 1 12#": "+OK sent 12# to 1\n",
            "dtmf 1 hello": "-ERR Invalid input!\n",
            "dtmf 1": "-ERR Invalid input!\n",
            "get-uuid 1": one.uuid,
            "floor 1": "+OK floor none\n",
        }
        for words, answer in answers.items():
            assert await b.say(f"3000 {words}") == answer
        assert "digits 12# 250" in verbs(one)
        await b.after(0.1)
        assert b.mixer.floor is None
        assert await b.say("3000 floor 1") == "+OK floor 1\n"
        assert (await b.say("3000 position 1 1:0:0")).startswith("-ERR Positional audio")
        assert await b.say("3000 hup 1") == "+OK hup 1\n"
        await b.ended(one, within=5)


async def test_the_floor_is_not_taken_from_another(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.call("3000", script="hangup@9")
        b.call("3000", script="hangup@9")
        await b.after(1)
        assert await b.say("3000 floor 2") == "-ERR floor is held by 1\n"


async def test_a_member_of_a_stereo_room_is_put_somewhere(tmp_path: Path) -> None:
    async with hall(tmp_path, channels="2") as b:
        one = b.call("3000", script="hangup@9")
        two = b.call("3000+flags{no-positional}", script="hangup@9")
        await b.after(1)
        assert await b.say("3000 position 1 -0.5:1") == "+OK Position 1 = -0.50:1.00:0.00\n"
        assert b.mixer.members[one.media.id].pan == -0.5
        assert await b.say("3000 position 1 a:b") == "-ERR invalid input!\n"
        answer = f"-ERR {two.channel.name} has positional audio blocked.\n"
        assert await b.say("3000 position 2 1:0:0") == answer
