from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.prompts import ScriptedSpeaker, played, put_prompts
from tests.support.switch import bench, extension

MACRO = """<language name="en"><phrases><macros><macro name="hello">
<input pattern="^(.+),(.+)$"><match>
  <action function="say" type="number" method="pronounced" data="$1"/>
  <action function="say" type="number" method="pronounced" data="$2"/></match>
<nomatch><action function="play-file" data="ivr/ivr-hello.wav"/></nomatch></input></macro>
</macros></phrases></language>"""


@pytest.mark.parametrize(
    ("data", "expected"),
    [("hello", "ivr/ivr-hello"), ("hello,", "ivr/ivr-hello"), ("hello,1,2", "digits/1 digits/2")],
)
async def test_phrase_says_a_macro(tmp_path: Path, data: str, expected: str) -> None:
    sounds = put_prompts(tmp_path)
    actions = ("answer", f"phrase {data}", "park")
    async with bench(tmp_path, extension("1", *actions), languages=MACRO) as b:
        session = b.call("1")
        await b.after(1)
        assert played(session, sounds) == expected.split()
        session.hangup()
        await b.ended(session)


@pytest.mark.parametrize(
    ("data", "response"),
    [("hello", "PHRASE PLAYED"), ("nothing", "UNKNOWN ERROR"), ("", "NOTHING")],
)
async def test_phrase_tells_how_it_ended(tmp_path: Path, data: str, response: str) -> None:
    put_prompts(tmp_path)
    actions = ("answer", f"phrase {data}")
    async with bench(tmp_path, extension("1", *actions), languages=MACRO) as b:
        session = await b.ended(b.call("1"))
        assert session.get("current_application_response") == response


@pytest.mark.parametrize(
    ("data", "engine", "voice", "text"),
    [
        ("flite|rms|Good morning", "flite", "rms", "Good morning"),
        ("flite|rms|1|2", "flite", "rms", "1|2"),
        ("Good morning", "cepstral", "callie", "Good morning"),
        ("rms|Good morning", "cepstral", "rms", "Good morning"),
        ("||Good {morning} @@5", "cepstral", "callie", "Good {morning} @@5"),
    ],
)
async def test_speak_has_a_text_spoken(
    tmp_path: Path, data: str, engine: str, voice: str, text: str
) -> None:
    speaker = ScriptedSpeaker(tmp_path)
    actions = ("answer", "set tts_engine=cepstral", "set tts_voice=callie", f"speak {data}")
    async with bench(tmp_path, extension("1", *actions), speaker=speaker) as b:
        session = await b.ended(b.call("1"))
        (spoken,) = speaker.spoken
        assert (spoken.engine, spoken.voice, spoken.text) == (engine, voice, text)
        assert session.get("playback_ms") == "100"


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("phrase", "phrase: <macro_name>,<data> is missing"),
        ("speak", "speak: <engine>|<voice>|<text> is missing"),
        ("speak flite|rms|", "speak: <engine>|<voice>|<text> is missing"),
        ("speak hello", "cannot play hello: nobody speaks"),
    ],
)
async def test_mistakes_are_logged_and_the_call_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, action: str, message: str
) -> None:
    speaker = ScriptedSpeaker(tmp_path)
    speaker.problem = "nobody speaks"
    async with bench(
        tmp_path, extension("1", "answer", action, "set after=yes"), speaker=speaker
    ) as b:
        session = await b.ended(b.call("1"))
        assert message in caplog.text
        assert session.get("after") == "yes"


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({}, "press star and pound"),
        ({"star_replace": "Stern", "pound_replace": "Raute"}, "press Stern and Raute"),
    ],
)
async def test_stars_and_pounds_are_spoken_as_words(
    tmp_path: Path, variables: dict[str, str], text: str
) -> None:
    speaker = ScriptedSpeaker(tmp_path)
    speak = extension("1", "answer", "speak flite|rms|press * and #")
    async with bench(tmp_path, speak, speaker=speaker) as b:
        await b.ended(b.call("1", variables=variables))
        assert [spoken.text for spoken in speaker.spoken] == [text]
