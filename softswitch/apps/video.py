"""Applications about video: ``novideo`` and ``video_refresh``."""

from __future__ import annotations

from softswitch.registry import ApplicationFlag, application
from softswitch.switch.session import Session
from softswitch.switch.video import request_picture

_INLINE = ApplicationFlag.NO_MEDIA | ApplicationFlag.INLINE


@application("novideo", flags=_INLINE, module="mod_dptools")
async def novideo(session: Session, data: str) -> None:
    """Refuse video that the caller offers from now on; the call goes on with sound alone."""
    session.refuses_video = True


@application("video_refresh", syntax="[manual|auto]", flags=_INLINE, module="mod_dptools")
async def video_refresh(session: Session, data: str) -> None:
    """Ask the far end for a whole picture, by RTCP and by INFO."""
    if not request_picture(session):
        session.log.warning("video_refresh: the call has no video")
