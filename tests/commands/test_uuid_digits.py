from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engine import far_end
from tests.support.switch import bench, extension, verbs


async def test_digits_are_sent_received_and_forgotten(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        uuid, run = session.uuid, b.switch.run_command
        assert await run(f"uuid_send_dtmf {uuid} 12@100") == f"+OK {uuid} sent DTMF 12@100.\n"
        assert "digits 12 100" in verbs(session)
        assert await run(f"uuid_recv_dtmf {uuid} 45") == f"+OK {uuid} received DTMF 45.\n"
        assert len(session.digits) == 2
        assert await run(f"uuid_flush_dtmf {uuid}") == "+OK\n"
        assert await run("uuid_flush_dtmf x") == "-ERR No such session\n"
        assert not session.digits
        assert (await run(f"uuid_send_dtmf {uuid} xyz")).startswith("-ERR ")
        assert (await run(f"uuid_recv_dtmf {uuid} xyz")).startswith("-ERR ")
        session.hangup()
        await b.ended(session)


async def test_uuid_break_ends_a_playback(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "playback silence_stream://-1", "set x=1")) as b:
        session = b.call("1")
        await b.after(1)
        assert await b.switch.run_command(f"break {session.uuid} all") == "+OK\n"
        await b.ended(session, within=0.5)
        assert session.get("x") == "1"


async def test_uuid_broadcast_plays_and_runs(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        run = b.switch.run_command
        answer = await run(f"uuid_broadcast {session.uuid} silence_stream://1000 both")
        assert answer == "+OK Message sent\n"
        await run(f"uuid_broadcast {session.uuid} set::a=1")
        await b.after(0.1)
        assert far_end(session.media).played == ["silence 1000,0"]
        assert session.get("a") is None, "it waits for the file"
        await b.after(1)
        assert session.get("a") == "1"
        assert (await run(f"uuid_broadcast {session.uuid} x noleg")).startswith("-USAGE: ")
        session.hangup()
        await b.ended(session)


@pytest.mark.parametrize(
    ("leg", "setting", "heard"),
    [
        ("", "hold_music=silence_stream://7000", ["silence 7000,0"]),
        (" holdb", "temp_hold_music=silence_stream://7000", ["silence 7000,0"]),
        (" aleg", "hold_music=silence_stream://7000", []),
        ("", "hold_music=silence", []),
        ("", "a=b", []),
    ],
)
async def test_the_partner_of_a_broadcast_hears_hold_music(
    tmp_path: Path, leg: str, setting: str, heard: list[str]
) -> None:
    async with bench(tmp_path, extension("1", f"set {setting}", "bridge test/bob")) as b:
        b.script("bob", "answer@0")
        session = b.call("1")
        await b.after(1)
        peer = b.legs.legs["bob"].session
        await b.switch.run_command(f"uuid_broadcast {session.uuid} silence_stream://1000{leg}")
        await b.after(0.5)
        assert far_end(session.media).played == ["silence 1000,0"]
        assert far_end(peer.media).played == heard
        await b.after(1)
        assert far_end(peer.media).playing is None
        session.hangup()
        await b.ended(session)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("uuid_send_dtmf x 1", "-ERR Cannot locate session!\n"),
        ("uuid_recv_dtmf x 1", "-ERR Cannot locate session!\n"),
        ("uuid_break x", "-ERR No such channel!\n"),
        ("uuid_broadcast x y", "-ERR invalid uuid\n"),
    ],
)
async def test_calls_that_are_not_there_are_told(tmp_path: Path, line: str, answer: str) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(line) == answer
        assert (await b.switch.run_command(line.split()[0])).startswith("-USAGE: ")


async def test_digits_are_kept_from_the_partner(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        run, uuid = b.switch.run_command, session.uuid
        assert await run(f"uuid_drop_dtmf {uuid} on mask_digits d") == (
            f"+OK {uuid} is dropping DTMF. mask_file: NONE mask_digits: d\n"
        )
        assert session.digit_rules.dropped is True
        assert session.get("drop_dtmf_masking_digits") == "d"
        assert "is not dropping DTMF" in await run(f"uuid_drop_dtmf {uuid} off")
        assert session.digit_rules.dropped is False
        for line in (
            "uuid_drop_dtmf",
            f"uuid_drop_dtmf {uuid} maybe",
            f"uuid_drop_dtmf {uuid} on x",
        ):
            assert (await run(line)).startswith("-USAGE"), line
        assert await run("uuid_drop_dtmf no on") == "-ERR No such channel no!\n"
        session.hangup()
        await b.ended(session)
