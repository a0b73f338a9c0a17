"""Languages of calls: which one a call speaks, and saying numbers, dates and texts in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from softswitch.config.element import Element
from softswitch.say import speaking
from softswitch.say.language import find_language, languages
from softswitch.say.request import Gender, Kind, Method, SayError, SayRequest
from softswitch.switch import ivr, time_text
from softswitch.switch.ivr import DigitHandler, PlayResult

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Tongue:
    """A ``<language>`` of the configuration, or its defaults where there is none."""

    name: str
    element: Element | None = None

    @property
    def say_module(self) -> str:
        """The language of ``say`` that counts in it."""
        return (self._attribute("say-module") or self._attribute("module") or self.name).lower()

    @property
    def sound_prefix(self) -> str:
        """The folder of its prompts; empty is that of the call."""
        return self._attribute("sound-prefix") or self._attribute("sound-path")

    @property
    def tts_engine(self) -> str:
        return self._attribute("tts-engine")

    @property
    def tts_voice(self) -> str:
        return self._attribute("tts-voice")

    def _attribute(self, name: str) -> str:
        return self.element.get(name, "") if self.element is not None else ""


def language_of(session: Session) -> str:
    """``language`` of the call, else ``default_language``, else English."""
    return session.get("language") or session.get("default_language") or DEFAULT_LANGUAGE


async def find_tongue(
    session: Session, name: str | None = None, macro: str = "say_app", data: str = ""
) -> Tongue:
    """The language of that name, or of the call; ``xx`` serves for ``xx-YY``.

    ``macro`` and its data are what it is wanted for: some know no language but for a phrase.
    """
    name = name or language_of(session)
    lookups = session.switch.lookups
    for wanted in dict.fromkeys((name, name.replace("_", "-").partition("-")[0])):
        found = await lookups.language(wanted, macro=macro, data=data, session=session)
        if found is not None:
            return Tongue(name, found)
    return Tongue(name)


@contextmanager
def sounds_of(session: Session, tongue_prefix: str) -> Iterator[None]:
    """Prompts come from a language's own folder meanwhile, unless the call enforces its own."""
    if not tongue_prefix or session.is_true("sound_prefix_enforced"):
        yield
        return
    saved = session.channel.variables.get("sound_prefix") or ""
    session.set("sound_prefix", tongue_prefix)
    try:
        yield
    finally:
        session.set("sound_prefix", saved)


def now_in(switch: Switch, timezone: str | None) -> datetime:
    """The moment in a time zone, or in the machine's own. Raises `SayError`."""
    try:
        zone = time_text.zone_of(timezone, switch.generation.zones)
    except ValueError as error:
        raise SayError(str(error)) from None
    return datetime.fromtimestamp(switch.now_us() // 1_000_000, UTC).astimezone(zone)


def spoken(
    language: str,
    kind: Kind,
    method: Method,
    text: str,
    *,
    now: datetime,
    gender: Gender = Gender.NEUTER,
    extension: str = "",
) -> str:
    """What to play for a text: ``file_string://digits/2.wav!…``; nothing for an empty text.

    ``now`` is in the zone of the listener; ``extension`` is added to each name. Raises `SayError`.
    """
    found = find_language(language)
    if found is None:
        known = ", ".join(entry.name for entry in languages())
        raise SayError(f"{language!r} is no language of say: there are {known}")
    names = speaking.say(SayRequest(kind, method, text, now, gender), found)
    suffix = f".{extension}" if extension else ""
    parts = [name if "://" in name else f"{name}{suffix}" for name in names]
    return f"file_string://{'!'.join(parts)}" if parts else ""


async def say(
    session: Session,
    kind: Kind,
    method: Method,
    text: str,
    *,
    language: str = "",
    tongue: Tongue | None = None,
    gender: Gender = Gender.NEUTER,
    extension: str = "",
    terminators: str | None = None,
    input: DigitHandler | None = None,
) -> PlayResult:
    """Say a text to the call, in ``language`` with the prompts of ``tongue``.

    What cannot be said is logged and gives ``failed``.
    """
    tongue = tongue or await find_tongue(session)
    try:
        playable = spoken(
            language or tongue.say_module,
            kind,
            method,
            text,
            now=now_in(session.switch, session.get("timezone")),
            gender=gender,
            extension=extension,
        )
    except SayError as error:
        session.log.error("say: %s", error)
        return PlayResult("failed")
    if not playable:
        return PlayResult("done")
    with sounds_of(session, tongue.sound_prefix):
        return await ivr.play(session, playable, terminators=terminators, input=input)
