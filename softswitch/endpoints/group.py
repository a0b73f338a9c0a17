"""The endpoint ``group``: all members of a directory group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.registry import endpoint
from softswitch.switch.causes import CallFailed, HangupCause

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch


@endpoint("group", module="mod_dptools")
class GroupEndpoint:
    """``group/<name>[@<domain>][+A|F|E]`` rings the members together or in turn."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    async def expand(self, target: str, parent: Session | None, variables: dict[str, str]) -> str:
        """What ``group_call`` answers."""
        text = await self._switch.run_command(
            f"group_call {target}", session=parent, source="expansion"
        )
        if not text or text.startswith(("-", "error/")):
            raise CallFailed(HangupCause.DESTINATION_OUT_OF_ORDER, f"no group {target}")
        return text
