"""The journal of call records: lines are appended and synced before anything else is done.

Each line is one JSON object with ``uuid`` and ``kind``: ``open`` when a call begins, ``answer``,
``record`` when it has ended, ``done`` when records (``uuids``) have been delivered. What a crash
leaves without ``done`` is delivered at the next start; what it leaves without ``record`` was cut
off.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

log = logging.getLogger(__name__)

Line = dict[str, Any]
Done = Callable[[], None]
_Item = tuple[Line, Done | None]

_ENCODER = json.JSONEncoder(separators=(",", ":"))

COMPACT_BYTES = 64 * 1024 * 1024
"""A journal that has grown beyond this, and to twice of what it was when it was written anew, is
written anew without what was delivered long ago."""
KEPT = 20_000
"""Delivered records that stay for `replay`."""
KEPT_BYTES = 32 * 1024 * 1024
"""What these take in the journal, at most; in memory there is no more of them than their places."""
GATHER_SECONDS = 0.05
"""Lines of so long are synced together: a sync costs as much as all else of a record."""
RETRY_SECONDS = 1.0
"""After a write that failed (a full disk), it is tried again this much later."""


class Place(NamedTuple):
    """Where in the journal a record stands, in octets."""

    offset: int
    size: int


@dataclass(slots=True)
class Contents:
    """What a journal holds."""

    calls: dict[str, list[Line]] = field(default_factory=dict)
    """Calls that have begun and not ended: their lines so far."""
    pending: dict[str, Line] = field(default_factory=dict)
    """Records to deliver, in order."""
    delivered: dict[str, Place] = field(default_factory=dict)
    """Records that have been delivered, in order."""
    mark: Any = None
    """What the last ``done`` said of where its delivery had got to."""
    places: dict[str, Place] = field(default_factory=dict)
    """Where the records to deliver are."""
    delivered_bytes: int = 0

    def take(self, line: Line, place: Place) -> None:
        """Add what a line says."""
        if line["kind"] == "done":
            self._take_done(line)
            return
        uuid = line["uuid"]
        match line["kind"]:
            case "open":
                self.calls[uuid] = [line]
            case "answer" if uuid in self.calls:
                self.calls[uuid].append(line)
            case "record":
                self.calls.pop(uuid, None)
                if (before := self.delivered.pop(uuid, None)) is not None:
                    self.delivered_bytes -= before.size
                self.pending[uuid] = line
                self.places[uuid] = place

    def _take_done(self, line: Line) -> None:
        self.mark = line.get("mark", self.mark)
        for uuid in line.get("uuids") or (line["uuid"],):
            if self.pending.pop(uuid, None) is not None:
                place = self.delivered[uuid] = self.places.pop(uuid)
                self.delivered_bytes += place.size
        self.forget(KEPT, KEPT_BYTES)

    def forget(self, records: int, octets: int) -> None:
        """Keep the latest delivered records, so many at most and of so many octets."""
        while len(self.delivered) > records or self.delivered_bytes > octets:
            self.delivered_bytes -= self.delivered.pop(next(iter(self.delivered))).size


class Journal:
    """One file and the thread that writes it; blocks nobody but who waits for a future."""

    def __init__(self, path: Path, notify: Callable[[list[Done]], None] | None = None) -> None:
        """Read what is there. Raises OSError where the file cannot be read or written.

        ``notify`` is told, in the writing thread and once for all lines of a sync, what is to
        be done now; without it that is done there.
        """
        self.path = path
        self._notify = notify or do_all
        self.failed = 0
        """Writes that failed; each is tried again."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.contents = _read(path)
        self._lock = threading.Lock()
        self._file, self._end = _rewrite(path, self.contents)
        self._rewritten = self._end
        """How large it was when it was last written anew."""
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"journal {path.name}", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<Journal {self.path} {len(self.contents.pending)} to deliver>"

    def append(self, line: Line, done: Done | None = None) -> None:
        """Have a line written soon; ``done`` is called once it is on disk."""
        self._queue.put((line, done))

    def secure(self, line: Line) -> Future[None]:
        """Have a line written soon; the future is done once it is on disk."""
        written: Future[None] = Future()
        self.append(line, lambda: _set(written))
        return written

    def snapshot(self) -> Contents:
        """What the journal holds now, on disk."""
        with self._lock:
            contents = self.contents
            return Contents(
                dict(contents.calls),
                dict(contents.pending),
                dict(contents.delivered),
                contents.mark,
            )

    def delivered(self) -> dict[str, Line]:
        """The records that have been delivered and are still there. Blocks; raises OSError."""
        with self._lock, self.path.open("rb") as file:
            return {
                uuid: json.loads(_at(file, place))
                for uuid, place in self.contents.delivered.items()
            }

    def close(self) -> None:
        """Write what waits and end the thread. Idempotent."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join(timeout=10)
            os.close(self._file)

    def _run(self) -> None:
        running = True
        while running:
            batch = [self._queue.get()]
            if batch[0] is not None:
                time.sleep(GATHER_SECONDS)
            while len(batch) < 1000:
                try:
                    batch.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            running = None not in batch
            items = [item for item in batch if item is not None]
            self._write(items, patient=running)

    def _write(self, items: list[_Item], *, patient: bool) -> None:
        texts = [_encode(line) for line, _ in items]
        data = b"".join(texts)
        waiting = [done for _, done in items if done is not None]
        while data:
            try:
                data = data[os.write(self._file, data) :]
                # What nobody waits for is safe from our own death without; the next sync has it.
                if not data and waiting:
                    os.fdatasync(self._file)
            except OSError as error:
                self.failed += 1
                if self.failed == 1 or not patient:
                    log.error("call records cannot be written to %s: %s", self.path, error)
                if not patient:
                    return
                time.sleep(RETRY_SECONDS)
        with self._lock:
            for (line, _), text in zip(items, texts, strict=True):
                self.contents.take(line, Place(self._end, len(text)))
                self._end += len(text)
        if waiting:
            self._notify(waiting)
        self._compact()

    def _compact(self) -> None:
        try:
            # What still waits to be delivered may be most of it: the next time must be far off.
            if self._end < max(COMPACT_BYTES, 2 * self._rewritten):
                return
            with self._lock:
                self.contents.forget(KEPT // 2, KEPT_BYTES // 2)
                new, self._end = _rewrite(self.path, self.contents)
            os.close(self._file)
            self._file = new
            self._rewritten = self._end
        except OSError as error:
            log.error("%s could not be written anew: %s", self.path, error)


def do_all(waiting: list[Done]) -> None:
    """Do what was waiting for the disk."""
    for done in waiting:
        done()


def _set(written: Future[None]) -> None:
    if written.set_running_or_notify_cancel():
        written.set_result(None)


def _encode(line: Line) -> bytes:
    return _ENCODER.encode(line).encode() + b"\n"


def _at(file: BinaryIO, place: Place) -> bytes:
    file.seek(place.offset)
    return file.read(place.size)


def _read(path: Path) -> Contents:
    contents = Contents()
    if not path.exists():
        return contents
    end = 0
    with path.open("rb") as file:
        for text in file:
            try:
                contents.take(json.loads(text), Place(end, len(text)))
            except (ValueError, KeyError, TypeError):
                # The last line of a process that was killed while it wrote.
                log.warning("%s: a line that was cut off is passed over", path)
            end += len(text)
    return contents


def _rewrite(path: Path, contents: Contents) -> tuple[int, int]:
    """Put the shortest journal with these contents in place, at once.

    Gives the descriptor to append to, and the octets there are.
    """
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        os.chmod(new, 0o600)
        for line in chain.from_iterable(contents.calls.values()):
            file.write(_encode(line))
        delivered, pending = {}, {}
        if contents.delivered:
            with path.open("rb") as old:
                for uuid, place in contents.delivered.items():
                    delivered[uuid] = place._replace(offset=file.tell())
                    file.write(_at(old, place))
            done = {"kind": "done", "uuids": list(delivered), "mark": contents.mark}
            file.write(_encode(done))
        for uuid, line in contents.pending.items():
            text = _encode(line)
            pending[uuid] = Place(file.tell(), len(text))
            file.write(text)
        file.flush()
        os.fsync(file.fileno())
        end = file.tell()
    os.replace(new, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    contents.delivered, contents.places = delivered, pending
    return os.open(path, os.O_WRONLY | os.O_APPEND), end
