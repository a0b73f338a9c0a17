"""What members are rung with: their dial strings as one, and what their calls show and carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.modules.fifo.queue import Member, Queue, Round
    from softswitch.switch.session import Session

TAG = "fifo_outbound_uuid"
"""Names the member on his leg."""
_CALLER_ID = ("origination_caller_id_name", "origination_caller_id_number")


def dial_string(queue: Queue, members: list[Member]) -> str:
    """The dial strings of members, who ring together, each tagged with his name."""
    return ",".join(_leg(queue, member) for member in members)


def _leg(queue: Queue, member: Member) -> str:
    text = member.dial_string
    tag = f"[leg_timeout={member.timeout},{TAG}={member.id},fifo_name={queue.name}"
    for opening, closing in ("{}", "[]", "<>"):
        if text.startswith(opening) and closing in text:
            inside, _, rest = text[1:].partition(closing)
            return f"{tag},{inside}]{rest}"
    return f"{tag}]{text}"


def variables(
    queue: Queue, round_: Round, number: str, *, allow_transcoding: bool
) -> dict[str, str]:
    """The variables of a round of calls; ``number`` is the round's own."""
    # Who has not answered cannot serve.
    found = {"ignore_early_media": "true", "outbound_redirect_fatal": "true"}
    # What a member's own dial string says of the caller is shown to all who ring with him.
    said = " ".join(one.dial_string for one in round_.members)
    if round_.entry is None or round_.entry.session is None:
        if "origination_caller" not in said:
            shown = queue.plan.outbound_name or queue.name
            found |= dict(zip(_CALLER_ID, ("Queue", f"Queue: {shown}"), strict=True))
        return found | {"fifo_hangup_check": queue.name}
    caller = round_.entry.session
    profile = caller.channel.profile
    name, shown = profile.caller_id_name, queue.plan.outbound_name
    if shown:
        name = shown[1:] if shown.startswith("=") else f"({shown}) {name}"
    shows = zip(_CALLER_ID, (name, profile.caller_id_number), strict=True)
    found |= {variable: value for variable, value in shows if variable not in said}
    found |= {"fifo_bridge_uuid": caller.uuid, "fifo_originate_uuid": number}
    for exported in (caller.get("fifo_export") or "").split(","):
        if value := caller.get(exported.strip()) if exported.strip() else None:
            found[exported.strip()] = value
    if not allow_transcoding and not caller.is_true("fifo_allow_transcoding"):
        found |= _codecs(caller)
    return found


def _codecs(caller: Session) -> dict[str, str]:
    """Offer what the caller talks, so that nothing has to be decoded; and G.711, which all have."""
    codec = caller.get("rtp_use_codec_name")
    rate, ptime = caller.get("rtp_use_codec_rate"), caller.get("rtp_use_codec_ptime")
    if not codec or not rate or not ptime:
        return {}
    own = f"{codec}@{ptime}i@{rate}h"
    if codec.upper() not in ("PCMU", "PCMA"):
        own += f",PCMU@{ptime}i,PCMA@{ptime}i"
    return {"absolute_codec_string": own}
