"""The headers that every event has."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import lru_cache

from softswitch.switch.events import Event


class EventStamp:
    """Puts the headers of every event in front of its own."""

    def __init__(
        self,
        core_uuid: str,
        hostname: str,
        now_us: Callable[[], int],
        variables: Mapping[str, str],
        switchname: Callable[[], str],
    ) -> None:
        """``variables`` are the global ones: they tell the addresses of the machine.

        ``switchname`` is what its configuration calls the switch, empty where that is silent.
        """
        self._now_us = now_us
        self._variables = variables
        self._switchname = switchname
        self._origin = {
            "Core-UUID": core_uuid,
            "FreeSWITCH-Hostname": hostname,
            "FreeSWITCH-Switchname": hostname,
        }

    def __call__(self, event: Event) -> None:
        now = self._now_us()
        headers = {"Event-Name": event.name}
        if event.subclass:
            headers["Event-Subclass"] = event.subclass
        headers.update(self._origin)
        if name := self._switchname():
            headers["FreeSWITCH-Switchname"] = name
        headers["FreeSWITCH-IPv4"] = self._variables.get("local_ip_v4", "")
        headers["FreeSWITCH-IPv6"] = self._variables.get("local_ip_v6", "")
        headers["Event-Date-Local"], headers["Event-Date-GMT"] = _dates(now // 1_000_000)
        headers["Event-Date-Timestamp"] = str(now)
        headers["Event-Calling-File"] = "switch.py"
        headers["Event-Calling-Function"] = "publish"
        headers["Event-Calling-Line-Number"] = "1"
        headers["Event-Sequence"] = str(event.sequence)
        headers.update(event.headers)
        event.headers = headers


@lru_cache(maxsize=4)
def _dates(seconds: int) -> tuple[str, str]:
    """A time of day as events tell it, here and in Greenwich; many events share a second."""
    local = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    return local, time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(seconds))
