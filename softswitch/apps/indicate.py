"""What the dialplan says to phones: ``send_info send_display privacy blind_transfer_ack``."""

from __future__ import annotations

from softswitch.dialplan.arguments import is_false, is_true
from softswitch.registry import ApplicationFlag, application
from softswitch.switch.causes import CallFailed
from softswitch.switch.indications import Display, Indication, Information, TransferOutcome
from softswitch.switch.session import Session

_NO_MEDIA = ApplicationFlag.NO_MEDIA


@application("send_info", syntax="<info>", flags=_NO_MEDIA, module="mod_dptools")
async def send_info(session: Session, data: str) -> None:
    """Send an INFO to the far end, where it says that it takes them (X-FS-Support)."""
    _indicate(session, Information(data))


@application("send_display", syntax="<name>|<number>", flags=_NO_MEDIA, module="mod_dptools")
async def send_display(session: Session, data: str) -> None:
    """Tell the phone's display whom it talks to now."""
    name, _, number = data.partition("|")
    _indicate(session, Display(name.strip(), (number or name).strip()))


@application(
    "privacy",
    syntax="off|on|yes|no|name|full|number",
    flags=_NO_MEDIA | ApplicationFlag.INLINE,
    module="mod_dptools",
)
async def privacy(session: Session, data: str) -> None:
    """Hide name or number of this caller on the legs it makes, or both (``on``, ``full``).

    One after the other adds up; ``off`` shows both.
    """
    wish = data.strip().lower()
    hidden, shown = wish == "full" or is_true(wish), is_false(wish)
    if not hidden and not shown and wish not in ("name", "number"):
        session.log.error("privacy: off, on, name, full or number wanted, not %r", data)
        return
    caller = session.channel.profile
    caller.privacy_hide_name = not shown and (wish != "number" or caller.privacy_hide_name)
    caller.privacy_hide_number = not shown and (wish != "name" or caller.privacy_hide_number)


@application("blind_transfer_ack", syntax="[true|false]", flags=_NO_MEDIA, module="mod_dptools")
async def blind_transfer_ack(session: Session, data: str) -> None:
    """Tell whoever transferred this call, and waits for the outcome, that it is well or has failed.

    It waits with ``confirm_blind_transfer``. Nothing written is ``false``.
    """
    referrer = session.switch.find(session.get("blind_transfer_uuid") or "")
    if referrer is None:
        session.log.warning("blind_transfer_ack: nobody waits for the outcome of a transfer")
        return
    _indicate(referrer, TransferOutcome(is_true(data.strip())))


def _indicate(session: Session, what: Indication) -> None:
    try:
        session.leg.indicate(what)
    except CallFailed as failure:
        session.log.warning("%s", failure)
