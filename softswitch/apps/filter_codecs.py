"""Choosing among the codecs of a caller: ``filter_codecs``."""

from __future__ import annotations

from softswitch.registry import ApplicationFlag, application
from softswitch.switch.session import Session


@application(
    "filter_codecs",
    syntax="<codec>[,<codec>…]",
    flags=ApplicationFlag.NO_MEDIA,
    module="mod_dptools",
)
async def filter_codecs(session: Session, data: str) -> None:
    """Of the codecs that the caller offers keep these, for the answer that is still to come.

    Sets ``filter_codec_string`` and ``codec_string``; without a list both are removed.
    """
    session.set("filter_codec_string", data.strip())
    wanted = {name.strip().partition("@")[0].upper() for name in data.split(",")} - {""}
    offered = (session.get("ep_codec_string") or "").split(",")
    kept = [item for item in offered if _name(item).upper() in wanted]
    if wanted and not kept:
        session.log.warning("filter_codecs: the caller offers none of %s", data)
        return
    session.set("codec_string", ",".join(_name(item) for item in kept))


def _name(item: str) -> str:
    """``PCMU`` of ``CORE_PCM_MODULE.PCMU@8000h@20i@64000b``."""
    return item.strip().partition("@")[0].rpartition(".")[2]
