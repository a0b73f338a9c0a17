from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.broadcast import broadcast
from softswitch.switch.causes import HangupCause
from tests.support.engine import far_end
from tests.support.switch import bench, extension


async def test_a_broadcast_plays_beside_what_the_call_does(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "sleep 5000", "set after=yes")) as b:
        session = b.call("1")
        await b.after(1)
        broadcast(session, "silence_stream://1000")
        await b.after(0.5)
        assert far_end(session.media).played == ["silence 1000,0"]
        await b.ended(session, within=5)
        assert session.get("after") == "yes"
        assert not session.watchers


@pytest.mark.parametrize(
    ("leg", "heard"),
    [("aleg", (True, False)), ("bleg", (False, True)), ("both", (True, True))],
)
async def test_a_broadcast_reaches_the_legs_it_is_for(
    tmp_path: Path, leg: str, heard: tuple[bool, bool]
) -> None:
    async with bench(tmp_path, extension("1", "bridge test/bob")) as b:
        b.script("bob", "answer@1")
        session = b.call("1")
        await b.after(2)
        peer = session.peer
        assert peer is not None
        broadcast(session, "silence_stream://1000", leg)
        await b.after(0.5)
        played = tuple(bool(far_end(one.media).played) for one in (session, peer))
        assert played == heard
        session.hangup()
        await b.ended(session)


async def test_the_other_leg_may_hear_music_meanwhile(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "bridge test/bob")) as b:
        b.script("bob", "answer@1")
        session = b.call("1")
        await b.after(2)
        peer = session.peer
        assert peer is not None
        peer.set("hold_music", "silence_stream://100")
        broadcast(session, "silence_stream://2000", "holdb")
        await b.after(1)
        playing = far_end(peer.media).playing
        assert playing is not None and playing.loops == -1
        await b.after(1.5)
        assert far_end(peer.media).playing is None
        session.hangup()
        await b.ended(session)


@pytest.mark.parametrize(
    ("word", "cause"),
    [("USER_BUSY", HangupCause.USER_BUSY), ("", HangupCause.NORMAL_CLEARING)],
)
async def test_a_broadcast_may_run_an_application_and_hang_up(
    tmp_path: Path, word: str, cause: HangupCause
) -> None:
    async with bench(tmp_path, extension("1", "answer", "sleep 5000")) as b:
        session = b.call("1")
        await b.after(1)
        broadcast(session, f"set!{word}::x=1 2")
        await b.ended(session, within=0.5)
        assert session.get("x") == "1 2"
        assert session.channel.hangup_cause is cause


@pytest.mark.parametrize(
    ("command", "played"), [("", 1), ("uuid_break {}", 2), ("uuid_break {} all", 1)]
)
async def test_broadcasts_play_one_after_the_other(
    tmp_path: Path, command: str, played: int
) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(1)
        for milliseconds in (2000, 3000):
            broadcast(session, f"silence_stream://{milliseconds}")
        await b.after(1)
        if command:
            await b.switch.run_command(command.format(session.uuid))
            await b.after(0.1)
        heard = ["silence 2000,0", "silence 3000,0"]
        assert far_end(session.media).played == heard[:played]
        await b.after(4.5)
        assert far_end(session.media).played == (heard[:1] if "all" in command else heard)
        assert session.broadcasts == ()
        session.hangup()
        await b.ended(session)


async def test_a_break_ends_the_broadcast_and_not_what_it_plays_over(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "sleep 5000", "set after=yes")) as b:
        session = b.call("1")
        await b.after(1)
        broadcast(session, "silence_stream://-1")
        await b.after(1)
        command = f"uuid_break {session.uuid}"
        assert await b.switch.run_command(command) == "+OK\n"
        await b.after(0.1)
        assert session.broadcasts == ()
        assert session.get("after") is None
        assert await b.switch.run_command(command) == "+OK\n"
        await b.ended(session, within=0.5)
        assert session.get("after") == "yes"


async def test_a_hangup_ends_all_broadcasts(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "sleep 5000")) as b:
        session = b.call("1")
        await b.after(1)
        for _ in range(3):
            broadcast(session, "silence_stream://-1")
        await b.after(1)
        session.hangup()
        await b.ended(session, within=0.5)
        assert b.switch.tasks == 0
        assert session.broadcasts == ()


async def test_a_hangup_ends_the_broadcast(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "sleep 5000")) as b:
        session = b.call("1")
        await b.after(1)
        broadcast(session, "silence_stream://-1")
        await b.after(1)
        session.hangup()
        await b.ended(session, within=0.5)
        assert b.switch.tasks == 0
