"""Bridge: join two sessions until one leaves, then decide what becomes of the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.dialplan.hunt import PlannedAction
from softswitch.switch import digit_flow, direct_media, execution, hooks, record_copies
from softswitch.switch.bridge_wishes import BridgeWishes
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.indications import Display
from softswitch.switch.silence import fill_silence
from softswitch.switch.states import ChannelState

if TYPE_CHECKING:
    from softswitch.switch.session import Session

_S = ChannelState
_WAITING = frozenset({_S.CS_CONSUME_MEDIA, _S.CS_SOFT_EXECUTE, _S.CS_EXCHANGE_MEDIA})
"""States of a leg that waits for whoever rang or took it."""
_ELSEWHERE = (
    "park_after_early_bridge",
    "park_after_bridge",
    "transfer_after_early_bridge",
    "transfer_after_bridge",
    "exec_after_bridge_app",
)
"""Variables that say what becomes of a leg whose partner left."""


async def bridge(
    a: Session, b: Session, after: Callable[[Session, Session], None] | None = None
) -> None:
    """Let ``a`` and ``b`` talk; runs in the task of ``a`` until one of them leaves.

    Early media of ``b`` opens media of ``a``; its answer answers ``a``. When ``b`` left, the
    variables of ``a`` decide: hang up, park, transfer, or go on with its next action. When
    ``a`` left, ``b`` parks, is transferred or hangs up. Who holds the other and hangs up ends
    that call too. ``after`` decides about ``a`` instead of `after_bridge`. An ``a`` that is in
    a bridge already comes back to that one.
    """
    decide = after or after_bridge
    wishes = BridgeWishes(a, b)
    loop = a.switch.loop
    ended: asyncio.Future[None] = loop.create_future()
    answered_now: asyncio.Future[None] = loop.create_future()

    taken = False

    def on_b(_: Session, what: str) -> None:
        nonlocal taken
        taken = taken or what == "moved"
        if what in ("hangup", "moved") and not ended.done():
            ended.set_result(None)
        elif what == "answer" and not answered_now.done():
            answered_now.set_result(None)

    try:
        await _open_media(a, b)
        await hooks.run(a, "pre_bridge")
        await wishes.before()
        a.check_ready()
    except BaseException:
        # Nobody else holds the called leg.
        if b.channel.state in _WAITING:
            _left_alone(b)
        raise
    if b.channel.state not in _WAITING:
        # It hung up, or was taken elsewhere, while the media was opened.
        decide(a, b)
        return
    wishes.prepare(ended)
    b.move(_S.CS_EXCHANGE_MEDIA)
    b.watchers.append(on_b)
    outer = a.peer
    _join(a, b)
    for one in (a, b):
        one.tell("bridged")
    try:
        await wishes.begin()
        if not b.channel.answered:
            await asyncio.wait((ended, answered_now), return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                await _open_media(a, b)
        a.check_ready()
        if not ended.done():
            direct_media.after_answer(a)
        await ended
    finally:
        b.unwatch(on_b)
        wishes.end()
        _part(a, b, taken=taken)
        record_copies.expect(a, b)
        await _tell_parted(a, b)
    await record_copies.take(a)
    await hooks.run(a, "post_bridge")
    await wishes.after()
    if a.ready and not wishes.given_up:
        decide(a, b)
    if outer is not None and a.channel.up and a.peer is None:
        _come_back(a, outer)


async def _open_media(a: Session, b: Session) -> None:
    """Bring ``a`` as far as ``b`` is, and let them hear each other."""
    if b.channel.answered:
        await a.answer()
    elif b.channel.early_media:
        await a.pre_answer()
    if a.leg.media is not None and b.leg.media is not None:
        a.leg.media.connect(b.leg.media)
    digit_flow.refresh(a)
    digit_flow.refresh(b)


def _join(a: Session, b: Session) -> None:
    now = a.switch.now_us()
    a.peer, b.peer = b, a
    for one, other, role in ((a, b, "originatee"), (b, a, "originator")):
        channel, partner = one.channel, other.channel
        channel.bridged_to = partner.uuid
        channel.other_profile = (role, partner.profile)
        channel.profile.times.bridged = now
        channel.variables.load({"signal_bond": partner.uuid})
        digit_flow.refresh(one)
    a.set("originate_signal_bond", "")
    b.channel.variables.load({"call_uuid": a.uuid})
    ids = {"Bridge-A-Unique-ID": a.uuid, "Bridge-B-Unique-ID": b.uuid}
    a.switch.fire(a, "CHANNEL_BRIDGE", first=ids)
    a.set("switch_m_sdp", b.channel.variables.peek("switch_r_sdp") or "")
    for one, other in ((a, b), (b, a)):
        one.channel.variables.load(
            {
                "bridge_to": other.uuid,
                "last_bridge_to": other.uuid,
                "bridge_uuid": other.uuid,
                "bridge_channel": other.channel.name,
            }
        )
        fill_silence(one)
        exported = one.get("bridge_export_vars")
        if exported:
            _export(exported, one, other)
    called = b.channel.profile
    _show(b, a.channel.profile.caller_id_name, a.channel.profile.caller_id_number)
    _show(a, called.callee_id_name, called.callee_id_number)


def _export(names: str, one: Session, other: Session) -> None:
    """Give a partner those of a leg's variables that ``bridge_export_vars`` names."""
    for name in names.split(","):
        value = one.get(name.strip()) if name.strip() else None
        if value:
            other.set(name.strip(), value)


def _show(session: Session, name: str, number: str) -> None:
    """Tell whom this leg talks to now, for displays."""
    session.set("last_sent_callee_id_name", name)
    session.set("last_sent_callee_id_number", number)
    headers = {
        "Direction": "SEND",
        "Sent-Callee-ID-Name": name,
        "Sent-Callee-ID-Number": number,
        "Bridged-To": session.channel.bridged_to or "",
    }
    session.switch.fire(session, "CALL_UPDATE", first=headers)
    try:
        session.leg.indicate(Display(name, number, asked=False))
    except CallFailed as failure:
        session.log.debug("the display is not told: %s", failure)


def _come_back(a: Session, outer: Session) -> None:
    """``a`` bridged another from within its bridge with ``outer``, and that talk is over."""
    if outer.peer is a and outer.channel.up:
        a.peer, a.channel.bridged_to = outer, outer.uuid
        a.channel.variables.load({"signal_bond": outer.uuid, "bridge_to": outer.uuid})
        if a.leg.media is not None and outer.leg.media is not None:
            a.leg.media.connect(outer.leg.media)
        digit_flow.refresh(a)
        digit_flow.refresh(outer)
    elif a.channel.state is _S.CS_EXCHANGE_MEDIA:
        _left_alone(a)


def _part(a: Session, b: Session, *, taken: bool) -> None:
    """Undo `_join`, and decide about ``b`` where nobody else has ``taken`` it."""
    ours = a.peer is b and b.peer is a
    # Also where they have bridged others meanwhile, from within this bridge.
    waits = not taken and b.peer in (a, None)
    if ours:
        stream = a.leg.media or b.leg.media
        if stream is not None and not stream.closed:
            stream.disconnect()
    for one, other in ((a, b), (b, a)):
        if one.peer is other:
            one.peer = None
            one.channel.bridged_to = None
            one.set("bridge_to", "")
            direct_media.after_bridge(one)
            digit_flow.refresh(one)
    if b.channel.up and b.channel.call_uuid == a.uuid:
        b.channel.variables.load({"call_uuid": b.uuid})
    if a.ready and b.channel.left_holding and not b.get("hold_hangup_xfer_exten"):
        a.hangup(HangupCause.NORMAL_CLEARING)
    if waits and b.channel.state is _S.CS_EXCHANGE_MEDIA:
        if a.channel.left_holding and not a.get("hold_hangup_xfer_exten"):
            b.hangup(HangupCause.NORMAL_CLEARING)
        else:
            _left_alone(b)
    for one, other in ((a, b), (b, a)):
        if not other.channel.up:
            one.set("bridge_hangup_cause", other.channel.hangup_cause.name)


async def _tell_parted(a: Session, b: Session) -> None:
    """Tell that the bridge is over: programs expect a called leg that has hung up to end first."""
    try:
        if not b.channel.up:
            await asyncio.sleep(0)
    finally:
        ids = {"Bridge-A-Unique-ID": a.uuid, "Bridge-B-Unique-ID": b.uuid}
        a.switch.fire(a, "CHANNEL_UNBRIDGE", first=ids)
        a.tell("unbridged")
        b.tell("unbridged")


def _left_alone(b: Session) -> None:
    """The caller left: what becomes of the called leg."""
    if b.channel.up and _goes_elsewhere(b):
        return
    if not b.channel.answered:
        if b.channel.up and hooks.present(b, "orphaned_bleg"):
            b.parked = _orphaned
            b.move(_S.CS_RESET)
            b.channel.move(_S.CS_SOFT_EXECUTE)
        else:
            b.hangup(HangupCause.ORIGINATOR_CANCEL)
    else:
        b.hangup(HangupCause.NORMAL_CLEARING)


async def _orphaned(b: Session) -> None:
    """What shall become of a called leg that rings on for nobody."""
    await hooks.run(b, "orphaned_bleg")
    if b.ready:
        b.hangup(HangupCause.ORIGINATOR_CANCEL)


def after_bridge(a: Session, b: Session) -> None:
    """``b`` left: hang up, park, transfer, or let ``a`` go on with its next action."""
    cause = b.channel.hangup_cause
    if cause is HangupCause.NONE:
        cause = HangupCause.NORMAL_CLEARING
    answered = b.channel.answered
    if not answered:
        after_failure(a, cause)
        if not a.ready:
            return
    wish = (a.get("hangup_after_bridge") or "").lower()
    if wish == "explicit":
        a.hangup(cause)
    elif not answered:
        _goes_elsewhere(a, early=True)
    elif not _goes_elsewhere(a) and is_true(wish) and not b.channel.up:
        a.hangup(cause)


def _goes_elsewhere(session: Session, *, early: bool = False) -> bool:
    """Park, transfer, or run an application instead of what was to come; True if one was asked for.

    ``early`` after a bridge that was never answered: only what is meant for that counts.
    """
    wishes = session.pick(_ELSEWHERE)
    if not wishes:
        return False
    if is_true(wishes.get("park_after_early_bridge")) or (
        not early and is_true(wishes.get("park_after_bridge"))
    ):
        session.move(_S.CS_PARK)
        return True
    target = wishes.get("transfer_after_early_bridge")
    if not target and not early:
        target = wishes.get("transfer_after_bridge")
    if target:
        session.set("transfer_after_bridge", "")
        extension, _, rest = target.partition(":")
        dialplan, _, context = rest.partition(":")
        session.transfer(extension, dialplan or None, context or None)
        return True
    application = wishes.get("exec_after_bridge_app")
    if application:
        data = session.get("exec_after_bridge_arg") or ""
        session.run_actions([PlannedAction(application, data)])
        return True
    return False


NOT_FATAL = frozenset(
    {HangupCause.NO_ANSWER, HangupCause.NO_USER_RESPONSE, HangupCause.ORIGINATOR_CANCEL}
)
"""Causes after which the dialplan goes on though nothing asks for it."""


def after_failure(a: Session, cause: HangupCause) -> None:
    """An attempt failed with ``cause``: go on, transfer, or hang up the caller.

    Order as in FreeSWITCH: ``failure_causes``, ``continue_on_fail``, the default causes,
    ``transfer_on_fail``.
    """
    if not a.channel.up:
        return
    failures, wish = a.get("failure_causes"), a.get("continue_on_fail")
    if failures is not None or wish is not None:
        if failures is not None and not _listed(cause, failures):
            return
        if wish is not None and (is_true(wish) or _listed(cause, wish)):
            return
    elif cause in NOT_FATAL:
        return
    on_fail = (a.get("transfer_on_fail") or "").split()
    if on_fail and _listed(cause, on_fail[0]):
        target = on_fail[1] if len(on_fail) > 1 else "auto_cause"
        extension = cause.name if target == "auto_cause" else target
        a.transfer(
            extension,
            on_fail[2] if len(on_fail) > 2 else None,
            on_fail[3] if len(on_fail) > 3 else None,
        )
        return
    if a.channel.state is not _S.CS_ROUTING:
        a.hangup(cause)


def _listed(cause: HangupCause, text: str) -> bool:
    """True if a comma list of names and numbers holds ``cause``."""
    for item in text.split(","):
        item = item.strip().upper()
        if item == cause.name or (item.isdigit() and int(item) == cause):
            return True
    return False


async def uuid_bridge(a: Session, b: Session) -> None:
    """`join_calls` for whoever runs as a task."""
    join_calls(a, b)


def join_calls(a: Session, b: Session) -> None:
    """Take both calls from whatever they do and join them; ``a`` becomes the first leg.

    Raises `CallFailed` where one of them is gone. After the bridge ``a`` goes on with what
    its dialplan still holds.
    """
    if a is b or not (a.channel.up and b.channel.up):
        raise CallFailed(HangupCause.INVALID_CALL_REFERENCE, "both calls must exist")

    def lost(_: Session, what: str) -> None:
        """``a`` went elsewhere before it could begin."""
        if what in ("hangup", "moved"):
            a.unwatch(lost)
            if b.channel.state is _S.CS_SOFT_EXECUTE:
                _left_alone(b)

    async def talk(session: Session) -> None:
        session.unwatch(lost)
        if not b.channel.up:
            _after_uuid_bridge(session, b)
            if session.ready and not _goes_on(session, b):
                session.hangup(b.channel.hangup_cause)
        else:
            for one, other in ((session, b), (b, session)):
                execution.tell(one, "uuid_bridge", other.uuid)
            await bridge(session, b, _after_uuid_bridge)
        if session.ready:
            session.channel.move(_S.CS_EXECUTE)

    b.move(_S.CS_RESET)
    b.channel.move(_S.CS_SOFT_EXECUTE)
    a.parked = talk
    a.move(_S.CS_RESET)
    a.channel.move(_S.CS_HIBERNATE)
    a.watchers.append(lost)


def _goes_on(a: Session, b: Session) -> bool:
    """True if ``b`` left before it answered and ``a`` shall go on with its dialplan then."""
    return not b.channel.answered and a.is_true("uuid_bridge_continue_on_cancel")


def _after_uuid_bridge(a: Session, b: Session) -> None:
    """As `after_bridge`; a called leg that left before its answer has rules of its own."""
    if _goes_on(a, b):
        return
    if not b.channel.answered and a.is_true("uuid_bridge_park_on_cancel"):
        a.move(_S.CS_PARK)
    else:
        after_bridge(a, b)
