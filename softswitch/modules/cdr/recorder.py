"""From the end of a call to a delivered record: journal first, then the sink, again and again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from softswitch.modules.cdr.journal import Done, Journal, Line, do_all
from softswitch.modules.cdr.legs import Legs
from softswitch.switch.caller import Times
from softswitch.switch.causes import HangupCause
from softswitch.switch.ending import figures_of

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

JOURNAL_SECONDS = 5.0
"""How long the end of a call waits for the disk; its record is written all the same."""
FIRST_DELAY, LONGEST_DELAY = 1.0, 300.0
"""Seconds between attempts at a sink that does not take records."""
GATHER_SECONDS = 0.2
"""Records of so long are delivered together."""
BATCH = 200
"""Records given to a sink at once."""


class Sink(Protocol):
    """Where records go."""

    legs: Legs

    async def render(self, session: Session) -> Any:
        """The record of a call that has ended, as JSON can hold it; None makes none."""

    async def render_cut_off(self, variables: Mapping[str, str]) -> Any:
        """The record of a call that a crash cut off, from what was known of it."""

    async def deliver(self, records: list[tuple[str, Any]], mark: Any, *, again: bool) -> Any:
        """Hand over records (uuid and what `render` made); the new mark.

        ``mark`` is what the last delivery gave, also before a crash. ``again``: some may have
        been delivered before. Raises where they cannot be handed over; all are then tried again.
        """

    async def close(self) -> None:
        """Release what is open."""


class Recorder:
    """Keeps a sink's records in a journal and delivers them in order, each at least once."""

    def __init__(self, switch: Switch, name: str, sink: Sink) -> None:
        self.switch = switch
        self.name = name
        self.sink = sink
        self.problem = ""
        """Why the sink takes no records now; empty while it does."""
        self.delivered = 0
        self._journal: Journal | None = None
        self._pending: dict[str, Any] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._again = False
        self._mark: Any = None

    def __repr__(self) -> str:
        state = self.problem or "up"
        return f"<Recorder {self.name} {self.delivered} delivered, {self.waiting} waiting, {state}>"

    @property
    def waiting(self) -> int:
        """Records that have not been delivered."""
        return len(self._pending)

    async def start(self) -> None:
        """Read the journal and deliver what it still holds. Raises OSError where it cannot."""
        path = self.switch.folders.data / "cdr" / f"{self.name}.journal"
        self._journal = await self.switch.loop.run_in_executor(
            None, Journal, Path(path), self._notify
        )
        contents = self._journal.snapshot()
        self._pending = {uuid: line["record"] for uuid, line in contents.pending.items()}
        self._again = bool(self._pending)
        self._mark = contents.mark
        for uuid, lines in contents.calls.items():
            await self._close_cut_off(uuid, lines)
        if self._pending:
            log.info("%s: %d records of an earlier run to deliver", self.name, len(self._pending))
        self._wake.set()
        self._task = self.switch.loop.create_task(self._courier(), name=f"courier {self.name}")
        self.switch.own(self._task)
        self.switch.reporters.append(self)

    async def stop(self) -> None:
        """Deliver what can be at once; the rest stays in the journal."""
        self.switch.reporters.remove(self)
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._journal is not None:
            if self._pending and not self.problem:
                with suppress(Exception):
                    await self._deliver()
            await self.switch.loop.run_in_executor(None, self._journal.close)
        await self.sink.close()

    async def replay(self) -> int:
        """Deliver again what the journal still has; how many that are. Raises OSError."""
        assert self._journal is not None
        loop = self.switch.loop
        delivered = await loop.run_in_executor(None, self._journal.delivered)
        before = {uuid: line["record"] for uuid, line in delivered.items()}
        self._pending = before | self._pending
        self._again, self._mark = True, None
        self._wake.set()
        return len(before)

    # What the switch reports

    def began(self, session: Session) -> None:
        """A call begins."""
        if self.sink.legs.may_be_wanted(session.channel):
            values = _what_is_known(session)
            self._append({"uuid": session.uuid, "kind": "open", "values": values})

    def answered(self, session: Session) -> None:
        """A call is answered."""
        if self.sink.legs.may_be_wanted(session.channel):
            at = session.channel.profile.times.answered
            self._append({"uuid": session.uuid, "kind": "answer", "at": at})

    async def ended(self, session: Session, *, wanted: bool) -> None:
        """A call has ended: once this returns its record is safe."""
        if not self.sink.legs.may_be_wanted(session.channel):
            return
        record = None
        if wanted and self.sink.legs.wanted(session.channel):
            record = await self.sink.render(session)
        if record is None:
            self._append({"uuid": session.uuid, "kind": "record", "record": None})
            self._append({"uuid": session.uuid, "kind": "done"})
            return
        assert self._journal is not None
        line = {"uuid": session.uuid, "kind": "record", "record": record}
        loop = self.switch.loop
        written: asyncio.Future[bool] = loop.create_future()
        self._journal.append(line, lambda: self._secured(session.uuid, record, written))
        patience = loop.call_later(JOURNAL_SECONDS, _tell, written, False)
        try:
            if not await written:
                session.log.error("%s: the record is not on disk yet", self.name)
        finally:
            patience.cancel()

    def _secured(self, uuid: str, record: Any, written: asyncio.Future[bool]) -> None:
        """A record is on disk: only now may a sink have it, or a crash would make a second."""
        self._pending[uuid] = record
        self._wake.set()
        _tell(written, True)

    def _notify(self, waiting: list[Done]) -> None:
        """Have done, on the loop, what was waiting for the disk; called by the journal's thread."""
        with suppress(RuntimeError):
            # After the loop's end nobody waits.
            self.switch.loop.call_soon_threadsafe(do_all, waiting)

    def _append(self, line: Line) -> None:
        assert self._journal is not None
        self._journal.append(line)

    async def _close_cut_off(self, uuid: str, lines: list[Line]) -> None:
        """Make the record of a call that was up when the switch was killed."""
        assert self._journal is not None
        values: dict[str, str] = dict(lines[0]["values"])
        answers = [line["at"] for line in lines[1:]]
        end = int(self._journal.path.stat().st_mtime * 1_000_000)
        times = Times(
            created=int(values["start_uepoch"]),
            profile_created=int(values["start_uepoch"]),
            answered=answers[0] if answers else 0,
            hungup=max(end, int(values["start_uepoch"])),
        )
        cause = HangupCause.CRASH
        values |= figures_of(times)
        values |= {"hangup_cause": cause.name, "hangup_cause_q850": str(cause.q850)}
        record = await self.sink.render_cut_off(values)
        self._append({"uuid": uuid, "kind": "record", "record": record})
        if record is None:
            self._append({"uuid": uuid, "kind": "done"})
        else:
            self._pending[uuid] = record
        log.warning("%s: the call %s was cut off; it gets a closing record", self.name, uuid)

    # Delivery

    async def _courier(self) -> None:
        delay = FIRST_DELAY
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._wake.clear()
            try:
                while self._pending:
                    await self._deliver()
            except Exception as error:
                # Some of them may have been taken before it failed.
                self._again = True
                if not self.problem:
                    log.error("%s: records wait: %s", self.name, error)
                self.problem = str(error) or type(error).__name__
                self.switch.loop.call_later(delay, self._wake.set)
                delay = min(delay * 2, LONGEST_DELAY)
                continue
            if self.problem:
                log.info("%s: records are taken again", self.name)
            self.problem, delay = "", FIRST_DELAY

    async def _deliver(self) -> None:
        batch = list(self._pending.items())[:BATCH]
        self._mark = await self.sink.deliver(batch, self._mark, again=self._again)
        for uuid, _ in batch:
            del self._pending[uuid]
        self._append({"kind": "done", "uuids": [uuid for uuid, _ in batch], "mark": self._mark})
        self.delivered += len(batch)
        if not self._pending:
            self._again = False


def _tell(written: asyncio.Future[bool], result: bool) -> None:
    if not written.done():
        written.set_result(result)


def _what_is_known(session: Session) -> dict[str, str]:
    """What the record of a call that gets cut off can tell."""
    channel, profile = session.channel, session.channel.profile
    return {
        "uuid": session.uuid,
        "direction": channel.direction.value,
        "channel_name": channel.name,
        "caller_id_name": profile.caller_id_name,
        "caller_id_number": profile.caller_id_number,
        "caller_id": f'"{profile.caller_id_name}" <{profile.caller_id_number}>',
        "destination_number": profile.destination_number,
        "context": profile.context,
        "ani": profile.ani,
        "network_addr": profile.network_addr,
        "accountcode": session.get("accountcode") or "",
        "start_uepoch": str(profile.times.created),
    }
