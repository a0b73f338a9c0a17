from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from softswitch.say.request import Gender, Kind, Method, SayError
from softswitch.switch import speech
from tests.support.prompts import played, put_prompts
from tests.support.switch import bench, extension

LANGUAGES = """
<language name="en" say-module="en" tts-engine="flite" tts-voice="rms"/>
<language name="de" say-module="de" sound-prefix="{folder}/de"/>
<language name="pl" module="xx"/>
"""
NOW = datetime(2023, 11, 14, 17, 13, 20)


def spoken(language: str, extension: str = "") -> str:
    return speech.spoken(
        language, Kind.CURRENT_TIME, Method.PRONOUNCED, "", now=NOW, extension=extension
    )


def test_what_is_said_becomes_one_thing_to_play() -> None:
    assert spoken("en") == "file_string://digits/5!digits/13!time/p-m"
    assert spoken("en", "wav") == "file_string://digits/5.wav!digits/13.wav!time/p-m.wav"


def test_streams_get_no_extension() -> None:
    said = speech.spoken(
        "en", Kind.TELEPHONE_NUMBER, Method.PRONOUNCED, "1 2", now=NOW, extension="wav"
    )
    assert said == "file_string://digits/1.wav!silence_stream://100!digits/2.wav"


def test_an_unknown_language_is_told() -> None:
    with pytest.raises(SayError, match="'xx' is no language of say: there are de, en"):
        spoken("xx")


async def test_the_moment_is_told_in_a_zone(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        assert speech.now_in(b.switch, "America/New_York").hour == 17
        assert speech.now_in(b.switch, "3600").hour == 23
        with pytest.raises(SayError, match="there is no time zone 'Mars/Base'"):
            speech.now_in(b.switch, "Mars/Base")


@pytest.mark.parametrize(
    ("variables", "name", "module"),
    [
        ({}, "en", "en"),
        ({"default_language": "de"}, "de", "de"),
        ({"default_language": "de", "language": "en"}, "en", "en"),
        ({"language": "de-AT"}, "de-AT", "de"),
        ({"language": "fr"}, "fr", "fr"),
        ({"language": "pl"}, "pl", "xx"),
    ],
)
async def test_the_language_of_a_call_comes_from_its_variables(
    tmp_path: Path, variables: dict[str, str], name: str, module: str
) -> None:
    async with bench(tmp_path, extension("1", "park"), languages=LANGUAGES) as b:
        session = b.call("1", variables=variables)
        tongue = await speech.find_tongue(session)
        assert (tongue.name, tongue.say_module) == (name, module)
        assert (await speech.find_tongue(session, "en")).tts_engine == "flite"
        assert (await speech.find_tongue(session, "en")).tts_voice == "rms"
        session.hangup()
        await b.ended(session)


async def test_the_prompts_of_a_language_are_used_and_the_prefix_restored(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    german = put_prompts(tmp_path / "de", "de")
    languages = LANGUAGES.format(folder=f"{tmp_path}/de/sounds").replace("/sounds/de", "/sounds")
    async with bench(tmp_path, extension("1", "answer", "park"), languages=languages) as b:
        session = b.call("1", variables={"sound_prefix": "/mine"})
        await b.after(0.1)
        tongue = await speech.find_tongue(session, "de")
        result = await speech.say(
            session, Kind.ITEMS, Method.PRONOUNCED, "1", tongue=tongue, gender=Gender.FEMININE
        )
        assert (result.reason, result.milliseconds) == ("done", 100)
        assert played(session, german) == ["digits/1-f"]
        assert session.get("sound_prefix") == "/mine"
        session.set("sound_prefix_enforced", "true")
        with speech.sounds_of(session, "/other"):
            assert session.get("sound_prefix") == "/mine"
        session.hangup()
        await b.ended(session)


async def test_what_cannot_be_said_fails_and_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        failed = await speech.say(session, Kind.NUMBER, Method.PRONOUNCED, "many")
        assert failed.reason == "failed"
        assert "'many' is no whole number" in caplog.text
        silent = await speech.say(session, Kind.NUMBER, Method.NONE, "5")
        assert silent.reason == "done"
        session.hangup()
        await b.ended(session)
