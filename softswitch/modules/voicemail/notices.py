"""What the switch is told of mailboxes: ``vm::maintenance`` and ``MESSAGE_WAITING``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from softswitch.modules.voicemail.mailbox import Mailbox
from softswitch.modules.voicemail.store import Counts, Message

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

SUBCLASS = "vm::maintenance"


def tell(
    switch: Switch,
    action: str,
    user: str,
    domain: str,
    headers: Mapping[str, str] | None = None,
    session: Session | None = None,
) -> None:
    """Fire ``vm::maintenance`` with ``VM-Action``; with a session its channel's headers too."""
    own = {"VM-Action": action, "VM-User": user, "VM-Domain": domain, **(headers or {})}
    if session is None:
        switch.publish("CUSTOM", own, subclass=SUBCLASS)
    else:
        switch.fire(session, "CUSTOM", first=own, subclass=SUBCLASS)


def left(switch: Switch, message: Message, session: Session | None) -> None:
    """A message was left."""
    headers = {
        "VM-Caller-ID-Name": message.cid_name,
        "VM-Caller-ID-Number": message.cid_number,
        "VM-File-Path": message.path,
        "VM-Flags": message.urgency,
        "VM-Folder": message.folder,
        "VM-UUID": message.uuid,
        "VM-Message-Len": str(message.seconds),
        "VM-Timestamp": str(message.created),
    }
    if message.forwarded_by:
        headers["VM-Forwarded-By"] = message.forwarded_by
    tell(switch, "leave-message", message.user, message.domain, headers, session)


def totals(counts: Counts) -> dict[str, str]:
    """The counts of a mailbox as headers."""
    return {
        "VM-Total-New-Messages": str(counts.new),
        "VM-Total-Saved-Messages": str(counts.saved),
        "VM-Total-New-Urgent-Messages": str(counts.urgent_new),
        "VM-Total-Saved-Urgent-Messages": str(counts.urgent_saved),
    }


def _changed(counts: Counts) -> dict[str, str]:
    """The counts of a mailbox, as ``mwi-update`` names them."""
    return {name.removesuffix("-Messages"): count for name, count in totals(counts).items()}


async def update(switch: Switch, box: Mailbox, reason: str) -> None:
    """The number of messages changed: ``NEW DELETE SAVE PURGE READ`` tells why."""
    counts = await box.store.counts(box.id, box.domain)
    switch.publish("MESSAGE_WAITING", {**waiting(box, counts), "Update-Reason": reason})
    tell(switch, "mwi-update", box.id, box.domain, _changed(counts))


def in_full(counts: Counts) -> str:
    """New and saved messages with the urgent ones among them (RFC 3842 §5.2)."""
    urgent = f"({counts.urgent_new}/{counts.urgent_saved})"
    return f"{counts.new}/{counts.saved} {urgent}"


def waiting(box: Mailbox, counts: Counts) -> dict[str, str]:
    """The headers of ``MESSAGE_WAITING``, which SIP turns into a NOTIFY (RFC 3842)."""
    summary = f"{counts.new}/{counts.saved}"
    if box.profile.settings.send_full_vm_header:
        summary = in_full(counts)
    return {
        "MWI-Messages-Waiting": "yes" if counts.new else "no",
        "MWI-Message-Account": box.address,
        "MWI-Voice-Message": summary,
    }
