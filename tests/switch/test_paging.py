from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.paging import CHUNK, announce, chunk_size, split_legs
from tests.support.audio import tone, write_wav
from tests.support.switch import bench


@pytest.mark.parametrize(
    ("text", "legs"),
    [
        ("user/1,user/2", ["user/1", "user/2"]),
        ("[a=1,b=2]user/1, {c=3,d=4}user/2 ,", ["[a=1,b=2]user/1", "{c=3,d=4}user/2"]),
        ("", []),
        (" , ", []),
    ],
)
def test_legs_are_parted_at_commas_outside_of_brackets(text: str, legs: list[str]) -> None:
    assert split_legs(text) == legs


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("3", 3),
        ("", CHUNK),
        (None, CHUNK),
        ("0", CHUNK),
        ("-1", CHUNK),
        ("1000", CHUNK),
        ("x", CHUNK),
    ],
)
def test_how_many_are_called_at_a_time(text: str | None, size: int) -> None:
    assert chunk_size(text) == size


async def test_the_next_are_called_when_all_of_the_first_are_done(tmp_path: Path) -> None:
    write_wav(tmp_path / "x.wav", tone(440, 500))
    async with bench(tmp_path) as b:
        b.script("one", "answer@1")
        b.script("two", "hangup:USER_BUSY@3")
        b.script("three", "answer@1")
        legs = ["test/one", "test/two", "test/three"]
        begun = b.switch.loop.time()
        await announce(b.switch, tmp_path / "x.wav", legs, 2)
        assert b.switch.loop.time() - begun > 4
        for name in ("one", "three"):
            [played, *_] = b.legs.legs[name].session.application_log
            assert played[:2] == ("playback", str(tmp_path / "x.wav"))


async def test_no_phones_are_no_work(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        await announce(b.switch, tmp_path / "x.wav", [], 2)
        assert not b.legs.legs
