from __future__ import annotations

from softswitch.say.language import find_language, languages
from softswitch.say.languages.german import German


def test_languages_are_found_by_name_and_without_their_country() -> None:
    assert {entry.name for entry in languages()} >= {"en", "de"}
    assert isinstance(find_language("de"), German)
    assert isinstance(find_language("DE-at"), German)
    assert isinstance(find_language("de_CH"), German)
    assert find_language("xx") is None
