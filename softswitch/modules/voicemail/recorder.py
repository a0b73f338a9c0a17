"""Recording a message, greeting or name: beep, record, hear it, again or keep it."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from softswitch.modules.voicemail.talk import Talk, caller_of
from softswitch.switch import ivr, time_text

EVERY_KEY = "1234567890*#ABCD"
SOFTWARE = "softswitch"


@dataclass(slots=True)
class Take:
    """A recording that becomes a file; what is known of it also after the caller hung up."""

    path: Path
    milliseconds: int = 0
    """How long the file is; 0 while there is none."""

    @property
    def seconds(self) -> int:
        """Whole seconds, as FreeSWITCH counts them."""
        return self.milliseconds // 1000


KEPT = "kept"
FAILED = "failed"
BROKEN = "broken"


async def record(
    talk: Talk,
    take: Take,
    macro: str,
    *,
    leave_keys: str = "",
    any_length: bool = False,
    review: bool = True,
    part: bool = False,
) -> str:
    """Have the caller record into ``take``, whose file is whole and on disk when it is kept.

    ``macro`` says what to do (nothing: no instructions). Gives ``kept``, ``failed``, ``broken``
    where the file could not be written to its end, or after a recording that is too short the key
    of ``leave_keys`` that ended it; with ``any_length`` none is too short. What a caller said who
    hangs up in the middle is kept if it is long enough; the wait is cancelled as always. With
    ``part`` so is what a full disk took of a recording.
    """
    settings, session = talk.settings, talk.session
    loop = session.switch.loop
    draft = take.path.with_name(f"tmp_{take.path.stem}_{session.uuid}{take.path.suffix}")
    shortest = 1 if any_length else max(settings.min_record_len * 1000, 1)
    recorded = 0
    retries = settings.max_retries
    try:
        while True:
            if macro:
                await talk.tell(macro)
            session.digits.clear()
            recorded = 0
            await ivr.play(session, f"tone_stream://{settings.tone_spec}", terminators="")
            try:
                result = await ivr.record(
                    session,
                    str(draft),
                    limit_seconds=settings.max_record_len,
                    silence_threshold=settings.silence_threshold,
                    silence_seconds=settings.silence_hits,
                    terminators=EVERY_KEY,
                    rate=settings.record_sample_rate,
                    tags=_tags(talk),
                )
            except asyncio.CancelledError:
                recorded = int(session.get("record_ms") or 0)
                raise
            if result.reason == "failed":
                recorded = result.milliseconds if part else 0
                return BROKEN
            if result.milliseconds < shortest:
                if result.terminator and result.terminator in leave_keys:
                    return result.terminator
                if not retries:
                    return FAILED
                retries -= 1
                await talk.say("ack", "too-small")
                continue
            recorded = result.milliseconds
            if not (review and await _again(talk, draft)):
                return KEPT
    finally:
        # Who hangs up has no more time: what was said is kept before anything else runs.
        wanted = recorded >= shortest
        problem = await loop.run_in_executor(None, _settle, draft, take.path, wanted)
        if problem:
            session.log.error("voicemail: %s cannot be kept: %s", take.path, problem)
        elif wanted:
            take.milliseconds = recorded


def _settle(draft: Path, path: Path, wanted: bool) -> str:
    """Keep a draft or throw it away; what went wrong, or nothing. Blocks."""
    try:
        if wanted:
            keep(draft, path)
        else:
            draft.unlink(missing_ok=True)
    except OSError as error:
        return str(error) if wanted else ""
    return ""


async def _again(talk: Talk, draft: Path) -> bool:
    """Let the caller hear what was recorded; True where it shall be recorded again."""
    settings = talk.settings
    if talk.session.is_true("skip_record_check"):
        return False
    keys = ":".join((settings.listen_file_key, settings.save_file_key, settings.record_file_key))
    # These end the sound and ask; FreeSWITCH keeps the recording at most other keys of a mailbox.
    skips = settings.terminator_key + settings.skip_info_key
    exits = settings.save_file_key + settings.record_file_key + skips
    key = await talk.listen(str(draft), exits) if settings.auto_playback else ""
    while True:
        if not key or key in skips:
            key = await talk.ask("record_file_check", keys)
        if key == settings.record_file_key:
            return True
        if key != settings.listen_file_key:
            return False
        key = await talk.listen(str(draft), exits)


def _tags(talk: Talk) -> dict[str, str]:
    """Who made a recording and when, as its file tells."""
    session, settings = talk.session, talk.settings
    name, number = caller_of(session)
    return {
        "title": settings.record_title,
        "comment": settings.record_comment,
        "copyright": settings.record_copyright,
        "artist": f"{name} ({number})",
        "date": time_text.format_time("%Y-%m-%d %T", session.switch.now_us() // 1_000_000, None),
        "software": SOFTWARE,
    }


def keep(draft: Path, path: Path) -> None:
    """Give a finished file its name so that a crash leaves the old one or the new one whole.

    Blocks.
    """
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(folder)
    finally:
        os.close(folder)
