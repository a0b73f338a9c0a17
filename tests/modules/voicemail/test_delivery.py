from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.modules.voicemail.delivery import Letter, copy_to, deliver, remove
from tests.modules.voicemail.support import office
from tests.support.audio import tone, write_wav


def letter(folder: Path) -> Letter:
    path = folder / "draft.wav"
    write_wav(path, tone(440, 2000))
    return Letter("u1", path, 2, "Bob", "3000", 100)


async def test_a_letter_becomes_a_message_and_is_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with office(tmp_path) as o:
        assert await deliver(o.service, await o.box(), letter(tmp_path))
        (message,) = await o.messages()
        assert (message.uuid, message.seconds, message.created) == ("u1", 2, 100)
        (event,) = o.events("leave-message")
        assert "Unique-ID" not in event
        assert o.waiting == ["yes 1/0 NEW"]
        assert "Bob <3000> left a message of 2 s for 1000@example.test" in caplog.text


async def test_a_copy_has_a_file_of_its_own(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        original = letter(tmp_path)
        assert await copy_to(o.service, await o.box("1001"), original)
        (message,) = await o.messages("1001")
        assert message.path.endswith("/1001/msg_u1.wav")
        assert original.path.exists()
        await remove(await o.box("1001"), message)
        assert await o.messages("1001") == []
        assert not (await o.box("1001")).message("u1").exists()


async def test_a_copy_of_what_is_gone_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with office(tmp_path) as o:
        gone = letter(tmp_path)
        gone.path.unlink()
        assert not await copy_to(o.service, await o.box(), gone)
        assert await o.messages() == []
        assert "No such file" in caplog.text
