"""Limits of the backend ``db`` that several switches share, by a database between them.

Each switch counts its own calls in memory, writes what they hold behind them, and reads five times
a second what those of the others hold. No call waits for the database. Switches that take the last
free place of a resource within that time may both have it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from softswitch.db.database import Database, Row, upsert
from softswitch.switch.limits import Limits, Resource

log = logging.getLogger(__name__)

FILE = "shared_limits.db"
"""Its stem is the schema."""
INTERVAL = 0.2
"""Seconds between two readings."""
BEAT = 5.0
"""Seconds after which a switch says anew that it lives, and puts its rows right."""
LEASE = 30.0
"""Seconds without such a word after which the calls of a switch count no more."""
FORGOTTEN_US = 86_400_000_000
"""A switch that was silent for so long is removed by the next one that starts."""
MIGRATIONS = (
    """
    CREATE TABLE limit_data (
        hostname TEXT NOT NULL, realm TEXT NOT NULL, id TEXT NOT NULL, uuid TEXT NOT NULL,
        PRIMARY KEY (hostname, realm, id, uuid)
    );
    CREATE TABLE limit_switch (hostname TEXT PRIMARY KEY, seen INTEGER NOT NULL);
    """,
)
_BEAT = upsert("limit_switch", ("hostname", "seen"), ("hostname",))
_TAKE = (
    "INSERT INTO limit_data (hostname, realm, id, uuid) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_GIVE = "DELETE FROM limit_data WHERE hostname = ? AND realm = ? AND id = ? AND uuid = ?"
_SEEN = "SELECT hostname, seen FROM limit_switch"
_MINE = "SELECT uuid, realm, id FROM limit_data WHERE hostname = ?"
_HELD = (
    "SELECT hostname, realm, id, count(*) FROM limit_data WHERE hostname <> ?"
    " GROUP BY hostname, realm, id"
)


@dataclass(slots=True)
class _Life:
    """The last word of another switch, and when it was new."""

    seen: int
    since: float


class Leases:
    """Which of the other switches live. Only time in which the database was read counts: one
    that was away made nobody silent. No clock but the reader's own matters."""

    def __init__(self) -> None:
        self._lives: dict[str, _Life] = {}
        self._read_for = 0.0
        self._last: float | None = None

    def read(self, beats: dict[str, int], now: float) -> set[str]:
        """Who lives, by the last word of each switch; ``now`` in seconds."""
        if self._last is not None:
            self._read_for += min(now - self._last, 2 * INTERVAL)
        self._last = now
        self._lives = {name: self._lives.get(name, _Life(-1, 0.0)) for name in beats}
        for name, seen in beats.items():
            if self._lives[name].seen != seen:
                self._lives[name] = _Life(seen, self._read_for)
        return {name for name, life in self._lives.items() if self._read_for - life.since <= LEASE}


class SharedLimits:
    """Publishes what the calls of one switch hold, and learns what those of the others hold."""

    def __init__(
        self, database: Database, name: str, limits: Limits, now_us: Callable[[], int]
    ) -> None:
        """``name`` tells this switch from the others: two must not have the same."""
        self._database, self._name, self._limits, self._now_us = database, name, limits, now_us
        self._leases = Leases()
        self._words: deque[int] = deque(maxlen=100)
        self._heard_myself = self._told_of_twin = False

    def begin(self) -> None:
        """Forget what an earlier run held; from now on what is taken is published."""
        execute = self._database.execute
        long_ago = self._now_us() - FORGOTTEN_US
        silent = "hostname IN (SELECT hostname FROM limit_switch WHERE seen < ?)"
        execute("DELETE FROM limit_data WHERE hostname = ?", (self._name,))
        execute(f"DELETE FROM limit_data WHERE {silent}", (long_ago,))
        execute("DELETE FROM limit_switch WHERE seen < ?", (long_ago,))
        self._limits.listener = self._publish
        for (realm, resource), usage in self._limits:
            for holder in usage.holders:
                self._publish(holder, (realm, resource), True)
        self.beat()

    def beat(self) -> None:
        """Say that this switch lives."""
        self._words.append(self._now_us())
        self._database.execute(_BEAT, (self._name, self._words[-1]))

    def read(self) -> tuple[list[Row], list[Row]]:
        """The last words of all switches, and what the others hold. Blocks."""
        return self._database.query(_SEEN), self._database.query(_HELD, (self._name,))

    def learn(self, found: tuple[list[Row], list[Row]], now: float) -> None:
        """Count what a reading found; ``now`` in seconds."""
        beats = {str(name): int(seen or 0) for name, seen in found[0]}
        self._look_for_twin(beats.pop(self._name, None))
        self._limits.elsewhere = _summed(found[1], self._leases.read(beats, now))

    def mine(self) -> list[Row]:
        """What the database says that the calls of this switch hold. Blocks."""
        return self._database.query(_MINE, (self._name,))

    def put_right(self, stored: list[Row]) -> None:
        """Write what the database does not have, as one that fell back to a copy; take out what
        nobody holds. Changes that wait to be written may be written twice, which is the same.
        """
        found = {(str(holder), str(realm), str(resource)) for holder, realm, resource in stored}
        held = {(holder, *resource) for resource, usage in self._limits for holder in usage.holders}
        for holder, realm, resource in found ^ held:
            key = (holder, realm, resource)
            self._publish(holder, (realm, resource), key in held)

    async def run(self) -> None:
        """Go on publishing and learning until cancelled."""
        loop = asyncio.get_running_loop()
        beat_at = good_at = loop.time()
        alone = False
        while True:
            beating = loop.time() >= beat_at
            if beating:
                self.beat()
                beat_at = loop.time() + BEAT
            reading = loop.run_in_executor(None, self._read_all, beating)
            # One that hangs is not given up: a second would hang beside it.
            while not (await asyncio.wait({reading}, timeout=BEAT))[0]:
                alone = alone or self._count_alone(loop.time() - good_at, "it does not answer")
            try:
                found, stored = reading.result()
            except OSError as error:
                alone = alone or self._count_alone(loop.time() - good_at, str(error))
            else:
                if alone:
                    log.info("limits are shared again")
                alone, good_at = False, loop.time()
                self.learn(found, loop.time())
                if stored is not None:
                    self.put_right(stored)
            await asyncio.sleep(INTERVAL)

    def _read_all(self, whole: bool) -> tuple[tuple[list[Row], list[Row]], list[Row] | None]:
        return self.read(), self.mine() if whole else None

    def _count_alone(self, silent: float, why: str) -> bool:
        """Forget the others where the database was silent, for so many seconds, for too long."""
        if silent <= LEASE:
            return False
        self._limits.elsewhere = {}
        log.error("limits count on this switch alone for now: %s", why)
        return True

    def close(self) -> None:
        """Give everything back and write what waits. Blocks."""
        self._limits.listener, self._limits.elsewhere = None, {}
        for table in ("limit_data", "limit_switch"):
            self._database.execute(f"DELETE FROM {table} WHERE hostname = ?", (self._name,))
        self._database.close()

    def _publish(self, holder: str, resource: Resource, held: bool) -> None:
        self._database.execute(_TAKE if held else _GIVE, (self._name, *resource, holder))

    def _look_for_twin(self, seen: int | None) -> None:
        """Two switches of one name forget each other's calls."""
        if seen in self._words:
            self._heard_myself = True
        elif seen is not None and self._heard_myself and not self._told_of_twin:
            self._told_of_twin = True
            log.error(
                "another switch that shares the limits is called %s too: give each its own"
                " switchname in switch.conf",
                self._name,
            )


def _summed(rows: Iterable[Row], living: set[str]) -> dict[Resource, int]:
    sums: dict[Resource, int] = {}
    for name, realm, resource, count in rows:
        if name in living:
            key = (str(realm), str(resource))
            sums[key] = sums.get(key, 0) + int(count or 0)
    return sums
