"""Session timers: a call that nobody refreshes any more ends by itself (RFC 4028)."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.headers import parameters
from softswitch.sip.message import Message, Request, Response
from softswitch.sip.screening import Refusal
from softswitch.sip.timers import Timer, TimerEntry

if TYPE_CHECKING:
    from softswitch.sip.invite_usage import InviteUsage

SHORTEST = 90
"""Seconds that no session interval may be below (§4)."""
LONGEST = 86_400
"""Seconds; a minimum above this is not believed."""
_REFRESH_RETRY = 10.0


@dataclass(frozen=True, slots=True)
class SessionInterval:
    """What we want of session timers, in seconds."""

    enabled: bool = False
    """Take part where the peer wants timers; else nothing is said of them."""
    wanted: int = 0
    """The interval we ask for; 0 to leave it to the peer."""
    minimum: int = SHORTEST
    """What we refuse to go below."""
    by_update: bool = False
    """Refresh by UPDATE where the peer takes it, not by re-INVITE."""
    required: bool = False
    """Call nobody who cannot do timers."""


class SessionTimer:
    """The timer of one call: agreed in each INVITE, re-INVITE and UPDATE, whoever sends it."""

    __slots__ = ("_end", "_refresh", "_usage", "interval", "refreshing", "wish")

    def __init__(self, usage: InviteUsage, wish: SessionInterval) -> None:
        self.wish = wish
        self.interval = 0
        """Seconds agreed; 0 for no timer."""
        self.refreshing = False
        """Whether it is we who refresh."""
        # Not its owner: what belongs to a call is freed with it, without the collector.
        self._usage = weakref.ref(usage)
        self._refresh: TimerEntry | None = None
        self._end: TimerEntry | None = None

    @property
    def _owner(self) -> InviteUsage:
        usage = self._usage()
        assert usage is not None, "a timer does not outlive its call"
        return usage

    # Our requests

    def request_headers(self) -> list[tuple[str, str]]:
        """What an INVITE, re-INVITE or UPDATE of ours says (§7.1, §7.4)."""
        wish = self.wish
        if not wish.enabled:
            return []
        headers = []
        if self.interval:
            role = "uac" if self.refreshing else "uas"
            headers.append(("Session-Expires", f"{self.interval};refresher={role}"))
        elif wish.wanted:
            headers.append(("Session-Expires", str(max(wish.wanted, wish.minimum))))
        if wish.minimum > SHORTEST:
            headers.append(("Min-SE", str(wish.minimum)))
        if wish.required:
            headers.append(("Require", "timer"))
        return headers

    def raise_to(self, response: Response) -> bool:
        """Take a 422: True if the request is worth another try with a longer interval (§7.3)."""
        wish = self.wish
        minimum = _seconds(response, "Min-SE")
        if not wish.enabled or not wish.minimum < minimum <= LONGEST:
            return False
        self.wish = SessionInterval(
            True, max(wish.wanted, minimum), minimum, wish.by_update, wish.required
        )
        self.interval = max(self.interval, minimum) if self.interval else 0
        return True

    def accepted(self, response: Response, now: float) -> None:
        """A 2xx to a request of ours came (§7.2)."""
        if not self.wish.enabled:
            return
        interval, role = _expires(response)
        if interval:
            self._agree(interval, role != "uas", now)
        else:
            # The peer knows no timers: we may still refresh for proxies' and our own sake.
            self._agree(self.wish.wanted, True, now)

    # The peer's requests

    def response_headers(self, request: Request, now: float) -> list[tuple[str, str]]:
        """What our 2xx says, by which the timer is agreed (§9)."""
        wish = self.wish
        if not wish.enabled:
            return []
        asked, role = _expires(request)
        able = speaks_timer(request)
        interval = min(asked, wish.wanted) if asked and wish.wanted else asked or wish.wanted
        if not interval:
            self.stop()
            return []
        interval = max(interval, wish.minimum, _seconds(request, "Min-SE"))
        if not able:
            role = "uas"
        elif role not in ("uac", "uas"):
            role = "uac"
        self._agree(interval, role == "uas", now)
        headers = [("Session-Expires", f"{interval};refresher={role}")]
        if role == "uac":
            headers.append(("Require", "timer"))
        return headers

    # Time

    def _agree(self, interval: int, refreshing: bool, now: float) -> None:
        self.stop()
        if not interval:
            return
        self.interval, self.refreshing = interval, refreshing
        timers = self._owner.stack.timers
        if refreshing:
            self._refresh = timers.start(now + interval / 2, self, Timer.SESSION_REFRESH)
        # §10: a BYE goes out a little before the interval ends.
        life = interval - min(32.0, interval / 3)
        self._end = timers.start(now + life, self, Timer.SESSION_END)

    def stop(self) -> None:
        """The call ends, or goes on without a timer."""
        if self._end is not None:
            timers = self._owner.stack.timers
            timers.cancel(self._refresh)
            timers.cancel(self._end)
            self._refresh = self._end = None
        self.interval = 0

    def handle_timer(self, timer: Timer, now: float) -> None:
        match timer:
            case Timer.SESSION_REFRESH:
                timers = self._owner.stack.timers
                self._refresh = timers.start(now + _REFRESH_RETRY, self, Timer.SESSION_REFRESH)
                self._owner.refresh(now)
            case Timer.SESSION_END:
                self.stop()
                self._owner.fail("session expired", now)
            case _:
                raise AssertionError(f"{timer} is no timer of a session")

    def __repr__(self) -> str:
        return f"<SessionTimer {self.interval} s, {'ours' if self.refreshing else 'theirs'}>"


def too_short(request: Request, wish: SessionInterval) -> Refusal | None:
    """The 422 for an interval below our minimum, where the peer can ask for a longer one (§9)."""
    if not wish.enabled:
        return None
    asked = _expires(request)[0]
    if not asked or asked >= wish.minimum or not speaks_timer(request):
        return None
    return Refusal(422, None, (("Min-SE", str(wish.minimum)),))


def speaks_timer(message: Message) -> bool:
    """Whether the sender supports session timers."""
    return message.names_option("Supported", "timer") or message.names_option("Require", "timer")


def _expires(message: Message) -> tuple[int, str]:
    """Interval and refresher of Session-Expires; 0 where it says nothing to be understood."""
    text = message.headers.get("Session-Expires") or ""
    seconds, _, tail = text.partition(";")
    if not seconds.strip().isdecimal() or len(seconds) > 9:
        return 0, ""
    try:
        role = parameters(tail).get("refresher") if tail else ""
    except RemoteProtocolError:
        role = ""
    return min(int(seconds), LONGEST * 7), (role or "").lower()


def _seconds(message: Message, name: str) -> int:
    text = (message.headers.get(name) or "").partition(";")[0].strip()
    return int(text) if text.isdecimal() and len(text) <= 9 else 0
