"""The endpoint ``lcr``: the carriers of a number, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.lcr.commands import MODULE, find_routes, import_variables, inquiry_of
from softswitch.modules.lcr.rates import LookupFailed
from softswitch.registry import endpoint
from softswitch.switch.causes import CallFailed, HangupCause

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch


@endpoint("lcr", module=MODULE.name)
class LcrEndpoint:
    """``lcr/[<profile>/]<number>`` rings the carriers of a number, the cheapest first."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    async def expand(self, target: str, parent: Session | None, variables: dict[str, str]) -> str:
        """The dial string of all routes."""
        profile, _, number = target.rpartition("/")
        inquiry = inquiry_of(parent, number, variables)
        try:
            _, routes = await find_routes(self._switch, profile, inquiry)
        except LookupFailed as failure:
            raise CallFailed(HangupCause.DESTINATION_OUT_OF_ORDER, f"lcr: {failure}") from None
        if not routes:
            message = f"lcr: no carrier takes {number}"
            raise CallFailed(HangupCause.NO_ROUTE_DESTINATION, message)
        if parent is not None:
            import_variables(parent)
        return "|".join(route.dial_string for route in routes)
