"""Limits: how many calls use a resource at once, or start using it within an interval."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.switch.caller import CallerProfile
    from softswitch.switch.session import Session

UNLIMITED = -1
BACKENDS = ("hash", "db", "redis", "hiredis")
"""What counts in FreeSWITCH; here all of them count in the memory that all calls share."""


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
        self._usages: dict[str, Usage] = {}
        self._held: dict[str, set[str]] = {}
        self.watched: dict[str, CallerProfile] = {}
        """Calls that give back by themselves, with the routing they are in."""

    def __iter__(self) -> Iterator[tuple[str, Usage]]:
        """Keys ``realm_resource`` and their usage."""
        return iter(sorted(self._usages.items()))

    def take(
        self, holder: str, realm: str, resource: str, maximum: int = UNLIMITED, interval: int = 0
    ) -> bool:
        """Count one call; False when that would exceed ``maximum``, and nothing is held then.

        With an ``interval`` in seconds ``maximum`` limits the takings within it, without one
        the holders at the same time.
        """
        usage = self._usages.setdefault(key_of(realm, resource), Usage())
        if interval > 0:
            now = self._now()
            usage.interval = interval
            if usage.window_start <= now - interval or not usage.rate:
                usage.rate, usage.window_start = 1, now
            else:
                usage.rate += 1
                if 0 <= maximum < usage.rate:
                    return False
        elif maximum >= 0 and len(usage.holders | {holder}) > maximum:
            return False
        usage.holders.add(holder)
        self._held.setdefault(holder, set()).add(key_of(realm, resource))
        return True

    def holds(self, holder: str, realm: str, resource: str) -> bool:
        """True if that call is counted for the resource."""
        usage = self._usages.get(key_of(realm, resource))
        return usage is not None and holder in usage.holders

    def release(self, holder: str, realm: str | None = None, resource: str | None = None) -> None:
        """Give back one resource, or everything that a call holds."""
        held = self._held.get(holder, set())
        one = realm is not None and resource is not None
        keys = held & {key_of(realm or "", resource or "")} if one else set(held)
        for key in keys:
            held.discard(key)
            usage = self._usages.get(key)
            if usage is None:
                continue
            usage.holders.discard(holder)
            if not usage.holders and not usage.interval:
                del self._usages[key]
        if not held:
            self._held.pop(holder, None)

    def usage(self, realm: str, resource: str) -> Usage:
        """The usage of a resource; nothing used where nobody ever took it."""
        return self._usages.get(key_of(realm, resource), Usage())

    def reset(self) -> None:
        """Forget all counts."""
        self._usages.clear()
        self._held.clear()

    def reset_interval(self, realm: str, resource: str) -> bool:
        """Start a new interval; False where the resource is unknown."""
        usage = self._usages.get(key_of(realm, resource))
        if usage is None:
            return False
        usage.rate = 0
        return True


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
    limits = session.switch.limits
    key = key_of(realm, resource)
    # FreeSWITCH's backend hash tells of what it counts, so of a call's second limit nothing.
    counts = backend != "hash" or not limits.holds(session.uuid, realm, resource)
    taken = limits.take(session.uuid, realm, resource, maximum, interval)
    usage = limits.usage(realm, resource)
    if not taken:
        session.log.info("limit: %s is used %d times of %d", key, usage.total, maximum)
        return False
    session.set("limit_usage", str(usage.total))
    session.set(f"limit_usage_{key}", str(usage.total))
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
            "usage": str(usage.total),
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
