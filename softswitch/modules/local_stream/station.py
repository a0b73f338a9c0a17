"""A station: its program goes on with the clock, and is decoded only while somebody listens."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from softswitch.media.interface import NativeLive, NativeSource
from softswitch.modules.local_stream.program import BLOCK_MS, Block, blocks, duration
from softswitch.modules.local_stream.settings import StationSettings

log = logging.getLogger(__name__)

AHEAD_SECONDS = 1.0
"""How far the program is written in front of the clock."""
LINGER_SECONDS = 5.0
"""How long it is decoded for nobody."""
MOST_SKIPPED = 60.0
"""So many seconds that nobody heard are passed over by decoding them. Where the program would be
after a night nobody can tell, and its first listener must not wait for the night to be decoded."""


class Station:
    """One ``local_stream://<name>``. Threads are begun and ended by who listens."""

    def __init__(
        self, name: str, settings: StationSettings, live: NativeLive, sounds: Path
    ) -> None:
        self.name = name
        self.settings = settings
        self.stopped = False
        self._live = live
        self._sounds = sounds
        self._lock = threading.Lock()
        """Held for a moment, since the loop takes it as well."""
        self._decoding = threading.Lock()
        """Held as long as decoding takes, by threads alone."""
        self._thread: threading.Thread | None = None
        self._program = self._begin()
        self._began = time.monotonic()
        self._written = 0.0
        """Seconds of the program that passed since `_began`."""
        self._wanted = threading.Event()

    def __repr__(self) -> str:
        return f"<Station {self.name} {self.settings.path}, {self.listeners} listeners>"

    @property
    def listeners(self) -> int:
        """How many hear it now."""
        return self._live.listeners

    def prepare(self) -> None:
        """Decode the beginning: whoever listens first is not to wait for imports. May block."""
        with self._decoding:
            program = self._program
            first = next(program)
            with self._lock:
                if self._program is program:
                    self._program = chain((first,), program)

    def listen(self) -> NativeSource:
        """What plays it from now on."""
        with self._lock:
            self._wanted.set()
            if self._thread is None and not self.stopped:
                self._thread = threading.Thread(
                    target=self._run, name=f"local_stream {self.name}", daemon=True
                )
                self._thread.start()
        return self._live.source()

    def restart(self) -> None:
        """Begin anew with the files that are there now."""
        with self._lock:
            self._program = self._begin()

    def close(self) -> None:
        """Nothing more is heard. Idempotent."""
        self.stopped = True
        self._wanted.set()
        self._live.close()
        thread = self._thread
        if thread is not None:
            thread.join(timeout=2 * BLOCK_MS / 1000 + AHEAD_SECONDS)

    def _begin(self) -> Iterator[Block]:
        # Which file comes first is no secret.
        return blocks(self.settings, self._sounds, random.Random())

    def _run(self) -> None:
        try:
            self._skip()
            alone_since = time.monotonic()
            while not self.stopped:
                self._write_ahead()
                now = time.monotonic()
                if self.listeners or self._wanted.is_set():
                    self._wanted.clear()
                    alone_since = now
                elif now - alone_since > LINGER_SECONDS:
                    with self._lock:
                        if not self._wanted.is_set():
                            self._thread = None
                            return
                time.sleep(BLOCK_MS / 1000)
        except Exception:
            log.exception("the station %s failed", self.name)
            with self._lock:
                self._thread = None

    def _write_ahead(self) -> None:
        elapsed = time.monotonic() - self._began
        while self._written < elapsed + AHEAD_SECONDS and not self.stopped:
            samples, rate = self._next()
            self._live.write(samples, rate)

    def _skip(self) -> None:
        """What nobody heard has passed all the same."""
        missed = time.monotonic() - self._began - self._written
        self._began += max(missed - MOST_SKIPPED, 0.0)
        while self._written < time.monotonic() - self._began and not self.stopped:
            self._next()

    def _next(self) -> Block:
        with self._decoding:
            block = next(self._program)
        self._written += duration(block)
        return block
