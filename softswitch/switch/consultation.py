"""Consultation: a talking party calls a third one, and then leaves, comes back or joins all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.switch import digit_flow
from softswitch.switch.bridge import join_calls
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.originate import originate
from softswitch.switch.waiting import wait_for_any

if TYPE_CHECKING:
    from softswitch.media.engine import Stream
    from softswitch.switch.digits import Digit
    from softswitch.switch.session import Session

CANCEL_KEY, HANGUP_KEY, CONFERENCE_KEY = "#", "*", "0"
"""The keys where ``attxfer_cancel_key``, ``…_hangup_key`` and ``…_conf_key`` name no others."""


async def consult(session: Session, partner: Session, dial_string: str) -> bool:
    """Call a third party for ``session``, whose partner waits; True once it was handed over.

    The asker may end it by key, or bring all three together; other keys go to the third party,
    which may be a menu. When the asker leaves, partner and third party are joined; when the
    partner leaves, the other two are.
    Sets ``att_xfer_result``, and meanwhile ``soft_holding_uuid``.
    """
    session.set("att_xfer_result", "failure")
    session.set("soft_holding_uuid", partner.uuid)
    try:
        return await _consult(session, partner, dial_string)
    finally:
        session.set("soft_holding_uuid", "")


async def _consult(session: Session, partner: Session, dial_string: str) -> bool:
    try:
        third = await originate(session.switch, dial_string, parent=session)
    except CallFailed as failure:
        session.log.info("the consultation failed: %s", failure.cause.name)
        return False
    consultation = Consultation(session, partner, third)
    try:
        return await consultation.run()
    finally:
        consultation.close()


class Consultation:
    """Three parties, of whom the asker talks to the third and the partner waits."""

    def __init__(self, asker: Session, partner: Session, third: Session) -> None:
        self._asker, self._partner, self._third = asker, partner, third
        self._over: asyncio.Future[bool] = asker.switch.loop.create_future()
        self._feeds: list[tuple[Stream, Stream, int]] = []
        self._keys = tuple(
            (asker.get(name) or third.get(name) or default)[0]
            for name, default in (
                ("attxfer_cancel_key", CANCEL_KEY),
                ("attxfer_hangup_key", HANGUP_KEY),
                ("attxfer_conf_key", CONFERENCE_KEY),
            )
        )
        asker.watchers.append(self._on_asker)
        partner.watchers.append(self._on_partner)
        third.watchers.append(self._on_third)
        self._connect(third)

    async def run(self) -> bool:
        """Wait for keys and for whoever leaves first; True if the call was handed over."""
        asker, third = self._asker, self._third
        cancel, leave, conference = self._keys
        while await wait_for_any(asker, self._over, asker.digits.arrival(), third.digits.arrival()):
            if self._over.done():
                return self._over.result()
            while (answer := third.digits.take()) is not None:
                _pass_on(third, asker, answer)
            digit = asker.digits.take()
            if digit is None:
                continue
            if digit.digit == cancel:
                break
            if digit.digit == leave:
                asker.hangup(HangupCause.ATTENDED_TRANSFER)
            elif digit.digit == conference and not self._feeds:
                self._bring_together()
            else:
                _pass_on(asker, third, digit)
        return False

    def close(self) -> None:
        """Let go of all; the asker talks to its partner again, if both are still there."""
        for session, watcher in (
            (self._asker, self._on_asker),
            (self._partner, self._on_partner),
            (self._third, self._on_third),
        ):
            session.unwatch(watcher)
        self._stop_feeds()
        if self._over.done() and self._over.result():
            return
        self._third.hangup(HangupCause.NORMAL_CLEARING)
        if self._asker.peer is self._partner:
            self._connect(self._partner)

    def _connect(self, other: Session) -> None:
        ours, theirs = self._asker.leg.media, other.leg.media
        if ours is not None and theirs is not None and not (ours.closed or theirs.closed):
            ours.connect(theirs)

    # All three

    def _bring_together(self) -> None:
        """Let each of the three hear both others."""
        streams = [each.leg.media for each in (self._asker, self._partner, self._third)]
        ours, waiting, third = streams
        if ours is None or waiting is None or third is None:
            return
        self._partner.break_()  # the hold music
        pairs = ((waiting, ours), (waiting, third), (ours, waiting), (third, waiting))
        for source, target in pairs:
            number = source.feed(target, hear="read", into="hear")
            self._feeds.append((source, target, number))

    def _stop_feeds(self) -> None:
        for source, target, number in self._feeds:
            source.stop_feed(number, target)
        self._feeds.clear()

    # Who leaves

    def _on_asker(self, _: Session, what: str) -> None:
        if what == "hangup":
            self._hand_over(self._partner, self._third)
        elif what == "moved":
            self._end(False)

    def _on_partner(self, _: Session, what: str) -> None:
        if what == "hangup":
            self._hand_over(self._asker, self._third)
        elif what == "moved":
            self._end(False)

    def _on_third(self, _: Session, what: str) -> None:
        if what == "answer":
            self._connect(self._third)
        elif what in ("hangup", "moved"):
            self._end(False)

    def _hand_over(self, first: Session, second: Session) -> None:
        """Two of the three remain: they talk from now on."""
        if self._over.done():
            return
        self._stop_feeds()
        # What was their bridge must not part them when it ends.
        first.peer = None
        first.channel.bridged_to = None
        self._end(True)
        try:
            join_calls(first, second)
        except CallFailed as failure:
            first.log.warning("the transfer failed: %s", failure)
            return
        self._asker.set("att_xfer_result", "success")

    def _end(self, handed_over: bool) -> None:
        if not self._over.done():
            self._over.set_result(handed_over)


def _pass_on(session: Session, other: Session, digit: Digit) -> None:
    if digit.source != "rtp" or session.keeps_digits:
        # Other events have passed inside the engine.
        digit_flow.pass_on(session, other, digit)
