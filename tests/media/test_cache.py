"""Decoded files that are kept."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from softswitch.media.cache import DecodedCache
from softswitch.media.interface import NativeSource
from softswitch.media.source import DecodedFile, SourceError
from tests.support.sounds import FakeSource


class Decoder:
    """Counts how often it decodes; waits for leave where a test wants that."""

    def __init__(self, size: int = 100) -> None:
        self.size = size
        self.count = 0
        self.leave = threading.Event()
        self.leave.set()

    def __call__(self, path: Path) -> tuple[bytes, int]:
        self.count += 1
        assert self.leave.wait(5)
        if path.name == "bad":
            raise SourceError(path, "it is bad.")
        return bytes(self.size), 8000


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as executor:
        yield executor


def open_buffer(samples: bytes, rate: int) -> NativeSource:
    return FakeSource("buffer", len(samples) * 500 // rate)


def make(executor: ThreadPoolExecutor, limit: int = 1000) -> DecodedCache:
    return DecodedCache(asyncio.get_running_loop(), executor, open_buffer, limit)


async def test_a_thousand_callers_decode_a_file_once(executor: ThreadPoolExecutor) -> None:
    cache, decoder = make(executor), Decoder()
    file = DecodedFile(Path("a"), (1, 1), decoder)
    sources = await asyncio.gather(*(cache.open(file) for _ in range(1000)))
    assert decoder.count == 1
    assert all(source is sources[0] for source in sources)
    assert await cache.open(file) is sources[0]


async def test_a_changed_file_is_decoded_anew_and_the_old_one_dropped(
    executor: ThreadPoolExecutor,
) -> None:
    cache, decoder = make(executor), Decoder()
    first = await cache.open(DecodedFile(Path("a"), (1, 1), decoder))
    assert await cache.open(DecodedFile(Path("a"), (2, 1), decoder)) is not first
    assert (decoder.count, len(cache), cache.bytes) == (2, 1, 100)


async def test_the_longest_unused_go_when_the_bytes_are_too_many(
    executor: ThreadPoolExecutor,
) -> None:
    cache, decoder = make(executor, limit=250), Decoder()
    files = [DecodedFile(Path(name), (1, 1), decoder) for name in "abc"]
    for file in (files[0], files[1], files[0], files[2]):
        await cache.open(file)
    assert (decoder.count, cache.bytes, len(cache)) == (3, 200, 2)
    await cache.open(files[0])
    assert decoder.count == 3
    await cache.open(files[1])
    assert decoder.count == 4


async def test_a_file_beyond_the_limit_is_played_but_not_kept(
    executor: ThreadPoolExecutor,
) -> None:
    cache = make(executor, limit=50)
    source = await cache.open(DecodedFile(Path("a"), (1, 1), Decoder()))
    assert source.milliseconds == 6
    assert (len(cache), cache.bytes) == (0, 0)


async def test_a_caller_who_leaves_does_not_spoil_it_for_the_others(
    executor: ThreadPoolExecutor,
) -> None:
    cache, decoder = make(executor), Decoder()
    decoder.leave.clear()
    file = DecodedFile(Path("a"), (1, 1), decoder)
    leaver = asyncio.get_running_loop().create_task(cache.open(file))
    stayer = asyncio.get_running_loop().create_task(cache.open(file))
    await asyncio.sleep(0)
    leaver.cancel()
    await asyncio.sleep(0)
    decoder.leave.set()
    assert (await stayer).milliseconds == 6
    assert leaver.cancelled() and decoder.count == 1


async def test_a_failure_is_told_to_all_who_wait_and_not_kept(
    executor: ThreadPoolExecutor,
) -> None:
    cache, decoder = make(executor), Decoder()
    file = DecodedFile(Path("bad"), (1, 1), decoder)
    results = await asyncio.gather(cache.open(file), cache.open(file), return_exceptions=True)
    assert all(isinstance(result, SourceError) for result in results)
    with pytest.raises(SourceError):
        await cache.open(file)
    assert decoder.count == 2 and len(cache) == 0
