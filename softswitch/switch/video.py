"""What the core knows of video: who sends it can be asked for a whole picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.switch.causes import CallFailed
from softswitch.switch.indications import Information

if TYPE_CHECKING:
    from softswitch.switch.session import Session

MEDIA_CONTROL = "application/media_control+xml"
_PICTURE_FAST_UPDATE = (
    '<?xml version="1.0" encoding="utf-8" ?>\r\n'
    "<media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive>"
    "</media_control>\r\n"
)
"""For far ends that heed no RTCP feedback (RFC 5168 §7.1)."""


def request_picture(session: Session) -> bool:
    """Ask the far end of a call for a whole picture; False where it sends no video."""
    stream = session.leg.media
    video = stream.video if stream is not None else None
    if video is None or video.closed:
        return False
    video.request_picture()
    try:
        session.leg.indicate(Information(_PICTURE_FAST_UPDATE, MEDIA_CONTROL))
    except CallFailed as failure:
        session.log.debug("no INFO asks for a picture: %s", failure)
    return True
