from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.audio import tone, write_wav
from tests.support.switch import Bench, bench


def heard(b: Bench, name: str) -> list[tuple[str, str]]:
    log = b.legs.legs[name].session.application_log
    return [(application, Path(data).name) for application, data, _ in log]


async def test_a_file_is_played_to_all_who_answer(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        (tmp_path / "sounds").mkdir()
        write_wav(tmp_path / "sounds" / "fire.wav", tone(440, 500))
        b.script("bob", "answer@1")
        b.script("carol", "answer@2")
        b.script("busy", "hangup:USER_BUSY@1")
        answer = await b.switch.run_command(
            "page (page_file=fire.wav)<who=all,x=1>test/bob:_:{y=2}test/carol:_:test/busy"
        )
        assert answer == "+OK 3 to be called\n"
        await b.after(20)
        for name in ("bob", "carol"):
            assert heard(b, name) == [("playback", "fire.wav"), ("hangup", "")]
            assert b.legs.legs[name].session.get("who") == "all"
        assert b.legs.legs["carol"].session.get("y") == "2"
        assert not b.switch.sessions
        assert (tmp_path / "sounds" / "fire.wav").exists()


async def test_phones_are_called_some_at_a_time(tmp_path: Path) -> None:
    write_wav(tmp_path / "fire.wav", tone(440, 500))
    async with bench(tmp_path) as b:
        for name in ("one", "two", "three"):
            b.script(name, "answer@1 hangup@5")
        settings = f"(page_file={tmp_path}/fire.wav,page_chunk_size=2)"
        await b.switch.run_command(f"page {settings}test/one:_:test/two:_:test/three")
        await b.after(1.5)
        assert set(b.legs.legs) == {"one", "two"}
        await b.after(30)
        assert set(b.legs.legs) == {"one", "two", "three"}


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("", "-USAGE: (var1=val1"),
        ("(page_file=x.wav)", "-USAGE: "),
        ("test/bob", "-USAGE: "),
        ("(page_file=none.wav)test/bob", "-ERR there is no file "),
        ("(page_file=/)test/bob", "-ERR there is no file /"),
        ("(page_file=x.wav test/bob", "-ERR ( without its )"),
    ],
)
async def test_what_cannot_be_played_calls_nobody(tmp_path: Path, words: str, answer: str) -> None:
    async with bench(tmp_path) as b:
        assert (await b.switch.run_command(f"page {words}")).startswith(answer)
        await b.after(1)
        assert not b.legs.legs


async def test_a_switch_that_stops_ends_the_page(tmp_path: Path) -> None:
    write_wav(tmp_path / "fire.wav", tone(440, 500))
    async with bench(tmp_path) as b:
        b.script("bob", "ring@1")
        await b.switch.run_command(f"page (page_file={tmp_path}/fire.wav)test/bob")
        await b.after(2)
        assert "bob" in b.legs.legs
