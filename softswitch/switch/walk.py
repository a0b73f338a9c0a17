"""The task that walks a channel's states, and the one way to end what it waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from softswitch.switch import reporting, routing
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.ending import end_of_call
from softswitch.switch.park import park
from softswitch.switch.states import CallState, ChannelState

if TYPE_CHECKING:
    from softswitch.switch.session import Session

_S = ChannelState


class Walk:
    """One session's task; `interrupt` ends the wait it is in, and the state counts anew."""

    __slots__ = ("_begun", "_in_application", "_interrupted", "task")

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self._in_application = 0
        self._interrupted = False
        self._begun = False

    def start(self, session: Session) -> None:
        """Begin; called once."""
        work = self._run(session)
        self.task = session.switch.loop.create_task(work, name=f"session {session.uuid}")
        session.switch.own(self.task)

    def interrupt(self) -> None:
        """End the wait that the task is in, if it is in one and does not ask for this itself."""
        task = self.task
        if task is None or task.done() or self._interrupted or not self._in_application:
            return
        if task is not asyncio.current_task() and task.cancel():
            self._interrupted = True

    async def _run(self, session: Session) -> None:
        channel = session.channel
        while channel.running_state is not _S.CS_DESTROY:
            state = channel.state
            if not self._begun and _S.CS_INIT < state < _S.CS_HANGUP:
                # Somebody moved the channel before it began; it must begin all the same.
                state = _S.CS_INIT
            channel.run(state)
            try:
                await self._in_state(session, state)
            except asyncio.CancelledError:
                # Ours is a cancellation by `interrupt`, or none at all: an application that
                # lost its channel (`check_ready`), or waited for something that was cancelled.
                assert self.task is not None
                if self.task.cancelling() > int(self._interrupted):
                    raise
                if not self._interrupted and channel.state is state:
                    session.log.warning("what was waited for in %s was cancelled", state.name)
                    _fail(session, state)
            except CallFailed as failure:
                session.log.warning("%s", failure)
                session.hangup(failure.cause)
            except Exception:
                session.log.exception("the session failed in %s", state.name)
                _fail(session, state)
            if self._interrupted and self.task is not None:
                self._interrupted = False
                self.task.uncancel()

    async def _in_state(self, session: Session, state: ChannelState) -> None:
        channel = session.channel
        match state:
            case _S.CS_NEW:
                if channel.state is _S.CS_NEW:
                    channel.move(_S.CS_INIT)
            case _S.CS_INIT:
                self._begun = True
                if channel.state is _S.CS_INIT:
                    channel.move(_S.CS_ROUTING)
                reporting.began(session)
                session.switch.fire(session, "CHANNEL_CREATE")
                if channel.outbound:
                    session.switch.fire(session, "CHANNEL_ORIGINATE")
                    session.leg.invite()
                    session.spawn_hook("originate")
            case _S.CS_ROUTING:
                await self._interruptible(routing.route(session))
            case _S.CS_EXECUTE:
                if channel.answered:
                    channel.set_callstate(CallState.ACTIVE)
                session.tell("executes")
                await self._interruptible(_execute(session))
            case _S.CS_PARK if session.parked is None:
                await self._interruptible(park(session))
            case _S.CS_HANGUP | _S.CS_REPORTING | _S.CS_DESTROY:
                await end_of_call(session, state)
            case _:
                await self._interruptible(_controlled(session))

    async def _interruptible(self, work: Awaitable[None]) -> None:
        self._in_application += 1
        try:
            await work
        finally:
            self._in_application -= 1


def _fail(session: Session, state: ChannelState) -> None:
    """Something went wrong in ``state``: hang up; the last states go on to the next."""
    session.hangup(HangupCause.NORMAL_TEMPORARY_FAILURE)
    if _S.CS_HANGUP <= state < _S.CS_DESTROY:
        session.channel.move(_S(state + 1))


async def _execute(session: Session) -> None:
    while session.actions and session.channel.state is _S.CS_EXECUTE:
        action = session.actions.pop(0)
        if not await session.execute(action.application, action.data):
            return
    if session.channel.state is _S.CS_EXECUTE:
        session.log.info("has executed the last dialplan instruction, hanging up")
        session.hangup(HangupCause.NORMAL_CLEARING)


async def _controlled(session: Session) -> None:
    """In a state that somebody else drives: run what he left, then wait."""
    work, session.parked = session.parked, None
    if work is not None:
        await work(session)
    if session.ready:
        await session.switch.loop.create_future()
