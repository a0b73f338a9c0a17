"""Decoded files kept for the next caller: each is decoded once, however many ask at once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from softswitch.media.interface import NativeSource
from softswitch.media.source import DecodedFile

_Key = tuple[Path, tuple[int, int]]


class DecodedCache:
    """Buffers by file and by what the file was then; the longest unused go first.

    A file larger than the limit is played but not kept. Dropped buffers live on as long as
    somebody plays them.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        executor: Executor,
        open_buffer: Callable[[bytes, int], NativeSource],
        limit: int,
    ) -> None:
        self._loop = loop
        self._executor = executor
        self._open_buffer = open_buffer
        self._limit = limit
        self._kept: OrderedDict[_Key, tuple[NativeSource, int]] = OrderedDict()
        self._decoding: dict[_Key, asyncio.Future[tuple[NativeSource, int]]] = {}
        self.bytes = 0
        """Size of all that is kept."""

    def __len__(self) -> int:
        return len(self._kept)

    def __repr__(self) -> str:
        return f"<DecodedCache {len(self)} files, {self.bytes} of {self._limit} bytes>"

    async def open(self, file: DecodedFile) -> NativeSource:
        """The buffer of a file. Raises what its decoder raises."""
        key = (file.path, file.identity)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][0]
        decoding = self._decoding.get(key)
        if decoding is None:
            decoding = self._loop.run_in_executor(self._executor, self._decode, file)
            self._decoding[key] = decoding
            decoding.add_done_callback(lambda done: self._decoded(key, done))
        # A caller who hangs up must not spoil it for the others.
        source, _ = await asyncio.shield(decoding)
        return source

    def _decode(self, file: DecodedFile) -> tuple[NativeSource, int]:
        samples, rate = file.decode(file.path)
        return self._open_buffer(samples, rate), len(samples)

    def _decoded(self, key: _Key, done: asyncio.Future[tuple[NativeSource, int]]) -> None:
        del self._decoding[key]
        if done.cancelled() or done.exception() is not None:
            return
        source, size = done.result()
        for stale in [other for other in self._kept if other[0] == key[0]]:
            self._drop(stale)
        if size > self._limit:
            return
        self._kept[key] = (source, size)
        self.bytes += size
        while self.bytes > self._limit:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: _Key) -> None:
        self.bytes -= self._kept.pop(key)[1]
