"""Phrase macros: sentences made of files, spoken numbers and texts, in the language of the call."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from softswitch.config.element import Element
from softswitch.config.fetched import read_fetched
from softswitch.dialplan.arguments import is_true
from softswitch.dialplan.hunt import substitute
from softswitch.dialplan.pcre import PatternError, compile_expression
from softswitch.say.request import Gender, Kind, Method, SayError, parse_word
from softswitch.switch import ivr, speech
from softswitch.switch.ivr import DigitHandler, PlayResult
from softswitch.switch.speech import Tongue

if TYPE_CHECKING:
    from softswitch.switch.session import Session

DEEPEST = 10
"""Phrases within phrases: deeper ones are refused."""
OWN = "phrases.xml"
"""The phrases of the package."""
_CALL = re.compile(r"\s*(?P<name>[^\s(]+)\s*(?:\((?P<data>.*)\))?\s*\Z", re.DOTALL)


async def phrase(
    session: Session,
    macro: str,
    data: str = "",
    *,
    language: str | None = None,
    terminators: str | None = None,
    input: DigitHandler | None = None,
) -> PlayResult:
    """Say the phrase ``macro``, or ``macro@group``, of a language (None: that of the call).

    The first key that ends a part ends the phrase. A macro that does not exist, or whose inputs
    do not fit the data, gives ``failed`` and a log line; parts that cannot be played are skipped.
    """
    tongue = await speech.find_tongue(session, language, macro, data)
    with speech.sounds_of(session, tongue.sound_prefix):
        teller = _Teller(session, tongue, terminators, input)
        return await teller.tell(macro, data, DEEPEST)


@ivr.plays("phrase")
async def _play_phrase(
    session: Session, text: str, terminators: str, input: DigitHandler | None
) -> PlayResult:
    macro, _, data = text.partition(":")
    return await phrase(session, macro.strip(), data, terminators=terminators, input=input)


@ivr.plays("say")
async def _play_text(
    session: Session, text: str, terminators: str, input: DigitHandler | None
) -> PlayResult:
    return await ivr.play_speech(session, text, terminators=terminators, input=input)


class _Teller:
    """Tells one phrase, and what it consists of, to a call."""

    def __init__(
        self,
        session: Session,
        tongue: Tongue,
        terminators: str | None,
        input: DigitHandler | None,
    ) -> None:
        self._session = session
        self._tongue = tongue
        self._terminators = terminators
        self._input = input
        self._milliseconds = 0

    async def tell(self, name: str, data: str, depth: int) -> PlayResult:
        """The inputs of a macro in order; each that fits tells its part."""
        macro, macros = self._find(name)
        if macro is None or macros is None or depth == 0:
            reason = "is nested too deeply" if macro is not None else "does not exist"
            self._session.log.error("phrase %s in %s %s", name, self._tongue.name, reason)
            return PlayResult("failed")
        pause = int(macro.get("pause", "") if macro.get("pause", "").isdigit() else 0)
        told = False
        with speech.sounds_of(self._session, _group_prefix(macros)):
            for item in macro.findall("input"):
                field = item.get("field")
                subject = data if field is None else await self._session.expand(field)
                pattern = item.get("pattern", ".*")
                try:
                    found = compile_expression(pattern).match(subject)
                except PatternError as error:
                    self._session.log.error("%s:%d: %s", item.file, item.line, error)
                    continue
                branch = item.find("nomatch" if found is None else "match")
                captures = found if found and "(" in pattern else None
                told |= branch is not None
                for action in branch if branch is not None else ():
                    if action.get("function", "").lower() == "break":
                        return PlayResult("done", None, self._milliseconds)
                    result = await self._act(action, captures, depth)
                    if result.reason not in ("done", "failed"):
                        return PlayResult(result.reason, result.terminator, self._milliseconds)
                    if pause:
                        await self._session.sleep(pause)
                if found is not None and is_true(
                    item.get("break_on_match") or item.get("break-on-match")
                ):
                    break
        if not told:
            self._session.log.warning("phrase %s has nothing to say to %r", name, data)
        return PlayResult("done" if told else "failed", None, self._milliseconds)

    def _find(self, name: str) -> tuple[Element | None, Element | None]:
        """The macro of that name, and the ``<macros>`` it stands in; last among our own."""
        name, _, group = name.partition("@")
        language = self._tongue.element
        phrases = language.find("phrases") if language is not None else None
        for parent in (phrases, language, own_phrases()):
            if parent is None:
                continue
            # In the section ``phrases`` macros stand in the language itself.
            for macros in (*parent.findall("macros"), *([language] if language else [])):
                if group and macros.get("name", "").lower() != group.lower():
                    continue
                if (macro := macros.find("macro", name=name)) is not None:
                    return macro, macros
        return None, None

    async def _act(
        self, action: Element, captures: list[str | None] | None, depth: int
    ) -> PlayResult:
        """Do one action; its time is added up."""
        function = action.get("function", "").lower()
        data = action.get("data", "")
        if captures and "$" in data:
            data = substitute(data, captures)
        data = await self._session.expand(data)
        session = self._session
        match function:
            case "play-file":
                result = await ivr.play(
                    session, data, terminators=self._terminators, input=self._input
                )
            case "say":
                result = await self._say(action, data)
            case "speak-text":
                result = await ivr.play_speech(
                    session,
                    data,
                    engine=action.get("tts-engine", "") or self._tongue.tts_engine,
                    voice=action.get("tts-voice", "") or self._tongue.tts_voice,
                    terminators=self._terminators,
                    input=self._input,
                )
            case "execute":
                result = await self._execute(action, data)
            case "sleep":
                await session.sleep(int(data) if data.isdigit() else 0)
                return PlayResult("done")
            case "phrase":
                # Its time is added up within.
                return await self.tell(action.get("phrase", ""), data, depth - 1)
            case _:
                session.log.error(
                    "%s:%d: %r is no function of phrases", action.file, action.line, function
                )
                return PlayResult("failed")
        self._milliseconds += result.milliseconds
        return result

    async def _say(self, action: Element, data: str) -> PlayResult:
        try:
            kind = parse_word(Kind, action.get("type", ""))
            method = parse_word(Method, action.get("method", ""))
            gender = parse_word(Gender, action.get("gender", "") or "neuter")
        except SayError as error:
            self._session.log.error("%s:%d: %s", action.file, action.line, error)
            return PlayResult("failed")
        return await speech.say(
            self._session,
            kind,
            method,
            data,
            tongue=self._tongue,
            gender=gender,
            terminators=self._terminators,
            input=self._input,
        )

    async def _execute(self, action: Element, data: str) -> PlayResult:
        found = _CALL.match(data)
        if found is None:
            self._session.log.error(
                "%s:%d: execute takes application(data)", action.file, action.line
            )
            return PlayResult("failed")
        await self._session.execute(found["name"], found["data"] or "")
        return PlayResult("done")


def _group_prefix(macros: Element) -> str:
    """The folder of a group's prompts."""
    return macros.get("sound-prefix", "") or macros.get("sound-path", "")


@cache
def own_phrases() -> Element | None:
    """The phrases that are there without being written."""
    data = resources.files(__package__).joinpath(OWN).read_bytes()
    return read_fetched(data, OWN, {})[0].find("phrases")
