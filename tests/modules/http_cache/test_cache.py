from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from softswitch.modules.http_cache.cache import FetchError, HttpCache
from softswitch.modules.http_cache.settings import HttpCacheSettings


class Library:
    """A web server that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.headers = {"Cache-Control": "max-age=60", "ETag": '"one"'}
        self.body = b"sound"
        self.status = 200
        self.url = ""

    async def serve(self, request: web.Request) -> web.Response:
        self.asked.append((request.method, request.path, dict(request.headers)))
        if request.method == "PUT":
            self.body = await request.read()
            return web.Response(status=self.status)
        if self.status == 200 and request.headers.get("If-None-Match") == self.headers.get("ETag"):
            return web.Response(status=304, headers=self.headers)
        body = self.body if self.status == 200 else b"no"
        headers = {**self.headers, "Content-Type": "audio/mpeg"}
        return web.Response(status=self.status, body=body, headers=headers)


@pytest.fixture
async def library() -> AsyncIterator[Library]:
    library = Library()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", library.serve)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    library.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield library
    await runner.cleanup()


@pytest.fixture
async def cache(tmp_path: Path) -> AsyncIterator[HttpCache]:
    cache = HttpCache(tmp_path / "cache", HttpCacheSettings(max_urls=2))
    yield cache
    await cache.close()


async def test_a_file_is_fetched_once_for_all_who_ask(library: Library, cache: HttpCache) -> None:
    url = f"{library.url}/a.wav"
    paths = await asyncio.gather(*(cache.get(url) for _ in range(20)))
    assert len(set(paths)) == 1 and len(library.asked) == 1
    assert paths[0].suffix == ".wav" and paths[0].read_bytes() == b"sound"
    assert await cache.get(url) == cache.known(url) == paths[0]
    assert len(library.asked) == 1 and cache.busy == 0


async def test_an_old_copy_is_asked_about(library: Library, cache: HttpCache) -> None:
    library.headers["Cache-Control"] = "no-cache"
    url = f"{library.url}/prompt"
    path = await cache.get(url)
    assert path.suffix == ".mp3", "by its type"
    assert cache.known(url) is None
    assert await cache.get(url) == path
    assert library.asked[1][2]["If-None-Match"] == '"one"'
    library.headers["ETag"], library.body = '"two"', b"other sound"
    assert (await cache.get(url)).read_bytes() == b"other sound"
    library.status = 500
    assert (await cache.get(url)).read_bytes() == b"other sound", "better old than none"


async def test_what_cannot_be_had_is_told(library: Library, cache: HttpCache) -> None:
    library.status = 404
    with pytest.raises(FetchError, match="answers 404"):
        await cache.get(f"{library.url}/none.wav")
    with pytest.raises(FetchError, match=r"127\.0\.0\.1"):
        await cache.get("http://127.0.0.1:9/x.wav")
    with pytest.raises(FetchError):
        await cache.get("http://[nonsense/x.wav")


async def test_the_longest_unused_go_first(library: Library, cache: HttpCache) -> None:
    for name in "aba":
        await cache.get(f"{library.url}/{name}.wav")
    await cache.get(f"{library.url}/c.wav")
    assert len(cache) == 2
    assert cache.known(f"{library.url}/b.wav") is None
    assert cache.known(f"{library.url}/a.wav") is not None
    assert cache.remove(f"{library.url}/a.wav") and not cache.remove(f"{library.url}/a.wav")
    assert cache.clear() == 1


async def test_a_file_is_sent(library: Library, cache: HttpCache, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"recorded")
    await cache.put(f"{library.url}/up.wav", tmp_path / "a.wav")
    assert (library.asked[0][:2], library.body) == (("PUT", "/up.wav"), b"recorded")
    with pytest.raises(FetchError):
        await cache.put(f"{library.url}/up.wav", tmp_path / "none.wav")
    library.status = 403
    with pytest.raises(FetchError, match="answers 403"):
        await cache.put(f"{library.url}/up.wav", tmp_path / "a.wav")
