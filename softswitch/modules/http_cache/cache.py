"""Copies of files of web servers: fetched once for all who ask, asked about when they are old."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import aiohttp

from softswitch.modules.http_cache.freshness import lifetime
from softswitch.modules.http_cache.settings import HttpCacheSettings

log = logging.getLogger(__name__)

MOST_BYTES = 256 * 1024 * 1024
"""Of one file."""
_BLOCK = 64 * 1024
_EXTENSIONS = {
    "audio/mpeg": ".mp3",
    "audio/mp3": ".mp3",
    "audio/ogg": ".ogg",
    "audio/opus": ".opus",
    "audio/flac": ".flac",
    "audio/x-flac": ".flac",
    "audio/basic": ".au",
    "audio/aiff": ".aiff",
}


class FetchError(OSError):
    """A file cannot be had; the message is a sentence."""


@dataclass(slots=True)
class Copy:
    """A file that was fetched."""

    path: Path
    fresh_until: float
    etag: str = ""
    modified: str = ""


class HttpCache:
    """The copies of one folder. The longest unused go first."""

    def __init__(self, folder: Path, settings: HttpCacheSettings) -> None:
        self.folder = folder
        self._settings = settings
        self._copies: OrderedDict[str, Copy] = OrderedDict()
        self._fetching: dict[str, asyncio.Future[Path]] = {}
        self._client: aiohttp.ClientSession | None = None

    def __len__(self) -> int:
        return len(self._copies)

    def __repr__(self) -> str:
        return f"<HttpCache {len(self)} files in {self.folder}>"

    async def get(self, url: str, authorization: str = "") -> Path:
        """A copy that is as good as the server's. Raises `FetchError` where there is none.

        An old copy is used while the server cannot be asked.
        """
        copy = self._copies.get(url)
        if copy is not None and copy.fresh_until > time.time():
            self._copies.move_to_end(url)
            return copy.path
        fetching = self._fetching.get(url)
        if fetching is None:
            loop = asyncio.get_running_loop()
            fetching = loop.create_task(self._fetch(url, copy, authorization), name=f"fetch {url}")
            self._fetching[url] = fetching
            fetching.add_done_callback(lambda done: self._fetched(url, done))
        # A caller who hangs up must not spoil it for the others.
        return await asyncio.shield(fetching)

    def known(self, url: str) -> Path | None:
        """A copy that is there already and fresh."""
        copy = self._copies.get(url)
        return copy.path if copy is not None and copy.fresh_until > time.time() else None

    @property
    def busy(self) -> int:
        """How many files are being fetched."""
        return len(self._fetching)

    async def put(self, url: str, path: Path) -> None:
        """Send a file to a server. Raises `FetchError`."""
        try:
            data = await asyncio.get_running_loop().run_in_executor(None, path.read_bytes)
            async with self._open().put(url, data=data) as answer:
                if answer.status >= 300:
                    raise FetchError(f"{url} answers {answer.status} {answer.reason}")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _explained(url, error) from None

    def remove(self, url: str) -> bool:
        """Forget a copy; False where there is none."""
        copy = self._copies.pop(url, None)
        if copy is not None:
            asyncio.get_running_loop().run_in_executor(None, copy.path.unlink, True)
        return copy is not None

    def clear(self) -> int:
        """Forget all copies; how many there were."""
        urls = list(self._copies)
        for url in urls:
            self.remove(url)
        return len(urls)

    async def close(self) -> None:
        """End what is being fetched."""
        for fetching in list(self._fetching.values()):
            fetching.cancel()
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _fetch(self, url: str, copy: Copy | None, authorization: str) -> Path:
        headers = {}
        if copy is not None:
            headers = {"If-None-Match": copy.etag, "If-Modified-Since": copy.modified}
            headers = {name: value for name, value in headers.items() if value}
        if authorization:
            headers["Authorization"] = authorization
        try:
            async with self._open().get(url, headers=headers) as answer:
                if answer.status == 304 and copy is not None:
                    copy.fresh_until = time.time() + self._lifetime(answer)
                    return copy.path
                if answer.status != 200:
                    raise FetchError(f"{url} answers {answer.status} {answer.reason}")
                path = await self._save(url, answer)
                self._keep(url, path, answer)
                return path
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            explained = _explained(url, error)
            if copy is not None:
                log.warning("%s: an old copy is used", explained)
                return copy.path
            raise explained from None

    async def _save(self, url: str, answer: aiohttp.ClientResponse) -> Path:
        """Write the body into a file of its own, which gets its name when it is whole."""
        loop = asyncio.get_running_loop()
        suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
        if not suffix or not suffix[1:].isalnum() or len(suffix) > 8:
            suffix = _EXTENSIONS.get(answer.content_type, ".wav")
        path = self.folder / f"{sha256(url.encode()).hexdigest()[:32]}{suffix}"
        part = path.with_name(f"{path.name}.{time.monotonic_ns():x}.part")
        await loop.run_in_executor(None, lambda: self.folder.mkdir(parents=True, exist_ok=True))
        size = 0
        try:
            file = await loop.run_in_executor(None, part.open, "wb")
            try:
                async for block in answer.content.iter_chunked(_BLOCK):
                    size += len(block)
                    if size > MOST_BYTES:
                        raise FetchError(f"{url} is longer than {MOST_BYTES} bytes")
                    await loop.run_in_executor(None, file.write, block)
            finally:
                await loop.run_in_executor(None, file.close)
            await loop.run_in_executor(None, os.replace, part, path)
        except BaseException:
            loop.run_in_executor(None, part.unlink, True)
            raise
        return path

    def _keep(self, url: str, path: Path, answer: aiohttp.ClientResponse) -> None:
        self._copies[url] = Copy(
            path,
            time.time() + self._lifetime(answer),
            answer.headers.get("ETag", ""),
            answer.headers.get("Last-Modified", ""),
        )
        self._copies.move_to_end(url)
        while len(self._copies) > self._settings.max_urls:
            self.remove(next(iter(self._copies)))

    def _lifetime(self, answer: aiohttp.ClientResponse) -> float:
        return lifetime(answer.headers, time.time(), self._settings.default_max_age)

    def _fetched(self, url: str, done: asyncio.Future[Path]) -> None:
        self._fetching.pop(url, None)
        if not done.cancelled():
            # Nobody may be left who waits for it.
            done.exception()

    def _open(self) -> aiohttp.ClientSession:
        if self._client is None:
            settings = self._settings
            timeout = aiohttp.ClientTimeout(
                total=settings.download_timeout, connect=settings.connect_timeout
            )
            connector = aiohttp.TCPConnector(ssl=bool(settings.ssl_verifypeer))
            self._client = aiohttp.ClientSession(timeout=timeout, connector=connector)
        return self._client


def _explained(url: str, error: Exception) -> FetchError:
    if isinstance(error, FetchError):
        return error
    if isinstance(error, TimeoutError):
        return FetchError(f"{url} does not answer in time")
    return FetchError(f"{url}: {str(error) or type(error).__name__}")
