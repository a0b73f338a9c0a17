"""Announcements to many phones: ``page``."""

from __future__ import annotations

import logging
from pathlib import Path

from softswitch.registry import application
from softswitch.switch import ivr, paging
from softswitch.switch.paging import Page
from softswitch.switch.session import Session
from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

BEEP = "tone_stream://%(500,0,620)"
SYNTAX = "<var1=val1,var2=val2><chan1>[:_:<chanN>]"


@application("page", syntax=SYNTAX, module="mod_dptools")
async def page(session: Session, data: str) -> None:
    """Record an announcement after the beep, then call phones and play it to them.

    A key of ``playback_terminators`` ends it, or hanging up. ``page_path`` names a file that is
    played instead; ``page_exten`` is where those who are called go. Without data ``page_data``
    says whom to call.
    """
    legs = paging.split_legs(data.strip() or session.get("page_data") or "")
    if not legs:
        session.log.error("page: %s is missing", SYNTAX)
        return
    wishes = {name: session.get(name) or "" for name in paging.WISHES}
    given = session.get("page_path")
    if given:
        path = Path(ivr.sound_path(session, given))
        _start(session.switch, Page.of(path, legs, wishes), recorded=False)
        return
    folder = session.switch.globals.get("temp_dir") or "/tmp"
    path = Path(folder) / f"page_{session.uuid}.wav"
    try:
        await ivr.play(session, session.get("page_beep") or BEEP, terminators="")
        await ivr.record(
            session,
            str(path),
            limit_seconds=_number(session, "page_record_limit"),
            silence_threshold=_number(session, "page_record_thresh"),
            silence_seconds=_number(session, "page_record_silence_hits"),
            rate=_number(session, "record_rate"),
        )
    finally:
        # Who has hung up has said what he wanted to.
        _start(session.switch, Page.of(path, legs, wishes), recorded=True)


def _number(session: Session, name: str) -> int:
    text = (session.get(name) or "").removeprefix("+")
    return int(text) if text.isdecimal() and len(text) < 8 else 0


def _start(switch: Switch, page: Page, *, recorded: bool) -> None:
    task = _announce(switch, page, recorded=recorded)
    switch.own(switch.loop.create_task(task, name=f"page of {page.path.name}"))


async def _announce(switch: Switch, page: Page, *, recorded: bool) -> None:
    """Play the announcement to all; what was recorded for it is deleted then."""
    try:
        if await switch.loop.run_in_executor(None, page.path.is_file):
            await paging.announce(switch, page)
        else:
            log.error("page: there is no file %s", page.path)
    finally:
        if recorded:
            await switch.loop.run_in_executor(None, page.path.unlink, True)
