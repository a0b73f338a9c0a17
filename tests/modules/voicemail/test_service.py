from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from softswitch.modules.voicemail import service
from softswitch.modules.voicemail.settings import Profile
from tests.modules.voicemail.support import office


async def test_profiles_have_databases_of_their_own(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        found = o.service
        assert list(found.profiles) == ["default"]
        assert found.profile("") == found.profile("default")
        assert found.profile("nosuch") is None
        other = Profile("other/../x")
        first, second = await asyncio.gather(found.store(other), found.store(other))
        assert first is second
        assert (tmp_path / "db/voicemail_other_.._x.db").exists()


async def test_what_is_protected_is_done_for_one_who_leaves(tmp_path: Path) -> None:
    done: list[str] = []

    async def slow() -> str:
        await asyncio.sleep(1)
        done.append("yes")
        return "result"

    async with office(tmp_path) as o:
        assert await o.service.protect(slow()) == "result"
        task = o.bench.switch.loop.create_task(o.service.protect(slow()))
        await asyncio.sleep(0.5)
        task.cancel()
        await asyncio.sleep(1)
        assert task.cancelled()
        assert done == ["yes", "yes"]


@pytest.mark.parametrize(("extension", "needed"), [("wav", []), ("mp3", ["soundfile"])])
async def test_what_decodes_messages_is_there_before_the_first_where_wav_is_not_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extension: str, needed: list[str]
) -> None:
    imported: list[str] = []
    monkeypatch.setattr(service, "import_module", imported.append)
    async with office(tmp_path, settings=f'<param name="file-extension" value="{extension}"/>'):
        await asyncio.sleep(1)
        assert imported == needed
