"""The instructions with sound: ``playback vmName pause speak say record recordCall``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.modules.httapi.client import Attachment
from softswitch.modules.httapi.document import Tag
from softswitch.modules.httapi.input import Entry, Sound, Wanted
from softswitch.modules.httapi.work import Step, instruction
from softswitch.say.request import Gender, Kind, Method, SayError, find_word, parse_word
from softswitch.switch import ivr, recording, speech
from softswitch.switch.causes import HangupCause
from softswitch.switch.ivr import DigitHandler

if TYPE_CHECKING:
    from softswitch.switch.session import Session

_PAUSE = 1000
_UNSAFE = re.compile(r"[^\w-]", re.ASCII)
"""What file names that others write may not hold."""
_KEYS = "0123456789*#"


@instruction("playback")
async def playback(step: Step) -> bool:
    tag = step.tag
    file = tag.get("file") or ("" if any(tag.binds()) else tag.text)
    if not file:
        step.session.log.error("httapi: playback: missing file attribute!")
        step.session.hangup(HangupCause.DESTINATION_OUT_OF_ORDER)
        return False
    return await _ask(step, _file(step.session, file))


@instruction("pause")
async def pause(step: Step) -> bool:
    milliseconds = step.tag.number("milliseconds", _PAUSE, least=1)
    if not any(step.tag.binds()):
        await step.session.sleep(milliseconds)
        return True
    attributes = {**step.tag.attributes, "input-timeout": str(milliseconds)}
    tag = Tag(step.tag.name, attributes, step.tag.text, step.tag.children)
    return await _ask(Step(step.session, step.client, tag), _nothing)


@instruction("speak")
async def speak(step: Step) -> bool:
    session, tag = step.session, step.tag
    if not tag.get("engine"):
        session.log.error("httapi: speak: missing engine attribute!")
        return False
    text = tag.get("text") or tag.get("file") or tag.text

    async def sound(press: DigitHandler | None) -> None:
        engine, voice = tag.get("engine"), tag.get("voice")
        await ivr.play_speech(
            session, text, engine=engine, voice=voice, terminators=_none(press), input=press
        )

    return await _ask(step, sound)


@instruction("say")
async def say(step: Step) -> bool:
    session, tag = step.session, step.tag
    text = tag.get("text") or tag.get("file") or tag.text
    words = (tag.get("language"), tag.get("type"), tag.get("method"))
    if not all((*words, text)):
        session.log.error("httapi: say: missing required attributes or text!")
        return False
    try:
        sound = await _spoken(session, *words, text, tag.get("gender"))
    except SayError as error:
        session.log.error("httapi: say: %s", error)
        return False
    return await _ask(step, sound)


@instruction("vmName")
async def mailbox_name(step: Step) -> bool:
    session, user = step.session, step.tag.get("id")
    path = await session.switch.run_command(f"vm_prefs {user}|name_path", session=session)
    if path and not path.startswith("-"):
        return await _ask(step, _file(session, path.strip()))
    await ivr.play(session, "voicemail/vm-person.wav", terminators="")
    language = step.tag.get("language", "en")
    name = user.partition("@")[0]
    try:
        sound = await _spoken(
            session, language, "name_spelled", "pronounced", name, step.tag.get("gender")
        )
    except SayError as error:
        session.log.error("httapi: vmName: %s", error)
        return False
    return await _ask(step, sound)


@instruction("record")
async def record(step: Step) -> bool:
    session, tag = step.session, step.tag
    if not tag.get("file"):
        return False
    name = tag.get("name", "attached_file")
    stem, dot, suffix = tag.get("file").rpartition(".")
    stem, suffix = (stem, suffix) if dot else (suffix, "wav")
    filename = f"{_UNSAFE.sub('_', stem)}.{_UNSAFE.sub('_', suffix)}"
    path = _temporary(session, filename)
    if beep := tag.get("beep-file"):
        await ivr.play(session, beep, terminators="")
    wanted = Wanted.of(tag, session)
    result = await ivr.record(
        session,
        str(path),
        limit_seconds=tag.number("limit", 0),
        silence_threshold=tag.number("threshold", 200),
        silence_seconds=tag.number("silence-hits", 2),
        terminators=tag.get("terminators") or (_KEYS if wanted.binds else ""),
    )
    if result.terminator is not None:
        session.set("playback_terminator_used", result.terminator)
        if action := wanted.action_of(result.terminator):
            step.client.params["url"] = action
    if result.reason != "failed":
        step.client.attachments.append(Attachment(name, filename, Path(result.path)))
    return True


@instruction("recordCall")
async def record_call(step: Step) -> bool:
    session, client = step.session, step.client
    if client.recorded is not None:
        return True
    await session.pre_answer()
    filename = f"{session.uuid}.wav"
    path = _temporary(session, filename)
    if await recording.start(session, str(path), step.tag.number("limit", 0)):
        client.recorded = Attachment(step.tag.get("name", "recorded_file"), filename, path)
        client.recorded_to = step.tag.get("action")
    return True


def _temporary(session: Session, filename: str) -> Path:
    folder = session.switch.globals.get("temp_dir") or session.switch.folders.data / "tmp"
    return Path(folder) / f"{session.switch.new_uuid()}_{filename}"


async def _ask(step: Step, sound: Sound) -> bool:
    """Play, take keys if any are wanted, and put them where the server finds them."""
    session, tag = step.session, step.tag
    if not any(tag.binds()):
        await sound(None)
        return True
    wanted = Wanted.of(tag, session)
    name = tag.get("name", "dialed_digits")
    for _ in range(max(tag.number("loops", 0), 0) + 1):
        entry = await wanted.collect(session, sound)
        if entry is not None:
            return _take(step, name, entry)
        if error := tag.get("error-file"):
            await ivr.play(session, error, terminators="")
            step.client.once.update({name: "invalid", "input_type": "invalid"})
    return True


def _take(step: Step, name: str, entry: Entry) -> bool:
    """Keep what was dialled and go where that leads."""
    digits = entry.digits
    for character in entry.bind.get("strip"):
        digits = digits.partition(character)[0]
    step.client.once.update({name: digits, "input_type": "dtmf"})
    action = entry.bind.get("action") or step.tag.get("action")
    if not action.lower().startswith("dial:"):
        if own := entry.bind.get("action"):
            step.client.params["url"] = own
        return True
    context, _, plan = action[5:].partition(":")
    may_context = step.may("dial-set-context")
    may_plan = may_context and step.may("dial-set-dialplan")
    step.session.transfer(
        digits, (plan if may_plan else "") or None, (context if may_context else "") or None
    )
    return False


def _none(press: DigitHandler | None) -> str | None:
    """No key ends a sound by itself where keys are told; else those of the call do."""
    return None if press is None else ""


def _file(session: Session, path: str) -> Sound:
    async def sound(press: DigitHandler | None) -> None:
        await ivr.play(session, path, terminators=_none(press), input=press)

    return sound


async def _nothing(press: DigitHandler | None) -> None:
    """There is nothing to hear."""


async def _spoken(
    session: Session, language: str, kind: str, method: str, text: str, gender: str
) -> Sound:
    """Raises `SayError`."""
    what, how = parse_word(Kind, kind), parse_word(Method, method)
    tongue = await speech.find_tongue(session, language)

    async def sound(press: DigitHandler | None) -> None:
        await speech.say(
            session, what, how, text, language=language, tongue=tongue,
            gender=find_word(Gender, gender) or Gender.NEUTER,
            terminators=_none(press), input=press,
        )  # fmt: skip

    return sound
