"""What becomes of digits: ``start_dtmf start_dtmf_generate block_dtmf deduplicate_dtmf …``."""

from __future__ import annotations

from softswitch.registry import ApplicationFlag, application
from softswitch.switch import digit_flow, media_bugs
from softswitch.switch.media_bugs import MediaBug
from softswitch.switch.session import Session

_NO_MEDIA = ApplicationFlag.NO_MEDIA
INBAND = "inband_dtmf"
GENERATE = "inband_dtmf_generate"


@application("start_dtmf", syntax="", module="mod_dptools")
async def start_dtmf(session: Session, data: str) -> None:
    """Listen for digits in the party's voice, of phones that send no others."""
    if any(media_bugs.find(session, INBAND)):
        return
    media = session.media
    media.detect(dtmf=True)

    def stop() -> None:
        if not media.closed:
            media.detect(dtmf=False)
        bug.detach()

    bug = MediaBug(session, INBAND, session.uuid, stop)


@application("spandsp_start_dtmf", syntax="", module="mod_spandsp")
async def spandsp_start_dtmf(session: Session, data: str) -> None:
    """The same as `start_dtmf`."""
    await start_dtmf(session, data)


@application("stop_dtmf", syntax="", module="mod_dptools")
async def stop_dtmf(session: Session, data: str) -> None:
    """End `start_dtmf`."""
    media_bugs.stop(session, INBAND)


@application("spandsp_stop_dtmf", syntax="", module="mod_spandsp")
async def spandsp_stop_dtmf(session: Session, data: str) -> None:
    """The same as `stop_dtmf`."""
    media_bugs.stop(session, INBAND)


@application("start_dtmf_generate", syntax="[write]", module="mod_dptools")
async def start_dtmf_generate(session: Session, data: str) -> None:
    """Let the partner hear this party's digits as tones; ``write``: this party the partner's."""
    if any(media_bugs.find(session, GENERATE)):
        return
    write = data.strip().lower() == "write"
    _generate(session, write, True)

    def stop() -> None:
        _generate(session, write, False)
        bug.detach()

    bug = MediaBug(session, GENERATE, session.uuid, stop)


@application("stop_dtmf_generate", syntax="[write]", module="mod_dptools")
async def stop_dtmf_generate(session: Session, data: str) -> None:
    """End `start_dtmf_generate`."""
    media_bugs.stop(session, GENERATE)


@application("block_dtmf", syntax="", flags=_NO_MEDIA, module="mod_dptools")
async def block_dtmf(session: Session, data: str) -> None:
    """Ignore the digits of the party: neither applications nor its partner get them."""
    session.digit_rules.blocked = True
    digit_flow.refresh(session)


@application("unblock_dtmf", syntax="", flags=_NO_MEDIA, module="mod_dptools")
async def unblock_dtmf(session: Session, data: str) -> None:
    """End `block_dtmf`."""
    session.digit_rules.blocked = False
    digit_flow.refresh(session)


@application("deduplicate_dtmf", syntax="[only_rtp]", flags=_NO_MEDIA, module="mod_dptools")
async def deduplicate_dtmf(session: Session, data: str) -> None:
    """Count a key once that comes in several ways, such as inside RTP and in the voice."""
    session.digit_rules.deduplicated = True
    session.digit_rules.only_rtp = data.strip().lower() == "only_rtp"
    digit_flow.refresh(session)


def _generate(session: Session, write: bool, on: bool) -> None:
    if write:
        session.digit_rules.tones_to_us = on
    else:
        session.digit_rules.tones_to_partner = on
    for one in (session, session.peer):
        if one is not None:
            digit_flow.refresh(one)
