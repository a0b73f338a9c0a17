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
    """Keys that end an input: ``=#`` demands one, ``+#`` keeps it in the value.

    ``x#`` keeps it too, and the input counts as failed: a menu behind it looks at the value.
    """

    keys: str
    required: bool = False
    kept: str = ""
    failing: str = ""

    @classmethod
    def parse(cls, text: str) -> Terminators:
        """Take the special signs ``=``, ``+X`` and ``xX`` out of a list of keys."""
        required = text.startswith("=")
        text = text.removeprefix("=")
        keys, kept, failing = "", "", ""
        characters = iter(text)
        for character in characters:
            if character in "+x":
                key = next(characters, "")
                kept += key
                failing += key if character == "x" else ""
                keys += key
            else:
                keys += character
        return cls("" if text.lower() == "none" else keys, required, kept, failing)


@dataclass(frozen=True, slots=True)
class _Question:
    """What one input is asked by, and how it must be answered."""

    prompt: str
    minimum: int
    maximum: int
    timeout_ms: int
    digit_timeout_ms: int
    terminators: Terminators


@dataclass(frozen=True, slots=True)
class _Answer:
    digits: str
    terminator: str | None
    result: str
    """``success timeout failure``."""
    ended: bool = False
    """A terminator marked with ``x`` came: whoever asks asks no more."""


async def _ask(session: Session, question: _Question, name: str) -> _Answer:
    """Ask once; sets ``read_result``, ``read_terminator_used`` and the variable of that name."""
    for variable in ("read_result", "read_terminator_used", name):
        if variable:
            session.set(variable, "")
    collected = await ivr.play_and_collect(
        session,
        question.prompt,
        minimum=question.minimum,
        maximum=question.maximum,
        timeout_ms=question.timeout_ms,
        digit_timeout_ms=question.digit_timeout_ms,
        terminators=question.terminators.keys,
    )
    digits, pressed = collected.digits, collected.terminator
    if pressed is not None:
        session.set("read_terminator_used", pressed)
        if pressed in question.terminators.kept:
            digits += pressed
    ended = pressed is not None and pressed in question.terminators.failing
    missing = question.terminators.required and pressed is None
    if collected.reason == "failed" or missing or ended or len(digits) < question.minimum:
        result = "failure"
    else:
        result = "timeout" if collected.reason in ("timeout", "break") else "success"
    session.set("read_result", result)
    if name:
        session.set(name, digits)
    return _Answer(digits, pressed, result, ended)


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
    timeout = _milliseconds(words[4:5], SHORTEST_TIMEOUT_MS)
    question = _Question(
        words[2],
        minimum,
        min(max(int(words[1]), minimum), MOST_DIGITS),
        timeout,
        _milliseconds(words[6:7], 0) or timeout,
        Terminators.parse("".join(words[5:6]) or "#"),
    )
    await _ask(session, question, words[3])


@application("play_and_get_digits", syntax=_ASK, module="mod_dptools")
async def play_and_get_digits(session: Session, data: str) -> None:
    """Ask for digits until they match, then set a variable; after the last try transfer.

    Any digits will do without an expression. Wrong ones go to ``<var_name>_invalid``; the bad
    prompt plays after each wrong try, and keys pressed during it count for the next. Variables
    are set as by `read`.
    """
    words = split(data, " ", 11)
    if len(words) < 6 or not all(word.isdigit() for word in words[:3]):
        session.log.error("play_and_get_digits: %s wanted, not %r", _ASK, data)
        return
    words += [""] * (11 - len(words))
    bad_prompt, name, pattern, digit_timeout, failure = words[6:]
    minimum = int(words[0])
    timeout = _milliseconds(words[3:4], SHORTEST_TIMEOUT_MS)
    question = _Question(
        words[5],
        minimum,
        min(max(int(words[1]), minimum, 1), MOST_DIGITS),
        timeout,
        _milliseconds([digit_timeout], 0) or timeout,
        Terminators.parse(words[4] or "#"),
    )
    try:
        expression = compile_expression(pattern) if pattern else None
    except PatternError as error:
        session.log.error("play_and_get_digits: %s", error)
        return
    if name:
        session.set(f"{name}_invalid", "")
    for _ in range(max(int(words[2]), 1)):
        answer = await _ask(session, question, name)
        if answer.ended or (not minimum and not answer.digits and answer.terminator):
            return
        if answer.digits and answer.result != "failure":
            if expression is None or expression.match(answer.digits):
                return
            if name:
                session.set(f"{name}_invalid", answer.digits)
                session.set(name, "")
        if bad_prompt and bad_prompt.lower() != "silence":
            await ivr.play(session, bad_prompt, heeds_keys=False)
    target = split(failure, " ", 3)
    if target:
        session.transfer(
            target[0],
            target[1] if len(target) > 1 else None,
            target[2] if len(target) > 2 else None,
        )


def _milliseconds(words: list[str], least: int) -> int:
    text = words[0] if words else ""
    return max(int(text), least) if text.isdigit() else least
