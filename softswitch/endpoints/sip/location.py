"""Where registered users are: bindings in memory, written behind to the database.

Looking up and refreshing never wait for a disk; after a restart the bindings are read back.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import TypeVar

from softswitch.db.database import Database, Row, upsert

MIGRATIONS = (
    """
    CREATE TABLE registration (
        profile TEXT NOT NULL, "user" TEXT NOT NULL, realm TEXT NOT NULL, contact TEXT NOT NULL,
        call_id TEXT NOT NULL, cseq INTEGER NOT NULL, expires REAL NOT NULL, q REAL NOT NULL,
        transport TEXT NOT NULL, network_ip TEXT NOT NULL, network_port INTEGER NOT NULL,
        local_ip TEXT NOT NULL, local_port INTEGER NOT NULL, path TEXT NOT NULL,
        agent TEXT NOT NULL, username TEXT NOT NULL, auth_realm TEXT NOT NULL,
        display TEXT NOT NULL, hostname TEXT NOT NULL,
        PRIMARY KEY (profile, "user", realm, contact)
    );
    """,
    """
    ALTER TABLE registration ADD COLUMN instance TEXT NOT NULL DEFAULT '';
    ALTER TABLE registration ADD COLUMN reg_id INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE registration ADD COLUMN forced TEXT NOT NULL DEFAULT '';
    """,
)
"""The schema of ``registrations.db``, one script for each version."""

COLUMNS = (
    "profile user realm contact call_id cseq expires q transport network_ip network_port"
    " local_ip local_port path agent username auth_realm display hostname instance reg_id forced"
).split()


_NAMES = ['"user"' if name == "user" else name for name in COLUMNS]
"""As SQL has them: to PostgreSQL ``user`` is a key word."""
_PUT = upsert("registration", _NAMES, ("profile", '"user"', "realm", "contact"))
_row = attrgetter(*COLUMNS)


@dataclass(frozen=True, slots=True)
class Binding:
    """One contact of a user (RFC 3261 §10.3): where it is, until when, and how to get there."""

    profile: str
    user: str
    realm: str
    contact: str
    """The contact URI as registered."""
    call_id: str
    cseq: int
    expires: float
    """Seconds since 1970."""
    q: float
    transport: str
    network_ip: str
    """Where the REGISTER came from."""
    network_port: int
    local_ip: str
    local_port: int
    path: str
    """The Path header field (RFC 3327), empty for none."""
    agent: str
    username: str
    """Who authenticated."""
    auth_realm: str
    display: str
    hostname: str
    instance: str = ""
    """``+sip.instance``: which phone it is (RFC 5626), empty where it does not say."""
    reg_id: int = 0
    """Which of the phone's flows it is; 0 for a phone without several."""
    forced: str = ""
    """The URI that is called in place of the contact (``sip-force-contact``), or empty."""

    @property
    def aor(self) -> str:
        return f"{self.user}@{self.realm}"

    def __repr__(self) -> str:
        return f"<Binding {self.aor} {self.contact} via {self.transport}>"


_Key = tuple[str, str, str, str]
"""User and realm in lower case, profile and contact: what names a binding."""


STRETCH = 5
"""Seconds: bindings that run out within so much time are looked at together."""


class Location:
    """The bindings of all profiles, by user and realm (both compared without case)."""

    def __init__(self, database: Database | None, now: float) -> None:
        """Read back what had not expired at ``now`` (seconds since 1970).

        Where the database is not ready whoever made it takes that up later.
        """
        self._database = database
        self._bindings: dict[tuple[str, str], dict[tuple[str, str], Binding]] = {}
        self._by_flow: dict[tuple[str, str, int], set[_Key]] = {}
        self.same: dict[str, frozenset[str]] = {}
        """The names of each domain that has several, itself among them."""
        self._count = 0
        self._ends: dict[int, set[_Key]] = {}
        """Which bindings run out in each stretch of `STRETCH` seconds."""
        self.counts: Counter[str] = Counter()
        """How many bindings each profile has."""
        if database is not None:
            database.execute("DELETE FROM registration WHERE expires <= ?", (now,))
            if database.ready.done():
                self.take_up(self.stored(now))

    def stored(self, now: float) -> list[Row]:
        """What the database has that does not expire before ``now``. Blocks."""
        if self._database is None:
            return []
        return self._database.query(
            f"SELECT {','.join(_NAMES)} FROM registration WHERE expires > ?", (now,)
        )

    def take_up(self, rows: list[Row]) -> None:
        """Have the bindings that were stored; those made since are newer and stay."""
        # Nothing of what is made here is garbage: looking for some takes most of the time.
        collecting = gc.isenabled()
        gc.disable()
        try:
            for row in rows:
                binding = Binding(*row)  # type: ignore[arg-type]
                address = (binding.user.lower(), binding.realm.lower())
                if (binding.profile, binding.contact) not in self._bindings.get(address, {}):
                    self._keep(binding)
        finally:
            if collecting:
                gc.enable()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Binding]:
        for bindings in list(self._bindings.values()):
            yield from list(bindings.values())

    def find(self, user: str, realm: str, profile: str | None = None) -> list[Binding]:
        """A user's bindings, the greatest q first, then the newest; of one profile or of all."""
        found = self._bindings.get((user.lower(), realm.lower()), {}).values()
        bindings = [item for item in found if profile is None or item.profile == profile]
        if len(bindings) < 2:
            return bindings
        return sorted(bindings, key=lambda item: (-item.q, -item.expires))

    def reach(self, user: str, domain: str, profile: str | None = None) -> list[Binding]:
        """Like `find`, also by the other names that a domain has (``presence-hosts``)."""
        names = self.same.get(domain.lower())
        if names is None:
            return self.find(user, domain, profile)
        found = [item for name in sorted(names) for item in self.find(user, name, profile)]
        return sorted(found, key=lambda item: (-item.q, -item.expires))

    def of_flow(self, transport: str, host: str, port: int) -> list[Binding]:
        """The bindings that were made from one address by one transport."""
        return [
            self._bindings[user, realm][profile, contact]
            for user, realm, profile, contact in self._by_flow.get((transport, host, port), ())
        ]

    def put(self, binding: Binding) -> bool:
        """Add or refresh a binding; True if it is new."""
        new = self._keep(binding)
        if self._database is not None:
            self._database.execute(_PUT, _row(binding))
        return new

    def remove(self, binding: Binding) -> bool:
        """Forget a binding; False if there is none such."""
        key = (binding.user.lower(), binding.realm.lower())
        bindings = self._bindings.get(key, {})
        present = bindings.pop((binding.profile, binding.contact), None)
        if present is None:
            return False
        self._count -= 1
        self.counts[binding.profile] -= 1
        self._unlist((*key, binding.profile, binding.contact), present)
        if not bindings:
            del self._bindings[key]
        if self._database is not None:
            self._database.execute(
                'DELETE FROM registration WHERE profile=? AND "user"=? AND realm=? AND contact=?',
                (binding.profile, binding.user, binding.realm, binding.contact),
            )
        return True

    def expire(self, now: float, told: Callable[[Binding], None]) -> None:
        """Forget what expired by ``now`` (seconds since 1970) and tell each."""
        latest = int(now // STRETCH)
        for stretch in sorted(each for each in self._ends if each <= latest):
            for user, realm, profile, contact in list(self._ends[stretch]):
                binding = self._bindings[user, realm][profile, contact]
                if binding.expires <= now:
                    self.remove(binding)
                    told(binding)

    def _keep(self, binding: Binding) -> bool:
        address = (binding.user.lower(), binding.realm.lower())
        bindings = self._bindings.setdefault(address, {})
        key = (binding.profile, binding.contact)
        old = bindings.get(key)
        name = (*address, *key)
        if old is not None:
            self._unlist(name, old)
        bindings[key] = binding
        self._by_flow.setdefault(_flow(binding), set()).add(name)
        self._ends.setdefault(int(binding.expires // STRETCH), set()).add(name)
        self._count += old is None
        self.counts[binding.profile] += old is None
        return old is None

    def _unlist(self, name: _Key, binding: Binding) -> None:
        """Take a binding out of the indexes."""
        _take_out(self._by_flow, _flow(binding), name)
        _take_out(self._ends, int(binding.expires // STRETCH), name)


K = TypeVar("K")


def _take_out(index: dict[K, set[_Key]], key: K, name: _Key) -> None:
    names = index[key]
    names.discard(name)
    if not names:
        del index[key]


def _flow(binding: Binding) -> tuple[str, str, int]:
    return binding.transport, binding.network_ip, binding.network_port
