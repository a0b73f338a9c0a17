from __future__ import annotations

import stat
from pathlib import Path

import pytest

from softswitch.config.errors import ConfigurationErrors
from softswitch.modules.xml_curl import documents
from softswitch.modules.xml_curl.documents import Documents
from tests.support.portal import document
from tests.support.switch import bench


def answer(text: str) -> bytes:
    return document("dialplan", f'<context name="{text}"/>').encode()


async def test_an_equal_answer_is_the_same_element(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        kept = Documents(b.switch)
        first = await kept.read(answer("a"), "portal")
        assert await kept.read(answer("a"), "portal") is first
        assert await kept.read(answer("b"), "portal") is not first
        assert "2 kept" in repr(kept)


async def test_what_depends_on_variables_is_read_each_time(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        kept = Documents(b.switch)
        names = []
        for b.switch.globals["colour"] in ("red", "blue"):
            root = await kept.read(answer("$${colour}"), "portal")
            names.append(root.children[0].children[0].get("name"))
        assert names == ["red", "blue"]


async def test_what_is_kept_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_BYTES", 3 * len(answer("0")))
    async with bench(tmp_path) as b:
        kept = Documents(b.switch)
        first = await kept.read(answer("0"), "portal")
        for number in range(1, 5):
            await kept.read(answer(str(number)), "portal")
        assert "3 kept" in repr(kept)
        assert await kept.read(answer("0"), "portal") is not first


async def test_answers_are_written_for_a_person_to_read(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        kept = Documents(b.switch)
        kept.folder = tmp_path / "answers"
        await kept.read(answer("a"), "portal")
        with pytest.raises(ConfigurationErrors):
            await kept.read(b"garbage", "portal")
        files = list(kept.folder.iterdir())
        assert sorted(path.read_bytes() for path in files) == sorted([answer("a"), b"garbage"])
        assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)
