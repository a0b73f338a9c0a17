from __future__ import annotations

from pathlib import Path

from tests.modules.voicemail.support import office


async def test_messages_outlive_a_reload_of_the_module(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        await o.put("a")
        assert (tmp_path / "db/voicemail_default.db").exists()
        loader = o.bench.switch.modules
        assert await loader.unload("mod_voicemail") is None
        answer = await o.bench.switch.run_command("vm_boxcount 1000@example.test")
        assert answer == "-ERR mod_voicemail is not loaded\n"
        assert await loader.load("mod_voicemail") is None
        assert await o.bench.switch.run_command("vm_boxcount 1000@example.test") == "1"


async def test_a_database_that_cannot_be_opened_keeps_the_module_out(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        loader = o.bench.switch.modules
        await loader.unload("mod_voicemail")
        (tmp_path / "db/voicemail_default.db").write_bytes(b"no database at all, surely not")
        for extra in ("-wal", "-shm"):
            (tmp_path / f"db/voicemail_default.db{extra}").unlink(missing_ok=True)
        assert "DatabaseError" in str(await loader.load("mod_voicemail"))
