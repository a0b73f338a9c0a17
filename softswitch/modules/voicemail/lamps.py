"""Answering who asks what waits for an account: ``MESSAGE_QUERY`` to ``MESSAGE_WAITING``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.db.database import DatabaseError
from softswitch.modules.voicemail import notices
from softswitch.modules.voicemail.store import Counts
from softswitch.switch.events import Event, Subscription

if TYPE_CHECKING:
    from softswitch.modules.voicemail.service import Service

MOST = 100_000
"""Accounts that may be asked about at once; a registration of each phone asks."""


class Lamps:
    """Answers one question after the other, so that a thousand registrations cost no calls."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._asked: dict[str, dict[str, str]] = {}
        """Headers of the question by account; a question that waits is not asked twice."""
        self._task: asyncio.Task[None] | None = None
        self._subscription: Subscription | None = None

    def __repr__(self) -> str:
        return f"<Lamps {len(self._asked)} questions>"

    def start(self) -> None:
        """Listen for questions."""
        bus = self._service.switch.bus
        self._subscription = bus.subscribe(self._on_query, "MESSAGE_QUERY")

    async def stop(self) -> None:
        """Answer no more."""
        if self._subscription is not None:
            self._service.switch.bus.unsubscribe(self._subscription)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    def _on_query(self, event: Event) -> None:
        account = event.headers.get("Message-Account", "")
        if not account or len(self._asked) >= MOST:
            return
        self._asked[account] = event.headers
        if self._task is None or self._task.done():
            loop = self._service.switch.loop
            self._task = loop.create_task(self._answer(), name="voicemail lamps")
            self._service.switch.own(self._task)

    async def _answer(self) -> None:
        while self._asked:
            account = next(iter(self._asked))
            question = self._asked.pop(account)
            try:
                await self._tell(account, question)
            except DatabaseError as error:
                self._service.log.warning("the messages of %s cannot be told: %s", account, error)
            except Exception:
                self._service.log.exception("the messages of %s cannot be told", account)

    async def _tell(self, account: str, question: dict[str, str]) -> None:
        """In the first profile that has messages; without any, that nothing waits.

        That puts a lamp out which was lit when its phone was last heard of.
        """
        scheme, colon, rest = account.partition(":")
        user, _, domain = (rest if colon and scheme in ("sip", "sips") else account).partition("@")
        if not user or not domain:
            return
        headers = {"MWI-Messages-Waiting": "no", "MWI-Message-Account": account}
        for profile in self._service.asked_about(domain):
            box = await self._service.mailbox(profile, domain, user)
            counts = await box.store.counts(box.id, box.domain) if box is not None else Counts()
            if box is not None and (counts.new or counts.saved):
                headers |= notices.waiting(box, counts)
                # It is told as the question named it, with the urgent ones in any case.
                headers["MWI-Message-Account"] = account
                headers["MWI-Voice-Message"] = notices.in_full(counts)
                break
        # Who asked finds its answer by these.
        own = {name[3:]: value for name, value in question.items() if name[:3].lower() == "vm-"}
        self._service.switch.publish("MESSAGE_WAITING", {**headers, **own})
