from __future__ import annotations

from pathlib import Path

import pytest

from softswitch import registry
from softswitch.media.source import SourceError
from tests.modules.http_cache.test_cache import Library, library
from tests.support.audio import tone, write_wav
from tests.support.switch import bench

__all__ = ["library"]


async def test_files_of_web_servers_are_played_and_commanded(
    tmp_path: Path, library: Library
) -> None:
    registry.discover("softswitch.modules")
    write_wav(tmp_path / "a.wav", tone(440, 300))
    library.body = (tmp_path / "a.wav").read_bytes()
    url = f"{library.url}/a.wav"
    async with bench(tmp_path / "switch") as b:
        run, engine = b.switch.run_command, b.switch.engine
        assert "not loaded" in await run(f"http_get {url}")
        assert await b.switch.modules.load("mod_http_cache") is None
        source = await engine.open_source(url)
        assert source.milliseconds == 300
        assert (await engine.open_source(f"http_cache://{url}")).milliseconds == 300
        assert (await engine.open_source(f"file_string://{url}!{url}")).milliseconds == 600
        assert len(library.asked) == 1
        path = await run(f"http_get {url}")
        assert path.endswith(".wav") and await run(f"http_tryget {url}") == path
        assert await run(f"http_remove_cache {url}") == "+OK\n"
        assert await run(f"http_tryget {url}") == "-ERR not cached\n"
        assert await run(f"http_prefetch {url}") == "+OK\n"
        assert await run(f"http_get {url}") == path
        assert await run(f"http_put {library.url}/up {tmp_path}/a.wav") == "+OK\n"
        assert await run("http_clear_cache") == "+OK\n"
        library.status = 404
        assert (await run(f"http_get {url}")).startswith("-ERR ")
        with pytest.raises(SourceError, match="answers 404"):
            await engine.open_source("{auth_username=a,auth_password=b}" + url)
        assert library.asked[-1][2]["Authorization"].startswith("Basic ")
        for line in ("http_get", "http_tryget", "http_prefetch", "http_put x"):
            assert (await run(line)).startswith("-USAGE")
        assert await b.switch.modules.unload("mod_http_cache") is None
        with pytest.raises(SourceError):
            await engine.open_source(url)
