"""The endpoint ``error``: fails at once with a cause of choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from softswitch.registry import endpoint
from softswitch.switch.causes import CallFailed, HangupCause

if TYPE_CHECKING:
    from softswitch.switch.caller import CallerProfile
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch


@endpoint("error", module="mod_dptools")
class ErrorEndpoint:
    """``error/<cause>``: a destination that refuses with that cause."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    def dial(
        self,
        target: str,
        profile: CallerProfile,
        parent: Session | None,
        variables: dict[str, str],
    ) -> NoReturn:
        cause = HangupCause.parse(target)
        if cause in (HangupCause.NONE, HangupCause.SUCCESS):
            cause = HangupCause.DESTINATION_OUT_OF_ORDER
        raise CallFailed(cause, f"error/{target}")
