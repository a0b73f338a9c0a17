"""Limits: how many calls use a resource at once, or start using it within an interval."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.switch.caller import CallerProfile
    from softswitch.switch.session import Session

UNLIMITED = -1
BACKENDS = ("hash", "db", "redis", "hiredis")
"""What counts in FreeSWITCH; here those of Redis count as ``hash``."""

Resource = tuple[str, str]
"""A realm and what is counted in it."""


@dataclass(slots=True)
class Usage:
    """What is known of one resource."""

    holders: set[str] = field(default_factory=set)
    rate: int = 0
    interval: int = 0
    window_start: float = 0.0

    @property
    def total(self) -> int:
        """Calls that hold the resource now."""
        return len(self.holders)


class Limits:
    """Counters by realm and resource; a call counts once for each of them.

    ``now`` is a clock in seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._usages: dict[Resource, Usage] = {}
        self._held: dict[str, set[Resource]] = {}
        self.elsewhere: Mapping[Resource, int] = {}
        """How many calls hold resources on other switches that count with this one."""
        self.listener: Callable[[str, Resource, bool], None] | None = None
        """Told the holder and the resource when one is taken (True) or given back."""

    def __iter__(self) -> Iterator[tuple[Resource, Usage]]:
        """What is counted here, and its usage."""
        return iter(sorted(self._usages.items()))

    def take(
        self, holder: str, realm: str, resource: str, maximum: int = UNLIMITED, interval: int = 0
    ) -> bool:
        """Count one call; False when that would exceed ``maximum``, and nothing is held then.

        With an ``interval`` in seconds ``maximum`` limits the takings within it, without one
        the holders at the same time.
        """
        key = (realm, resource)
        usage = self._usages.get(key) or Usage()
        if interval > 0:
            self._usages[key] = usage
            now = self._now()
            usage.interval = interval
            if usage.window_start <= now - interval or not usage.rate:
                usage.rate, usage.window_start = 1, now
            else:
                usage.rate += 1
                if 0 <= maximum < usage.rate:
                    return False
        elif maximum >= 0:
            others = self.elsewhere.get(key, 0)
            if len(usage.holders | {holder}) + others > maximum:
                return False
        self._usages[key] = usage
        if holder not in usage.holders:
            usage.holders.add(holder)
            self._held.setdefault(holder, set()).add(key)
            self._tell(holder, key, True)
        return True

    def holds(self, holder: str, realm: str, resource: str) -> bool:
        """True if that call is counted for the resource."""
        usage = self._usages.get((realm, resource))
        return usage is not None and holder in usage.holders

    def release(self, holder: str, realm: str | None = None, resource: str | None = None) -> None:
        """Give back one resource, or everything that a call holds."""
        held = self._held.get(holder, set())
        one = realm is not None and resource is not None
        for key in held & {(realm or "", resource or "")} if one else set(held):
            held.discard(key)
            self._tell(holder, key, False)
            usage = self._usages.get(key)
            if usage is None:
                continue
            usage.holders.discard(holder)
            if not usage.holders and not usage.interval:
                del self._usages[key]
        if not held:
            self._held.pop(holder, None)

    def usage(self, realm: str, resource: str) -> Usage:
        """The usage of a resource here; nothing used where nobody ever took it."""
        return self._usages.get((realm, resource), Usage())

    def total(self, realm: str, resource: str) -> int:
        """How many calls hold a resource, here and on other switches."""
        return self.usage(realm, resource).total + self.elsewhere.get((realm, resource), 0)

    def reset(self) -> None:
        """Forget all counts of this switch."""
        for holder in list(self._held):
            self.release(holder)
        self._usages.clear()

    def reset_interval(self, realm: str, resource: str) -> bool:
        """Start a new interval; False where the resource is unknown."""
        usage = self._usages.get((realm, resource))
        if usage is None:
            return False
        usage.rate = 0
        return True

    def _tell(self, holder: str, key: Resource, held: bool) -> None:
        if self.listener is not None:
            self.listener(holder, key, held)


class LimitBackends:
    """The counters of each backend: a resource of ``hash`` is not that of ``db``.

    Both are in memory; those of ``db`` are what several switches may share.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self.hash = Limits(now)
        self.db = Limits(now)
        self.watched: dict[str, CallerProfile] = {}
        """Calls that give back by themselves, with the routing they are in."""

    def of(self, backend: str) -> Limits:
        """The counters of a backend; what is unknown counts as ``hash``."""
        return self.db if backend == "db" else self.hash

    def release(self, holder: str) -> None:
        """Give back everything that a call holds."""
        self.hash.release(holder)
        self.db.release(holder)


def key_of(realm: str, resource: str) -> str:
    """The name under which variables and events show a resource."""
    return f"{realm}_{resource}" if resource else realm


def parse_maximum(text: str) -> tuple[int, int]:
    """``10/5`` as maximum 10 in 5 seconds; negative or not a number means no limit."""
    number, _, seconds = text.partition("/")
    try:
        maximum = int(number)
    except ValueError:
        maximum = UNLIMITED
    try:
        interval = int(seconds or "0")
    except ValueError:
        interval = 0
    return max(maximum, UNLIMITED), max(interval, 0)


def take_for(
    session: Session, backend: str, realm: str, resource: str, maximum: int, interval: int
) -> bool:
    """Count a call on a resource until it ends or is transferred; False over the limit.

    Sets ``limit_usage``, ``limit_usage_<key>``, ``limit_backend`` and, with an interval,
    ``limit_rate`` and ``limit_rate_<key>``; fires ``limit::usage``. ``limit_ignore_transfer``
    keeps the count through transfers. A backend that does not exist is over any limit, as in
    FreeSWITCH, so that a mistyped one lets nobody pass.
    """
    if backend not in BACKENDS:
        session.log.error("limit: there is no backend %r, only %s", backend, ", ".join(BACKENDS))
        return False
    limits = session.switch.limits.of(backend)
    key = key_of(realm, resource)
    # FreeSWITCH's backend hash tells of what it counts, so of a call's second limit nothing.
    counts = backend != "hash" or not limits.holds(session.uuid, realm, resource)
    taken = limits.take(session.uuid, realm, resource, maximum, interval)
    usage, total = limits.usage(realm, resource), limits.total(realm, resource)
    if backend == "db":
        session.set("limit_realm", realm)
        session.set("limit_id", resource)
        session.set("limit_max", str(maximum))
    if not taken:
        session.log.info("limit: %s is used %d times of %d", key, total, maximum)
        return False
    session.set("limit_usage", str(total))
    session.set(f"limit_usage_{key}", str(total))
    if interval:
        session.set("limit_rate", str(usage.rate))
        session.set(f"limit_rate_{key}", str(usage.rate))
    used = session.get("limit_backend") or ""
    if backend not in used.split(","):
        session.set("limit_backend", f"{used},{backend}" if used else backend)
    _release_at_end(session)
    if counts:
        # The backend db has no rates.
        rates = backend == "hash"
        told = {
            "backend": backend,
            "realm": realm,
            "key": resource,
            "usage": str(total),
            "rate": str(usage.rate if rates else 0),
            "max": str(maximum),
            "ratemax": str(max(maximum, 0) if rates else 0),
        }
        session.switch.publish("CUSTOM", told, subclass="limit::usage")
    return True


def _release_at_end(session: Session) -> None:
    """Give everything back at hang-up, and at a transfer where nothing forbids it."""
    session.switch.limits.watched.setdefault(session.uuid, session.channel.profile)
    if _watch not in session.watchers:
        session.watchers.append(_watch)


def _watch(session: Session, what: str) -> None:
    limits = session.switch.limits
    profile = session.channel.profile
    # A transfer has given the call a new profile by the time it moves.
    if what == "moved" and limits.watched.get(session.uuid) is not profile:
        limits.watched[session.uuid] = profile
        if not session.is_true("limit_ignore_transfer"):
            limits.release(session.uuid)
            session.set("limit_backend", "")
    elif what == "hangup":
        limits.release(session.uuid)
        limits.watched.pop(session.uuid, None)
