"""The module ``mod_http_cache``: plays files of web servers and keeps copies of them."""

from __future__ import annotations

import contextlib
import shutil
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.media.source import FileRequest, SourceError
from softswitch.modules.http_cache import command
from softswitch.modules.http_cache.cache import FetchError, HttpCache
from softswitch.modules.http_cache.settings import HttpCacheSettings, read_settings
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

SCHEMES = ("http", "https", "http_cache")


@module(command.MODULE.name, settings=HttpCacheSettings)
class HttpFiles:
    """Opens ``http://``, ``https://`` and ``http_cache://``."""

    def __init__(self) -> None:
        self.cache: HttpCache | None = None
        self._switch: Switch | None = None
        self._settings = HttpCacheSettings()

    async def start(self, switch: Switch) -> None:
        """Begin with an empty folder: what its files were is known to nobody any more."""
        self._switch = switch
        self._settings, _ = read_settings(switch.generation.configuration)
        parent = Path(switch.globals.get("cache_dir") or switch.folders.data / "cache")
        folder = Path(self._settings.location or parent / "http_file_cache")
        await switch.loop.run_in_executor(None, lambda: shutil.rmtree(folder, ignore_errors=True))
        self.cache = HttpCache(folder, self._settings)
        for scheme in SCHEMES:
            switch.engine.openers[scheme] = self.open

    async def stop(self) -> None:
        """Fetch nothing more."""
        if self._switch is not None:
            for scheme in SCHEMES:
                self._switch.engine.openers.pop(scheme, None)
        if self.cache is not None:
            await self.cache.close()

    async def open(self, request: FileRequest) -> Path:
        """A copy of what the URL names. Raises `SourceError`."""
        asked = request.specification
        url = asked.body if asked.scheme == "http_cache" else f"{asked.scheme}://{asked.body}"
        user = asked.parameters.get("auth_username")
        authorization = ""
        if user:
            pair = f"{user}:{asked.parameters.get('auth_password', '')}"
            authorization = f"Basic {b64encode(pair.encode()).decode()}"
        assert self.cache is not None, "it was started"
        try:
            return await self.cache.get(url, authorization)
        except FetchError as error:
            raise SourceError(asked, f"{error}.") from None

    def prefetch(self, url: str) -> bool:
        """Begin to fetch; False where too many wait."""
        switch, cache = self._switch, self.cache
        if switch is None or cache is None or cache.busy >= self._settings.prefetch_queue_size:
            return False

        async def fetch() -> None:
            with contextlib.suppress(FetchError):
                await cache.get(url)

        switch.own(switch.loop.create_task(fetch(), name=f"prefetch {url}"))
        return True
