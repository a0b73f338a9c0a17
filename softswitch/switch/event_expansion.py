"""Expansion of ``${}`` where there is no call: values are given, then come global variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from softswitch.dialplan import expansion

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch


async def expand_event(switch: Switch, text: str, headers: Mapping[str, str]) -> str:
    """``text`` with its ``${}`` replaced from headers, then from global variables.

    Commands in it are run; unknown ones are empty text.
    """
    work = expansion.expand_event(text, headers.get, switch.globals.get)
    try:
        call = next(work)
        while True:
            call = work.send(await switch.expansion_command(call))
    except StopIteration as finished:
        result: str = finished.value
        return result
