from __future__ import annotations

import re
from pathlib import Path, PurePath

import pytest

from softswitch.media.prompts.texts import language_of, languages, name_of, texts

VANILLA = Path(__file__).resolve().parents[3] / "../shared/data/freeswitch-vanilla"
_NAMED = re.compile(r'"([a-z-]+/[^"/:]+)\.wav"')


def test_there_are_texts_in_english_and_german() -> None:
    assert languages() >= {"en", "de"}
    assert texts("en")["digits/7"] == "seven"
    assert texts("de")["digits/7"] == "sieben"


@pytest.mark.parametrize("language", sorted(languages()))
def test_each_text_has_words_and_each_prompt_a_folder(language: str) -> None:
    for name, text in texts(language).items():
        assert text.strip() == text and text, name
        assert name.count("/") == 1, name


@pytest.mark.parametrize(
    ("path", "language", "name"),
    [
        ("/s/en/us/callie/digits/1.wav", "en", "digits/1"),
        ("/s/en/us/callie/digits/8000/1.wav", "en", "digits/1"),
        ("/s/de/de/anna/digits/1", "de", "digits/1"),
        ("/s/DE/x/y/ivr/ivr-welcome.wav", "de", "ivr/ivr-welcome"),
        ("ivr/ivr-welcome.wav", "en", "ivr/ivr-welcome"),
        ("/en/us/de/de/z/digits/1.PCMU", "de", "digits/1"),
        ("hello.wav", "en", "/hello"),
    ],
)
def test_a_path_tells_language_and_prompt(path: str, language: str, name: str) -> None:
    assert language_of(PurePath(path)) == language
    assert name_of(PurePath(path)) == name


def test_german_has_no_prompt_that_english_lacks_but_its_own_words() -> None:
    own = set(texts("de")) - set(texts("en"))
    assert own == {
        *("digits/1-m", "digits/1-f", "digits/and", "digits/millions", "currency/euro"),
        *("digits/h-hundred", "digits/h-thousand", "digits/h-million", "digits/h-millions"),
    }


@pytest.mark.skipif(not VANILLA.exists(), reason="FreeSWITCH's own configuration is not here")
def test_each_prompt_that_freeswitch_names_has_a_text() -> None:
    named = set()
    for file in (*VANILLA.glob("lang/en/**/*.xml"), *VANILLA.glob("autoload_configs/conf*.xml")):
        named |= set(_NAMED.findall(file.read_text("utf-8", "replace")))
    unknown = {name for name in named if "$" not in name} - set(texts("en"))
    assert unknown == set()
