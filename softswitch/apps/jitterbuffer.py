"""``jitterbuffer``: hold packets of the far end back."""

from __future__ import annotations

from softswitch.registry import application
from softswitch.switch.jitter import control_jitter_buffer
from softswitch.switch.session import Session


@application(
    "jitterbuffer",
    syntax="<initial_ms>[:<max_ms>[:<drift_ms>]]|pause|resume|off",
    module="mod_dptools",
)
async def jitterbuffer(session: Session, data: str) -> None:
    """Hold packets back to play them evenly, making up for lost ones.

    With a greater second number the delay adapts to the network. While the call is bridged to
    another packets pass as they come, but with ``rtp_jitter_buffer_during_bridge``.
    """
    try:
        control_jitter_buffer(session, data)
    except ValueError as error:
        session.log.error("jitterbuffer: %s", error)
