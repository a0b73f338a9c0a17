"""What a pressed key sets off: an application or command beside the talk of two parties."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from softswitch.switch.broadcast import loop_on

if TYPE_CHECKING:
    from softswitch.switch.session import Session


def run_application(
    session: Session, application: str, data: str, *, hold_partner: bool
) -> asyncio.Task[None]:
    """Run an application on a party that may be talking; returns at once.

    Its keys are the application's meanwhile; the partner hears hold music, unless it shall
    not be held. The application ends when the call is hung up or moved elsewhere.
    """

    async def work() -> None:
        with asking(session), holding(session.peer if hold_partner else None, session):
            await session.execute(application, data)

    task = session.spawn(work(), f"bound {application}")

    def watch(_: Session, what: str) -> None:
        # One that moves its call itself is about to end anyway.
        if what == "moved" and asyncio.current_task(session.switch.loop) is not task:
            task.cancel()

    def done(_: asyncio.Task[None]) -> None:
        session.unwatch(watch)

    session.watchers.append(watch)
    task.add_done_callback(done)
    return task


def run_api(session: Session, command: str, arguments: str, result: str) -> None:
    """Run a command for a call and put its answer into the variable ``result``."""

    async def work() -> None:
        line = await session.expand(f"{command} {arguments}".strip())
        answer = await session.switch.run_command(line, session=session, source="key")
        session.set(result, answer)

    session.spawn(work(), f"bound {command}")


@contextmanager
def asking(session: Session) -> Iterator[None]:
    """Keys of a party are for the application that asks it, though it may have a partner."""
    session.asking += 1
    session.refresh_digit_flow()
    try:
        yield
    finally:
        session.asking -= 1
        session.refresh_digit_flow()


@contextmanager
def holding(partner: Session | None, holder: Session) -> Iterator[None]:
    """The partner hears the holder's hold music."""
    music = None
    if partner is not None:
        name = holder.get("temp_hold_music") or holder.get("hold_music") or "silence"
        music = loop_on(partner, "silence_stream://-1" if name == "silence" else name)
    try:
        yield
    finally:
        if music is not None:
            music.cancel()
