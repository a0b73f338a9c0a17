from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from softswitch.switch import ivr
from softswitch.switch.phrases import phrase
from softswitch.switch.session import Session
from tests.support.prompts import ScriptedSpeaker, played, put_prompts
from tests.support.switch import Bench, bench, extension

MACROS = """
<language name="en" say-module="en" tts-engine="flite" tts-voice="slt"><phrases><macros>
  <macro name="queue_spot" pause="80">
    <input pattern="^1$" break_on_match="true">
      <match><action function="play-file" data="ivr/ivr-thank_you.wav"/></match></input>
    <input pattern="^(\\d+)$">
      <match><action function="play-file" data="ivr/ivr-you_are_number.wav"/>
             <action function="say" type="number" method="pronounced" data="$1"/></match>
      <nomatch><action function="play-file" data="ivr/ivr-sorry.wav"/></nomatch></input>
  </macro>
  <macro name="count"><input pattern="^(\\d+):(.*)$"><match>
    <action function="play-file" data="voicemail/vm-you_have.wav"/>
    <action function="say" data="$1" method="pronounced" type="items"/>
    <action function="execute" data="sleep(100)"/>
    <action function="sleep" data="300"/>
    <action function="play-file" data="voicemail/vm-$2.wav"/>
    <action function="play-file" data="no/such.wav"/>
    <action function="play-file" data="voicemail/vm-messages.wav"/></match></input></macro>
  <macro name="left"><input pattern="(\\d+):(\\d+)">
    <match><action function="speak-text" data="$1 minutes, ${caller_id_number}"/>
           <action function="break"/>
           <action function="speak-text" data="never"/></match>
    <nomatch><action function="speak-text" tts-engine="espeak" tts-voice="rms" data="wrong"/>
    </nomatch></input>
    <input><match><action function="speak-text" data="after"/></match></input></macro>
  <macro name="outer"><input pattern="^(.*)$"><match>
    <action function="phrase" phrase="queue_spot" data="$1"/>
    <action function="phrase" phrase="queue_spot" data="7"/></match></input></macro>
  <macro name="by_field"><input field="${mood}" pattern="^good$">
    <match><action function="play-file" data="ivr/ivr-hello.wav"/></match>
    <nomatch><action function="play-file" data="ivr/ivr-sorry.wav"/></nomatch></input></macro>
  <macro name="forever"><input><match>
    <action function="phrase" phrase="forever"/></match></input></macro>
  <macro name="broken"><input pattern="("><match>
    <action function="play-file" data="ivr/ivr-hello.wav"/></match></input>
    <input><match><action function="dance"/><action function="execute" data=""/>
    <action function="say" type="sums" method="pronounced" data="1"/>
    <action function="play-file" data="ivr/ivr-hello.wav"/></match></input></macro>
</macros>
<macros name="lot" sound-prefix="{folder}/lot/sounds"><macro name="queue_spot"><input><match>
  <action function="play-file" data="digits/9.wav"/></match></input></macro></macros>
</phrases></language>
"""


@asynccontextmanager
async def call(
    folder: Path, script: str = "", variables: dict[str, str] | None = None
) -> AsyncIterator[tuple[Bench, Session, Path]]:
    sounds = put_prompts(folder)
    async with bench(
        folder,
        extension("1", "answer", "park"),
        languages=MACROS.replace("{folder}", str(folder)),
        speaker=ScriptedSpeaker(folder),
    ) as b:
        session = b.call("1", script=script, variables=variables)
        await b.after(0.1)
        yield b, session, sounds
        session.hangup()
        await b.ended(session)


@pytest.mark.parametrize(
    ("macro", "data", "expected"),
    [
        ("queue_spot", "1", "ivr/ivr-thank_you"),
        ("queue_spot", "4", "ivr/ivr-you_are_number digits/4"),
        ("queue_spot", "x", "ivr/ivr-sorry"),
        (
            *("count", "21:new"),
            "voicemail/vm-you_have digits/20 digits/1 voicemail/vm-new voicemail/vm-messages",
        ),
        ("outer", "1", "ivr/ivr-thank_you ivr/ivr-you_are_number digits/7"),
        ("by_field", "", "ivr/ivr-hello"),
    ],
)
async def test_a_macro_plays_what_its_inputs_say(
    tmp_path: Path, macro: str, data: str, expected: str
) -> None:
    async with call(tmp_path, variables={"mood": "good"}) as (_, session, sounds):
        result = await phrase(session, macro, data)
        assert result.reason == "done"
        assert played(session, sounds) == expected.split()
        assert result.milliseconds == 100 * len(expected.split())


async def test_texts_are_spoken_and_a_break_ends_the_macro(tmp_path: Path) -> None:
    async with call(tmp_path) as (b, session, _):
        await phrase(session, "left", "3:10")
        await phrase(session, "left", "much")
        speaker = b.switch.engine._speaker
        assert isinstance(speaker, ScriptedSpeaker)
        assert [(s.text, s.engine, s.voice) for s in speaker.spoken] == [
            ("3 minutes, 1000", "flite", "slt"),
            ("wrong", "espeak", "rms"),
            ("after", "flite", "slt"),
        ]


async def test_a_group_of_macros_has_its_own_prompts(tmp_path: Path) -> None:
    (tmp_path / "lot").mkdir()
    lot = put_prompts(tmp_path / "lot")
    async with call(tmp_path) as (_, session, sounds):
        await phrase(session, "queue_spot@lot")
        assert played(session, lot) == ["digits/9"]
        await phrase(session, "queue_spot", "1")
        assert played(session, sounds)[-1] == "ivr/ivr-thank_you"


async def test_the_actions_of_a_macro_keep_a_distance(tmp_path: Path) -> None:
    async with call(tmp_path) as (b, session, _):
        began = b.switch.loop.time()
        await phrase(session, "queue_spot", "4")
        assert b.switch.loop.time() - began == pytest.approx(0.36, abs=0.02)


async def test_a_key_ends_the_whole_phrase(tmp_path: Path) -> None:
    async with call(tmp_path, script="digit:*@0.25") as (_, session, sounds):
        result = await phrase(session, "count", "21:new")
        assert (result.reason, result.terminator) == ("terminator", "*")
        assert played(session, sounds) == ["voicemail/vm-you_have", "digits/20"]


async def test_a_handler_of_digits_ends_the_whole_phrase(tmp_path: Path) -> None:
    heard: list[str] = []

    def press(digit: ivr.Digit) -> bool:
        heard.append(digit.digit)
        return True

    async with call(tmp_path, script="digit:5@0.15") as (_, session, sounds):
        result = await phrase(session, "count", "21:new", terminators="", input=press)
        assert (result.reason, heard) == ("input", ["5"])
        assert played(session, sounds) == ["voicemail/vm-you_have"]


@pytest.mark.parametrize(
    ("macro", "message"),
    [
        ("nosuch", "phrase nosuch in en does not exist"),
        ("queue_spot@nolot", "phrase queue_spot@nolot in en does not exist"),
        ("forever", "phrase forever in en is nested too deeply"),
        ("broken", "'dance' is no function of phrases"),
        ("broken", "execute takes application(data)"),
        ("broken", "'sums' is no kind of say"),
        ("left", "phrase left in fr does not exist"),
    ],
)
async def test_mistakes_are_logged_and_the_call_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, macro: str, message: str
) -> None:
    language = "fr" if macro == "left" else "en"
    async with call(tmp_path, variables={"language": language}) as (_, session, sounds):
        await phrase(session, macro, "x")
        assert message in caplog.text
        assert session.channel.up
        if macro == "broken":
            assert played(session, sounds) == ["ivr/ivr-hello"]


async def test_phrases_and_texts_can_be_played_wherever_a_file_can(tmp_path: Path) -> None:
    async with call(tmp_path) as (_, session, sounds):
        assert (await ivr.play(session, "phrase:queue_spot:12")).milliseconds == 200
        assert (await ivr.play(session, "say:good morning")).milliseconds == 100
        assert (await ivr.play(session, "phrase:nosuch")).reason == "failed"
        assert played(session, sounds) == [
            "ivr/ivr-you_are_number",
            "digits/12",
            f"{tmp_path}/good morning.wav",
        ]


async def test_phrases_are_repeated_unless_nothing_sounds(tmp_path: Path) -> None:
    async with call(tmp_path) as (_, session, _):
        assert (await ivr.play(session, "phrase:queue_spot:1", loops=3)).milliseconds == 300
        assert (await ivr.play(session, "phrase:nosuch", loops=-1)).reason == "failed"


async def test_a_macro_waits_where_it_shall(tmp_path: Path) -> None:
    async with call(tmp_path) as (b, session, _):
        began = b.switch.loop.time()
        await phrase(session, "count", "1:new")
        # Four prompts, an application that sleeps, and a sleep of the macro's own.
        assert b.switch.loop.time() - began == pytest.approx(0.4 + 0.1 + 0.3, abs=0.05)
