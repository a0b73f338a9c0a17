from __future__ import annotations

from pathlib import Path

from tests.modules.conference.support import hall


async def test_figures_are_read_and_changed(tmp_path: Path) -> None:
    async with hall(tmp_path, conference_flags="wait-mod", sound_prefix=str(tmp_path)) as b:
        b.call("3000", script="hangup@60")
        b.call("3000+flags{ghost}", script="hangup@60")
        await b.after(5)
        answers = [
            ("count", "1"),
            ("get count", "1"),
            ("get count_ghosts", "1"),
            ("get run_time", "5"),
            ("get max_members", "0"),
            ("get rate", "8000"),
            ("get profile_name", "default"),
            ("get sound_prefix", str(tmp_path)),
            ("get is_locked", ""),
            ("get wait_mod", "true"),
            ("get uuid", b.room.uuid),
            ("set max_members 5", "0"),
            ("get max_members", "5"),
            ("set endconference_grace_time 9", "0"),
            ("set caller_id_name Room", ""),
            ("set caller_id_number 5", ""),
            ("get caller_id_name", "Room"),
            ("set sound_prefix /x", str(tmp_path)),
            ("get colour", "get <parameter-name>"),
        ]
        for words, answer in answers:
            assert await b.say(f"3000 {words}") == answer, words
        assert (b.room.grace_time, b.room.caller_id_number) == (9, "5")
        for words in ("set", "set rate 8", "set max_members many", "get"):
            assert (await b.say(f"3000 {words}")).startswith(("get <", "set <"))
