"""Asking for digits: ``read`` and ``play_and_get_digits``."""

from __future__ import annotations

from dataclasses import dataclass

from softswitch.dialplan.arguments import split
from softswitch.dialplan.pcre import PatternError, compile_expression
from softswitch.registry import application
from softswitch.switch import ivr
from softswitch.switch.session import Session

SHORTEST_TIMEOUT_MS = 1000
MOST_DIGITS = 128
_READ = "<min> <max> <file> <var_name> <timeout> <terminators> <digit_timeout>"
_ASK = (
    "<min> <max> <tries> <timeout> <terminators> <file> <invalid_file> <var_name> <regexp>"
    " [<digit_timeout>] ['<failure_ext> [failure_dp [failure_context]]']"
)


@dataclass(frozen=True, slots=True)
class Terminators:
    """The terminators of ``read``: ``=#`` demands one, ``+#`` keeps it in the value."""

    keys: str
    required: bool = False
    kept: str = ""

    @classmethod
    def parse(cls, text: str) -> Terminators:
        """Take the special signs ``=``, ``+X`` and ``xX`` out of a list of keys."""
        required = text.startswith("=")
        text = text.removeprefix("=")
        keys, kept = "", ""
        characters = iter(text)
        for character in characters:
            if character in "+x":
                key = next(characters, "")
                kept += key
                keys += key
            else:
                keys += character
        return cls("" if text.lower() == "none" else keys, required, kept)


@application("read", syntax=_READ, module="mod_dptools")
async def read(session: Session, data: str) -> None:
    """Play a prompt and read digits into a variable.

    ``read_result`` tells ``success``, ``timeout`` or ``failure``, ``read_terminator_used`` the
    key that ended the input. The prompt ``silence`` is none.
    """
    words = split(data, " ", 7)
    if len(words) < 4 or not words[0].isdigit() or not words[1].isdigit():
        session.log.error("read: %s wanted, not %r", _READ, data)
        return
    minimum = max(int(words[0]), 1)
    maximum = min(max(int(words[1]), minimum), MOST_DIGITS)
    name = words[3]
    timeout = _milliseconds(words[4:5], SHORTEST_TIMEOUT_MS)
    terminators = Terminators.parse(words[5] if len(words) > 5 else "#")
    for variable in ("read_result", "read_terminator_used", name):
        session.set(variable, "")
    collected = await ivr.play_and_collect(
        session,
        words[2],
        minimum=minimum,
        maximum=maximum,
        timeout_ms=timeout,
        digit_timeout_ms=_milliseconds(words[6:7], 0) or timeout,
        terminators=terminators.keys,
    )
    digits = collected.digits
    if collected.terminator is not None:
        session.set("read_terminator_used", collected.terminator)
        if collected.terminator in terminators.kept:
            digits += collected.terminator
    enough = len(digits) >= minimum
    if terminators.required and collected.terminator is None:
        enough = False
    if collected.reason == "failed" or not enough:
        result = "failure"
    else:
        result = "timeout" if collected.reason in ("timeout", "break") else "success"
    session.set("read_result", result)
    session.set(name, digits)


@application("play_and_get_digits", syntax=_ASK, module="mod_dptools")
async def play_and_get_digits(session: Session, data: str) -> None:
    """Ask for digits until they match, then set a variable; after the last try transfer.

    Wrong digits go to ``<var_name>_invalid``; the bad prompt plays after each wrong try.
    """
    words = split(data, " ", 11)
    if len(words) < 9 or not all(word.isdigit() for word in words[:3]):
        session.log.error("play_and_get_digits: %s wanted, not %r", _ASK, data)
        return
    minimum = int(words[0])
    maximum = min(max(int(words[1]), minimum, 1), MOST_DIGITS)
    tries = max(int(words[2]), 1)
    timeout = _milliseconds(words[3:4], SHORTEST_TIMEOUT_MS)
    terminators = "" if words[4].lower() == "none" else words[4]
    prompt, bad_prompt, name, pattern = words[5:9]
    digit_timeout = _milliseconds(words[9:10], 0) or timeout
    try:
        expression = compile_expression(pattern) if pattern else None
    except PatternError as error:
        session.log.error("play_and_get_digits: %s", error)
        return
    session.set(f"{name}_invalid", "")
    session.set(name, "")
    for _ in range(tries):
        session.set("read_terminator_used", "")
        collected = await ivr.play_and_collect(
            session,
            prompt,
            minimum=minimum,
            maximum=maximum,
            timeout_ms=timeout,
            digit_timeout_ms=digit_timeout,
            terminators=terminators,
        )
        session.set(name, collected.digits)
        if collected.terminator is not None:
            session.set("read_terminator_used", collected.terminator)
        if len(collected.digits) >= minimum and (collected.digits or collected.terminator):
            if not collected.digits or expression is None or expression.match(collected.digits):
                return
            session.set(f"{name}_invalid", collected.digits)
            session.set(name, "")
        if bad_prompt and bad_prompt.lower() != "silence":
            await ivr.play(session, bad_prompt)
    if len(words) > 10:
        target = split(words[10], " ", 3)
        if target:
            session.transfer(
                target[0],
                target[1] if len(target) > 1 else None,
                target[2] if len(target) > 2 else None,
            )


def _milliseconds(words: list[str], least: int) -> int:
    text = words[0] if words else ""
    return max(int(text), least) if text.isdigit() else least
