"""Listening to calls: ``eavesdrop native_eavesdrop three_way userspy``."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from softswitch.registry import application
from softswitch.switch import ivr
from softswitch.switch.eavesdrop import (
    KEYS,
    EavesdropWishes,
    can_be_heard,
    eavesdrop,
    may_listen,
    soon_heard,
)
from softswitch.switch.events import Event
from softswitch.switch.session import Session
from softswitch.switch.waiting import wait_for_any

IDLE_MS = 2000
"""How often somebody who listens to all calls looks for one while there is none."""
NEXT_MS = 5000
"""How long one waits for ``*`` after a call, before the next begins."""


@application("eavesdrop", syntax="<uuid>|all", module="mod_dptools")
async def eavesdrop_app(session: Session, data: str) -> None:
    """Listen to a call, or to all in turn.

    Keys: ``2`` speaks to that party, ``1`` to its partner, ``3`` to both, ``0`` to nobody again;
    ``*`` leaves, or goes on to the next call. ``eavesdrop_require_group`` limits it to calls whose
    ``eavesdrop_group`` names that group. A call that rings is waited for, 6 s at most.
    """
    await session.pre_answer()
    wishes = EavesdropWishes.of(session)
    if data.strip().lower() == "all":
        await _listen_to_all(session, wishes)
        return
    await _listen_to(session, data.strip(), wishes)


@application("native_eavesdrop", syntax="<uuid> [read|write]", module="mod_dptools")
async def native_eavesdrop(session: Session, data: str) -> None:
    """Listen to what a call's party says, with ``write`` to what it hears too; keys do nothing."""
    words = data.split()
    if not words:
        session.log.error("native_eavesdrop: <uuid> [read|write] wanted")
        return
    await session.pre_answer()
    hear = "both" if "write" in words[1:2] else "read"
    await _listen_to(session, words[0], EavesdropWishes(hear=hear, keys=False))


async def _listen_to(session: Session, uuid: str, wishes: EavesdropWishes) -> None:
    target = session.switch.find(uuid)
    if target is None or target is session or not await soon_heard(session, target):
        session.log.error("eavesdrop: there is no call %r to listen to", uuid)
        await _indicate(session, "eavesdrop_indicate_failed")
    elif not may_listen(session, target):
        session.log.error("eavesdrop: %s is not of the required group", target.uuid)
        await _indicate(session, "eavesdrop_indicate_failed")
    else:
        await eavesdrop(session, target, wishes)


@application("three_way", syntax="<uuid>", module="mod_dptools")
async def three_way(session: Session, data: str) -> None:
    """Join a call and be heard by both of its parties."""
    await session.pre_answer()
    target = session.switch.find(data.strip())
    if target is None or target is session or not await soon_heard(session, target):
        session.log.error("three_way: there is no call %r", data.strip())
        return
    wishes = replace(EavesdropWishes.of(session), speak_to=KEYS["3"], keys=False)
    await eavesdrop(session, target, wishes)


@application("userspy", syntax="<user@domain> [uuid]", module="mod_spy")
async def userspy(session: Session, data: str) -> None:
    """Listen to each call of a user, from its bridge to its end, until hang-up."""
    words = data.split()
    user, at, domain = words[0].partition("@") if words else ("", "", "")
    if not user or not at:
        session.log.error("userspy: <user@domain> is missing")
        return
    await session.answer()
    wishes = EavesdropWishes.of(session)
    while True:
        target = session.switch.find(words[1]) if len(words) > 1 else None
        del words[1:]
        target = target or _talking(session, user, domain)
        if target is None:
            target = await _next_bridge(session, user, domain)
        if target is None or await eavesdrop(session, target, wishes) == "break":
            return


async def _listen_to_all(session: Session, wishes: EavesdropWishes) -> None:
    """One call after the other, for as long as the listener stays."""
    while True:
        heard = False
        for target in list(session.switch.sessions.values()):
            if target is session or not can_be_heard(target) or not may_listen(session, target):
                continue
            if target.channel.variables.get("current_application") == "eavesdrop":
                continue
            heard = True
            await _indicate(session, "eavesdrop_indicate_new")
            session.set("eavesdrop_target_uuid", target.uuid)
            outcome = await eavesdrop(session, target, wishes)
            if outcome == "break":
                return
            if outcome == "gone" and not await _wait(session, NEXT_MS):
                return
        if not heard:
            await _indicate(session, "eavesdrop_indicate_idle")
            if not await _wait(session, IDLE_MS):
                return


async def _wait(session: Session, milliseconds: int) -> bool:
    """Wait, or for a ``*``; False at a break."""
    found = await ivr.collect_digits(
        session,
        minimum=1,
        maximum=1,
        timeout_ms=milliseconds,
        digit_timeout_ms=milliseconds,
        terminators="*",
    )
    return found.reason != "break"


async def _indicate(session: Session, variable: str) -> None:
    file = session.get(variable)
    if file:
        await ivr.play(session, file)


def _talking(session: Session, user: str, domain: str) -> Session | None:
    for other in session.switch.sessions.values():
        if other is not session and other.peer is not None and _is_of(other, user, domain):
            return other if can_be_heard(other) else None
    return None


def _is_of(session: Session, user: str, domain: str) -> bool:
    """Whether the user is who called, or who was called, on that leg."""
    values = session.channel.variables
    return (user, domain) in (
        (values.get("user_name"), values.get("domain_name")),
        (values.get("dialed_user"), values.get("dialed_domain")),
    )


async def _next_bridge(session: Session, user: str, domain: str) -> Session | None:
    """The user's leg of the next call he is connected with; None at a break."""
    found: asyncio.Future[Session] = session.switch.loop.create_future()

    def on_bridge(event: Event) -> None:
        for name in ("Bridge-A-Unique-ID", "Bridge-B-Unique-ID"):
            leg = session.switch.find(event.headers.get(name, ""))
            if leg is None or leg is session or found.done():
                continue
            if _is_of(leg, user, domain):
                found.set_result(leg)

    subscription = session.switch.bus.subscribe(on_bridge, "CHANNEL_BRIDGE")
    try:
        while await wait_for_any(session, found, session.digits.arrival()):
            if found.done():
                return found.result()
            session.digits.clear()
        return None
    finally:
        session.switch.bus.unsubscribe(subscription)
