from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.paging import CHUNK, Page, announce, chunk_size, split_legs
from tests.support.audio import tone, write_wav
from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("text", "legs"),
    [
        ("user/1:_:user/2", ["user/1", "user/2"]),
        ("user/1,user/2", ["user/1,user/2"]),
        ("<a=1,b=2>user/1:_: {c=3}user/2:_:", ["<a=1,b=2>user/1", "<a=1,b=2>{c=3}user/2"]),
        ("<a=1 user/1", ["<a=1 user/1"]),
        ("", []),
        (" :_: ", []),
    ],
)
def test_legs_are_parted_and_share_what_stands_in_front_of_all(text: str, legs: list[str]) -> None:
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


async def test_the_next_is_called_when_one_is_done(tmp_path: Path) -> None:
    write_wav(tmp_path / "x.wav", tone(440, 500))
    async with bench(tmp_path) as b:
        b.script("one", "answer@1")
        b.script("two", "hangup:USER_BUSY@30")
        b.script("three", "answer@1")
        legs = ["test/one", "test/two", "test/three"]
        work = announce(b.switch, Page(tmp_path / "x.wav", legs, 2))
        paging = b.switch.loop.create_task(work)
        await b.after(1.2)
        assert set(b.legs.legs) == {"one", "two"}
        await b.after(3)
        assert set(b.legs.legs) == {"one", "two", "three"}
        await paging
        for name in ("one", "three"):
            [played, *_] = b.legs.legs[name].session.application_log
            assert played[:2] == ("playback", str(tmp_path / "x.wav"))


async def test_those_who_are_called_may_be_sent_elsewhere(tmp_path: Path) -> None:
    write_wav(tmp_path / "x.wav", tone(440, 500))
    route = extension("7", "set heard=${page_file}", "hangup")
    async with bench(tmp_path, route) as b:
        b.script("one", "answer@1")
        b.script("two", "answer@1")
        wishes = {"page_exten": "7", "page_dp": "XML", "page_context": "default"}
        await announce(b.switch, Page.of(tmp_path / "x.wav", ["test/one"], wishes))
        assert b.legs.legs["one"].session.get("heard") == f"{tmp_path}/x.wav"
        inline = {"page_exten": "set:heard=inline,hangup"}
        await announce(b.switch, Page.of(tmp_path / "x.wav", ["test/two"], inline))
        assert b.legs.legs["two"].session.get("heard") == "inline"


async def test_no_phones_are_no_work(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        await announce(b.switch, Page(tmp_path / "x.wav", []))
        assert not b.legs.legs
