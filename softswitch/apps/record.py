"""The ``record`` application."""

from __future__ import annotations

from softswitch.dialplan.arguments import split, whole
from softswitch.registry import application
from softswitch.switch import ivr
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.session import Session

DEFAULT_SILENCE_SECONDS = 3


@application(
    "record",
    syntax="<path> [<time_limit_secs>] [<silence_thresh>] [<silence_hits>]",
    module="mod_dptools",
)
async def record(session: Session, data: str) -> None:
    """Record the caller into a file until a key, silence or the time limit ends it.

    A file that cannot be written hangs the call up (DESTINATION_OUT_OF_ORDER). Each key
    begins the time limit anew with ``record_restart_limit_on_dtmf``.
    """
    words = split(data, " ", 5)
    if not words:
        session.log.error(
            "record: <path> [<time_limit_secs>] [<silence_thresh>] [<silence_hits>] wanted"
        )
        return
    texts = [word.removeprefix("+") for word in words[1:4]] + ["", "", ""]
    limit, threshold, silence = (whole(text, 0) for text in texts[:3])
    result = await ivr.record(
        session,
        words[0],
        limit_seconds=limit,
        silence_threshold=threshold,
        silence_seconds=silence or DEFAULT_SILENCE_SECONDS,
    )
    if result.reason == "failed":
        raise CallFailed(HangupCause.DESTINATION_OUT_OF_ORDER, f"cannot record to {result.path}")
    command = session.get("record_post_process_exec_api") or ""
    if command:
        await session.switch.run_command(
            await session.expand(command.replace(":", " ", 1)), session=session, source="hook"
        )
