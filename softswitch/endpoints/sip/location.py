"""Where registered users are: bindings in memory, written behind to the database.

Looking up and refreshing never wait for a disk; after a restart the bindings are read back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from softswitch.db.sqlite import SqliteDatabase

MIGRATIONS = (
    """
    CREATE TABLE registration (
        profile TEXT NOT NULL, user TEXT NOT NULL, realm TEXT NOT NULL, contact TEXT NOT NULL,
        call_id TEXT NOT NULL, cseq INTEGER NOT NULL, expires REAL NOT NULL, q REAL NOT NULL,
        transport TEXT NOT NULL, network_ip TEXT NOT NULL, network_port INTEGER NOT NULL,
        local_ip TEXT NOT NULL, local_port INTEGER NOT NULL, path TEXT NOT NULL,
        agent TEXT NOT NULL, username TEXT NOT NULL, auth_realm TEXT NOT NULL,
        display TEXT NOT NULL, hostname TEXT NOT NULL,
        PRIMARY KEY (profile, user, realm, contact)
    );
    """,
)
"""The schema of ``registrations.db``, one script for each version."""

COLUMNS = (
    "profile user realm contact call_id cseq expires q transport network_ip network_port"
    " local_ip local_port path agent username auth_realm display hostname"
).split()


_PUT = (
    f"INSERT OR REPLACE INTO registration ({','.join(COLUMNS)})"
    f" VALUES ({','.join('?' * len(COLUMNS))})"
)
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

    @property
    def aor(self) -> str:
        return f"{self.user}@{self.realm}"

    def __repr__(self) -> str:
        return f"<Binding {self.aor} {self.contact} via {self.transport}>"


_Key = tuple[str, str, str, str]
"""User and realm in lower case, profile and contact: what names a binding."""


class Location:
    """The bindings of all profiles, by user and realm (both compared without case)."""

    def __init__(self, database: SqliteDatabase | None, now: float) -> None:
        """Read back what had not expired at ``now`` (seconds since 1970)."""
        self._database = database
        self._bindings: dict[tuple[str, str], dict[tuple[str, str], Binding]] = {}
        self._by_flow: dict[tuple[str, str, int], set[_Key]] = {}
        self._count = 0
        if database is not None:
            rows = database.query(
                f"SELECT {','.join(COLUMNS)} FROM registration WHERE expires > ?", (now,)
            )
            for row in rows:
                self._keep(Binding(*row))  # type: ignore[arg-type]
            database.execute("DELETE FROM registration WHERE expires <= ?", (now,))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Binding]:
        for bindings in list(self._bindings.values()):
            yield from list(bindings.values())

    def find(self, user: str, realm: str, profile: str | None = None) -> list[Binding]:
        """A user's bindings, the greatest q first, then the newest; of one profile or of all."""
        found = self._bindings.get((user.lower(), realm.lower()), {}).values()
        bindings = [item for item in found if profile is None or item.profile == profile]
        return sorted(bindings, key=lambda item: (-item.q, -item.expires))

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
        self._leave_flow(key, present)
        if not bindings:
            del self._bindings[key]
        if self._database is not None:
            self._database.execute(
                "DELETE FROM registration WHERE profile=? AND user=? AND realm=? AND contact=?",
                (binding.profile, binding.user, binding.realm, binding.contact),
            )
        return True

    def expire(self, now: float, told: Callable[[Binding], None]) -> None:
        """Forget what expired by ``now`` (seconds since 1970) and tell each."""
        for binding in [item for item in self if item.expires <= now]:
            self.remove(binding)
            told(binding)

    def _keep(self, binding: Binding) -> bool:
        address = (binding.user.lower(), binding.realm.lower())
        bindings = self._bindings.setdefault(address, {})
        key = (binding.profile, binding.contact)
        old = bindings.get(key)
        if old is not None:
            self._leave_flow(address, old)
        bindings[key] = binding
        self._by_flow.setdefault(_flow(binding), set()).add((*address, *key))
        self._count += old is None
        return old is None

    def _leave_flow(self, address: tuple[str, str], binding: Binding) -> None:
        flow = _flow(binding)
        keys = self._by_flow[flow]
        keys.discard((*address, binding.profile, binding.contact))
        if not keys:
            del self._by_flow[flow]


def _flow(binding: Binding) -> tuple[str, str, int]:
    return binding.transport, binding.network_ip, binding.network_port
