"""Who guesses passwords, looks for users or floods: shut out, while a phone that is merely wrong
is not.

Failures of a source leak away at a steady rate, slower than anybody guesses and faster than a phone
with a wrong password tries again. Who once came in from there with the right one makes the source
trusted, so that a telephone system behind one address does not fall with its worst phone.
"""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address

log = logging.getLogger(__name__)

LEAK = 10.0
"""Seconds in which one failure is forgiven."""
TRUST = 20
"""How many times more a source may fail that somebody came in from."""
TRUST_LASTS = 3600.0
"""Seconds that a source is trusted after its last success."""
UNKNOWN_USER = 3
"""Failures that a further name counts for which is no user's: who asks for many looks for one."""
_MOST = 65536
"""Sources that are remembered; the longest silent are forgotten first."""
_NAMES = 64

SCANNERS = (
    *(b"friendly-scanner", b"sipvicious", b"sundayddr", b"sip-scan", b"sipscan", b"sipcli"),
    *(b"sipsscuser", b"vaxsipuseragent", b"pplsip", b"smap ", b"smap/", b"iwar", b"gulp"),
    *(b"customsipcrack", b"custom-sipcrack", b"customsip-crack", b"custom-sip-crack"),
    b"siparmyknife",
)
"""Programs that look for open doors and say so."""

_SENDER = re.compile(rb"\n(?:user-agent|server|from|f)[ \t]*:[^\n]*")


def is_scanner(data: bytes) -> bool:
    """Whether a request says of itself that it comes from one of `SCANNERS`."""
    text = data.lower()
    if not any(map(text.__contains__, SCANNERS)):
        # Nearly always; to find the fields that count takes longer than to look through it all.
        return False
    told = b"".join(_SENDER.findall(text))
    return any(map(told.__contains__, SCANNERS))


class Source:
    """What is known of one address that something failed from."""

    __slots__ = ("failures", "names", "seen", "trusted_until")

    def __init__(self) -> None:
        self.failures = 0.0
        self.seen = 0.0
        self.trusted_until = 0.0
        self.names: set[str] = set()


class Guard:
    """Counts what fails and says who is let in. ``now`` is a clock in seconds."""

    def __init__(self, banned: Callable[[str, str, float], None] = lambda *_: None) -> None:
        """``banned`` is told of a source that is shut out: address, reason, seconds."""
        self.bans: dict[str, float] = {}
        """The sources that are shut out, and until when."""
        self.dropped = 0
        """How many messages of those were dropped unread."""
        self._banned = banned
        self._sources: OrderedDict[str, Source] = OrderedDict()
        self._budgets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def admits(self, host: str, now: float) -> bool:
        """Whether anything of this source is looked at."""
        if not self.bans:
            return True
        key = network(host)
        until = self.bans.get(key)
        if until is None:
            return True
        if until <= now:
            del self.bans[key]
            return True
        self.dropped += 1
        return False

    def within_rate(self, host: str, rate: int, now: float) -> bool:
        """Whether a source keeps to ``rate`` requests a second, of which it may save up two."""
        key = network(host)
        left, then = self._budgets.pop(key, (2.0 * rate, now))
        left = min(left + (now - then) * rate, 2.0 * rate)
        within = left >= 1.0
        self._budgets[key] = (left - 1.0 if within else left, now)
        if len(self._budgets) > _MOST:
            self._budgets.popitem(last=False)
        if not within:
            self.dropped += 1
        return within

    def failed(
        self, host: str, name: str, now: float, *, known: bool, most: int, seconds: float
    ) -> None:
        """Credentials of ``name`` were wrong, or no user is called so. More than ``most`` such
        failures shut the source out for ``seconds``; 0 for never.
        """
        if not most:
            return
        key = network(host)
        source = self._sources.pop(key, None) or Source()
        self._sources[key] = source
        if len(self._sources) > _MOST:
            self._sources.popitem(last=False)
        source.failures = max(source.failures - (now - source.seen) / LEAK, 0.0)
        source.seen = now
        points = 1
        if not known and name not in source.names:
            points = UNKNOWN_USER
            if len(source.names) < _NAMES:
                source.names.add(name)
        source.failures += points
        limit = most * TRUST if source.trusted_until > now else most
        if source.failures > limit:
            del self._sources[key]
            self.ban(host, "too many wrong passwords", now, seconds)

    def succeeded(self, host: str, now: float) -> None:
        """Somebody came in with the right password."""
        key = network(host)
        source = self._sources.pop(key, None) or Source()
        self._sources[key] = source
        if len(self._sources) > _MOST:
            self._sources.popitem(last=False)
        source.trusted_until = now + TRUST_LASTS
        source.failures = 0.0
        source.seen = now
        source.names.clear()

    def trusts(self, host: str, now: float) -> bool:
        """Whether somebody came in from there not long ago."""
        source = self._sources.get(network(host))
        return source is not None and source.trusted_until > now

    def ban(self, host: str, reason: str, now: float, seconds: float) -> None:
        """Shut a source out."""
        if len(self.bans) >= _MOST:
            self.bans = {key: until for key, until in self.bans.items() if until > now}
        key = network(host)
        if key in self.bans or len(self.bans) >= _MOST:
            return
        self.bans[key] = now + seconds
        log.warning("%s is shut out for %d s: %s", key, seconds, reason)
        self._banned(key, reason, seconds)

    def pardon(self, host: str) -> bool:
        """Let a source in again; False if it was not shut out."""
        key = network(host)
        self._sources.pop(key, None)
        return self.bans.pop(key, None) is not None

    def __repr__(self) -> str:
        return f"<Guard {len(self.bans)} shut out, {self.dropped} messages dropped>"


def network(host: str) -> str:
    """What counts as one source: an IPv4 address, or the 64 bits before an IPv6 host's own."""
    if ":" not in host:
        return host
    try:
        address = IPv6Address(host.partition("%")[0])
    except ValueError:
        return host
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"


_UNPRINTABLE = re.compile(r"[^\w.+*#@:;=~!&$/-]")
_LONGEST = 80


def shown(text: str) -> str:
    """A name from the network as logs show it: no character of it can be taken for ours."""
    return _UNPRINTABLE.sub(lambda found: f"%{ord(found[0]) & 0xFF:02X}", text[:_LONGEST])
