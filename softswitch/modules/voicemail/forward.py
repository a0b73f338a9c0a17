"""Forwarding a message, with or without words in front of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.modules.voicemail.delivery import Letter, copy_to
from softswitch.modules.voicemail.mailbox import Mailbox
from softswitch.modules.voicemail.recorder import KEPT, Take, record
from softswitch.modules.voicemail.store import Message
from softswitch.modules.voicemail.talk import Talk

if TYPE_CHECKING:
    from softswitch.modules.voicemail.service import Service


async def forward(service: Service, talk: Talk, box: Mailbox, message: Message) -> bool:
    """Ask for an extension and send it a copy of a message; True if that was done.

    As in FreeSWITCH any key but that for words of one's own, or none, sends it as it is.
    """
    settings, session = talk.settings, talk.session
    key = await talk.ask("forward_prepend", f"{settings.prepend_key}:{settings.forward_key}")
    letter = Letter.forwarding(service, box, message)
    made: Path | None = None
    try:
        if key == settings.prepend_key:
            take = Take(box.folder / f"intro_{letter.uuid}.wav")
            if await record(talk, take, "record_message") != KEPT:
                return False
            await talk.say("ack", "saved")
            made = take.path
            joined = box.folder / f"joined_{letter.uuid}.wav"
            loop = asyncio.get_running_loop()
            try:
                seconds = await loop.run_in_executor(
                    None, join, (take.path, Path(message.path)), joined
                )
            except (OSError, ValueError) as error:
                session.log.error("voicemail: cannot put words in front: %s", error)
                return False
            take.path.unlink(missing_ok=True)
            made = joined
            letter = replace(letter, path=joined, seconds=seconds)
        for _ in range(settings.max_retries):
            target = await talk.ask_number(
                "forward_message_enter_extension", settings.terminator_key
            )
            other = (
                await service.mailbox(box.profile, box.domain, target, session) if target else None
            )
            if other is not None and await service.protect(copy_to(service, other, letter)):
                await talk.say("ack", "saved")
                return True
            await talk.say("invalid_extension", target or "")
        return False
    finally:
        if made is not None:
            with suppress(OSError):
                made.unlink(missing_ok=True)


def join(parts: tuple[Path, ...], target: Path) -> int:
    """Write sounds of any format one after the other; how many seconds there are. Blocks.

    Raises OSError or ValueError (libsndfile's errors among them) where one cannot be read.
    """
    import numpy
    import soundfile

    from softswitch.media.formats.sndfile import decode_file

    pieces = []
    rate = 0
    for part in parts:
        samples, part_rate = decode_file(part)
        piece = numpy.frombuffer(samples, numpy.int16)
        rate = rate or part_rate
        if part_rate != rate:
            place = numpy.arange(len(piece) * rate // part_rate) * part_rate / rate
            piece = numpy.interp(place, numpy.arange(len(piece)), piece).astype(numpy.int16)
        pieces.append(piece)
    whole = numpy.concatenate(pieces)
    soundfile.write(str(target), whole, rate, subtype="PCM_16", format="WAV")
    return round(len(whole) / rate)
