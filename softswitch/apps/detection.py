"""Listening: ``tone_detect fax_detect detect_audio wait_for_silence vad_test avmd_start …``."""

from __future__ import annotations

from softswitch.dialplan.arguments import split
from softswitch.registry import ApplicationFlag, application
from softswitch.switch import media_bugs
from softswitch.switch.detection import (
    TONE,
    ToneWish,
    detect_tone,
    parse_tone,
    wait_for_level,
)
from softswitch.switch.media_bugs import MediaBug
from softswitch.switch.session import Session

_NO_MEDIA = ApplicationFlag.NO_MEDIA
AVMD = "avmd"
CNG_HZ, CED_HZ = 1100.0, 2100.0
"""What a calling and a called fax machine say."""


@application(
    "tone_detect",
    syntax="<key> <tone_spec> [<flags> <timeout> <app> <args> <hits>]",
    module="mod_dptools",
)
async def tone_detect(session: Session, data: str) -> None:
    """Listen in the background for a tone and run an application when it came.

    ``tone_detect busy 480,620 r +30 hangup USER_BUSY 2``: ``r`` listens to what the party says,
    ``w`` to what it hears.
    """
    try:
        wish = parse_tone(split(data, " ", 7), session.switch.now_us() / 1_000_000)
    except ValueError as error:
        session.log.error("tone_detect: %s", error)
        return
    detect_tone(session, wish)


@application("stop_tone_detect", syntax="", flags=_NO_MEDIA, module="mod_dptools")
async def stop_tone_detect(session: Session, data: str) -> None:
    """End every `tone_detect` of the call."""
    media_bugs.stop(session, TONE)


@application("fax_detect", syntax="", module="mod_dptools")
async def fax_detect(session: Session, data: str) -> None:
    """Listen for the tone of a calling fax machine (1100 Hz); it is told as DETECTED_TONE."""
    detect_tone(session, ToneWish("fax", [CNG_HZ]))


@application(
    "spandsp_start_fax_detect", syntax="<app> [<arg> [<timeout> [cng|ced]]]", module="mod_spandsp"
)
async def spandsp_start_fax_detect(session: Session, data: str) -> None:
    """Run an application when a fax machine is heard, within so many seconds."""
    words = split(data, " ", 4)
    if not words:
        session.log.error("spandsp_start_fax_detect: <app> [<arg> [<timeout> [cng|ced]]] wanted")
        return
    name, argument, limit, tone = (*words, "", "", "")[:4]
    hertz = CED_HZ if tone.lower() == "ced" else CNG_HZ
    seconds = float(limit) if limit.isdigit() else 0.0
    wish = ToneWish("fax", [hertz], seconds=seconds, application=name, data=argument)
    detect_tone(session, wish)


@application("spandsp_stop_fax_detect", syntax="", flags=_NO_MEDIA, module="mod_spandsp")
async def spandsp_stop_fax_detect(session: Session, data: str) -> None:
    """End `spandsp_start_fax_detect`."""
    media_bugs.stop(session, TONE, "fax")


@application(
    "detect_audio", syntax="<threshold> <audio_hits> <timeout_ms> [<file>]", module="mod_dptools"
)
async def detect_audio(session: Session, data: str) -> None:
    """Wait until the party is heard: so many pieces of 20 ms above a level."""
    await _detect_level(session, data, "detect_audio", silence=False)


@application(
    "detect_silence",
    syntax="<threshold> <silence_hits> <timeout_ms> [<file>]",
    module="mod_dptools",
)
async def detect_silence(session: Session, data: str) -> None:
    """Wait until the party is silent: so many pieces of 20 ms below a level."""
    await _detect_level(session, data, "detect_silence", silence=True)


async def _detect_level(session: Session, data: str, name: str, *, silence: bool) -> None:
    words = split(data, " ", 4)
    numbers = [int(word) for word in words[:3] if word.isdigit()]
    if len(numbers) != 3:
        session.log.error("%s: <threshold> <hits> <timeout_ms> [<file>] wanted, not %r", name, data)
        return
    threshold, hits, timeout = numbers
    begun = session.switch.loop.time()
    file = words[3] if len(words) > 3 else ""
    outcome = await wait_for_level(session, threshold, hits, timeout, silence=silence, file=file)
    elapsed = int((session.switch.loop.time() - begun) * 1000)
    session.set(f"{name}_hits", str(hits if outcome == "found" else 0))
    session.set(f"{name}_timeout", "true" if outcome == "timeout" else "false")
    session.set(f"{name}_ms", str(elapsed))


@application(
    "wait_for_silence",
    syntax="<silence_thresh> <silence_hits> <listen_hits> <timeout_ms> [<file>]",
    module="mod_dptools",
)
async def wait_for_silence(session: Session, data: str) -> None:
    """Wait until the party has said something and is silent again, such as an answering machine."""
    words = split(data, " ", 5)
    numbers = [int(word) for word in words[:4] if word.isdigit()]
    if len(numbers) != 4:
        session.log.error(
            "wait_for_silence: <thresh> <silence_hits> <listen_hits> <timeout_ms> wanted, not %r",
            data,
        )
        return
    threshold, hits, listen, timeout = numbers
    file = words[4] if len(words) > 4 else ""
    outcome = await wait_for_level(
        session, threshold, hits, timeout, silence=True, listen=listen, file=file
    )
    session.set("wait_for_silence_timeout", "true" if outcome == "timeout" else "false")


@application("vad_test", syntax="[<mode>]", module="mod_dptools")
async def vad_test(session: Session, data: str) -> None:
    """Let the party hear itself while it speaks, and log when it does, until hang-up or a break.

    ``vad_thresh`` (100) is the level that counts as speech, ``vad_voice_ms`` (200) and
    ``vad_silence_ms`` (500) say how long it must last. The mode is accepted: the level decides.
    """
    await session.answer()
    threshold = _positive(session, "vad_thresh", 100)
    voice = max(_positive(session, "vad_voice_ms", 200) // 20, 1)
    pause = max(_positive(session, "vad_silence_ms", 500) // 20, 1)
    media = session.media
    speaking = False
    try:
        while await wait_for_level(
            session, threshold, pause if speaking else voice, 0, silence=speaking
        ) == ("found"):
            speaking = not speaking
            if speaking:
                media.connect(media)
            else:
                media.disconnect()
            session.log.info("vad: the party %s", "speaks" if speaking else "is silent")
            session.switch.fire(session, "TALK" if speaking else "NOTALK")
    finally:
        if not media.closed:
            media.disconnect()


def _positive(session: Session, name: str, default: int) -> int:
    text = session.get(name) or ""
    return int(text) if text.isdecimal() and len(text) < 8 and int(text) else default


@application("avmd_start", syntax="", module="mod_avmd")
async def avmd_start(session: Session, data: str) -> None:
    """Listen in the background for the beep of an answering machine (event ``avmd::beep``)."""
    if any(media_bugs.find(session, AVMD)):
        return
    media = session.media

    def on_beep(frequency: int) -> None:
        session.set("avmd_detect", "TRUE")
        _tell_avmd(session, "beep", {"Beep-Status": "DETECTED", "Frequency": str(frequency)})
        bug.stop()

    number = media.find_beep(on_beep)

    def stop() -> None:
        if not media.closed:
            media.stop(number)
        bug.detach()
        _tell_avmd(session, "stop", {"Beep-Status": session.get("avmd_detect") or "NOTDETECTED"})

    bug = MediaBug(session, AVMD, session.uuid, stop)
    session.set("avmd_detect", "FALSE")
    _tell_avmd(session, "start", {})


@application("avmd_stop", syntax="", flags=_NO_MEDIA, module="mod_avmd")
async def avmd_stop(session: Session, data: str) -> None:
    """End `avmd_start`."""
    media_bugs.stop(session, AVMD)


def _tell_avmd(session: Session, what: str, headers: dict[str, str]) -> None:
    told = {"Unique-ID": session.uuid, "call-command": AVMD, **headers}
    session.switch.publish("CUSTOM", told, subclass=f"avmd::{what}")
