"""Replaces: a call that takes the place of another, by INVITE or by REFER (RFC 3891)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from softswitch.dialplan.hunt import PlannedAction
from softswitch.sip.dialog import DialogKey
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.headers import parameters
from softswitch.sip.uri import SipUri
from softswitch.sip.usage_client import ClientUsage
from softswitch.switch.bridge import uuid_bridge
from softswitch.switch.causes import CallFailed, HangupCause

if TYPE_CHECKING:
    from softswitch.sip.invite_usage import InviteUsage
    from softswitch.sip.message import Request
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch


@dataclass(frozen=True, slots=True)
class Replaces:
    """Which dialog is to be replaced, as we know it: its Call-ID, our tag, the far end's."""

    key: DialogKey
    early_only: bool = False

    @classmethod
    def parse(cls, text: str) -> Replaces:
        """The value of a Replaces header; raises RemoteProtocolError(400)."""
        call_id, _, tail = text.partition(";")
        tags = parameters(f";{tail}")
        to_tag, from_tag = tags.get("to-tag"), tags.get("from-tag")
        if not call_id.strip() or not to_tag or not from_tag:
            raise RemoteProtocolError(400, "Malformed Replaces")
        return cls((call_id.strip(), to_tag, from_tag), "early-only" in tags)


def replaces_of(target: SipUri) -> str:
    """The Replaces that a Refer-To carries, unescaped; empty without one."""
    for item in target.headers.split("&"):
        name, _, value = item.partition("=")
        if name.lower() == "replaces":
            return unquote(value)
    return ""


def find_replaced(switch: Switch, key: DialogKey) -> Session | None:
    """The session whose dialog a Replaces names, of whatever profile (§3)."""
    for session in switch.sessions.values():
        usage: InviteUsage | None = getattr(session.leg, "usage", None)
        if usage is not None and _has(usage, key):
            return session if session.channel.up else None
    return None


def _has(usage: InviteUsage, key: DialogKey) -> bool:
    # A watcher that picks up a phone's call names the tags as that phone does (RFC 4235 §3.7.1).
    keys = (key, (key[0], key[2], key[1]))
    if usage.dialog is not None and usage.dialog.key in keys:
        return True
    early = usage.early if isinstance(usage, ClientUsage) else {}
    return any(each.dialog.key in keys for each in early.values())


def replaced_by(switch: Switch, request: Request) -> Session | None:
    """The session that an INVITE wants to replace; None where it wants none.

    Raises RemoteProtocolError where the header is malformed or names no call that may be replaced.
    """
    values = request.headers.all("Replaces")
    if not values:
        return None
    if len(values) > 1:
        raise RemoteProtocolError(400, "More than one Replaces")
    wanted = Replaces.parse(values[0])
    replaced = find_replaced(switch, wanted.key)
    if replaced is None:
        raise RemoteProtocolError(481, "The replaced call does not exist")
    if wanted.early_only and replaced.channel.answered:
        raise RemoteProtocolError(486, "The replaced call is answered")
    if replaced.is_true("deny_refer_requests"):
        raise RemoteProtocolError(403, "The call must not be replaced")
    return replaced


def take_place(new: Session, replaced: Session) -> bool:
    """Let a new call, not begun yet, take over whoever the replaced one talks to, or rings for.

    Where that is nobody (False) it runs the application that the replaced one runs.
    """
    partner = _partner(replaced)
    _note(new, replaced)
    if partner is None:
        new.actions = [PlannedAction("answer", ""), *_running(replaced)]
        replaced.hangup(HangupCause.ATTENDED_TRANSFER)
        return False
    new.actions = [PlannedAction("answer", ""), PlannedAction("park", "")]

    def on_new(_: Session, what: str) -> None:
        if what == "answer":
            new.unwatch(on_new)
            new.spawn(_join(new, partner, replaced), "replaces")

    new.watchers.append(on_new)
    return True


def take_over(new: Session, replaced: Session) -> None:
    """`take_place` for a party that we have called and that has answered."""
    partner = _partner(replaced)
    _note(new, replaced)
    if partner is None:
        new.run_actions(_running(replaced))
        replaced.hangup(HangupCause.ATTENDED_TRANSFER)
    else:
        new.spawn(_join(new, partner, replaced), "replaces")


def _note(new: Session, replaced: Session) -> None:
    new.set("transfer_disposition", "recv_replace")
    replaced.set("transfer_disposition", "replaced")
    replaced.set("endpoint_disposition", "ATTENDED_TRANSFER")


def _running(session: Session) -> list[PlannedAction]:
    """The application that a session runs."""
    application = session.get("current_application")
    data = session.get("current_application_data") or ""
    return [PlannedAction(application, data)] if application else []


def _partner(session: Session) -> Session | None:
    """Whom a session is bridged to, or was rung for."""
    if session.peer is not None:
        return session.peer
    if not session.channel.outbound:
        return None
    originator = session.channel.originator or session.get("originator") or ""
    found = session.switch.find(originator)
    return found if found is not None and found.channel.up else None


async def _join(new: Session, partner: Session, replaced: Session) -> None:
    try:
        await partner.answer()
        await uuid_bridge(new, partner)
    except CallFailed as failure:
        new.log.warning("the call cannot be taken over: %s", failure)
        new.hangup(failure.cause)
        return
    replaced.hangup(HangupCause.ATTENDED_TRANSFER)
