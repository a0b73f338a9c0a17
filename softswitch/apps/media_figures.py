"""Looking into a call's media, and bettering it: ``set_media_stats debug_media preprocess``."""

from __future__ import annotations

from softswitch.dialplan.arguments import is_true
from softswitch.registry import ApplicationFlag, application
from softswitch.switch import preprocess as effects
from softswitch.switch.media_trace import trace_media
from softswitch.switch.session import Session

_NO_MEDIA = ApplicationFlag.NO_MEDIA


@application("set_media_stats", flags=_NO_MEDIA | ApplicationFlag.INLINE, module="mod_dptools")
async def set_media_stats(session: Session, data: str) -> None:
    """Put the figures of the call's media so far into ``rtp_audio_…`` and ``rtp_video_…``."""
    session.leg.note_media()


@application(
    "debug_media",
    syntax="<read|write|both|vread|vwrite|vboth|all> <on|off>",
    flags=_NO_MEDIA,
    module="mod_dptools",
)
async def debug_media(session: Session, data: str) -> None:
    """Log each packet of sound, of video (``v…``) or of all, or no more."""
    words = data.split()
    if len(words) < 2:
        session.log.error(
            "debug_media: <read|write|both|vread|vwrite|vboth|all> <on|off> wanted, not %r", data
        )
    elif not trace_media(session, words[0], is_true(words[1])):
        session.log.error("debug_media: the call has no media for %r", words[0])


@application(
    "preprocess",
    syntax="stop|<r|w>.<agc|noise_suppress>=<value>[,...]",
    module="mod_dptools",
)
async def preprocess(session: Session, data: str) -> None:
    """Raise soft voices and suppress noise in what the party says (r) or hears (w).

    ``r.agc=true`` brings what the party says to one loudness (or to an amplitude such as 12000),
    ``w.noise_suppress=-20`` makes steady noise in what it hears up to 20 dB softer.
    """
    try:
        effects.preprocess(session, data)
    except ValueError as error:
        session.log.error("preprocess: %s", error)
