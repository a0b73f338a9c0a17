"""Callers who wait for somebody who is busy."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.support.engine import far_end
from tests.support.switch import bench, extension, verbs

CAMP = ("set campon=true", "set campon_hold_music=silence_stream://-1")


async def test_the_called_party_is_rung_until_it_answers(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", *CAMP, "bridge test/bob")) as b:
        b.script("bob", "hangup:USER_BUSY@1")
        session = b.call("100")
        await b.after(5)
        assert verbs(session) == ["answer"]
        playing = far_end(session.media).playing
        assert playing is not None and playing.loops == -1
        b.script("bob", "answer@1 hangup@9")
        await b.after(8)
        bob = b.legs.legs["bob"].session
        assert session.peer is bob
        assert bob.channel.profile.caller_id_number == "1000"
        assert far_end(session.media).playing is None
        await b.ended(session)


async def test_each_attempt_has_its_own_time(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension(
            "100",
            *CAMP,
            "set campon_timeout=3",
            "set campon_sleep=2",
            "set campon_retries=2",
            "set continue_on_fail=true",
            "bridge test/bob",
            "set went=on",
        ),
    ) as b:
        b.script("bob", "ring@1")
        begun = b.switch.loop.time()
        session = await b.ended(b.call("100"))
        assert b.switch.loop.time() - begun == pytest.approx(8, abs=0.2)
        assert session.get("originate_failed_cause") == "NO_ANSWER"
        assert session.get("went") == "on"


@pytest.mark.parametrize(
    ("actions", "script"),
    [
        (["set campon_stop_key=5"], "digit:95@3"),
        (["set campon_stop_key=5", "set campon_announce_sound=silence_stream://9000"], "digit:5@3"),
        (["set campon_retries=1"], ""),
        (["set campon_hold_music=silence", "set campon_stop_key=5"], "digit:5@3"),
        (["set campon_hold_music=/nowhere/x.wav", "set campon_stop_key=5"], "digit:5@3"),
    ],
)
async def test_who_gives_up_goes_elsewhere(tmp_path: Path, actions: list[str], script: str) -> None:
    fallback = "set campon_fallback_exten=200"
    async with bench(
        tmp_path,
        extension("100", *CAMP, *actions, fallback, "bridge test/bob"),
        extension("200", "park"),
    ) as b:
        b.script("bob", "ring@1")
        session = b.call("100", script=script)
        await b.after(5 if script else 11)
        assert session.channel.profile.destination_number == "200"
        bob = b.legs.legs["bob"].session
        assert not bob.channel.up
        session.hangup()


async def test_a_caller_who_leaves_ends_the_attempt(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", *CAMP, "bridge test/bob")) as b:
        b.script("bob", "ring@1")
        await b.ended(b.call("100", script="hangup@3"))
        await b.after(1)
        assert b.legs.legs["bob"].cause is HangupCause.ORIGINATOR_CANCEL
