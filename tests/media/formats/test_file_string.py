"""``file_string://``"""

from __future__ import annotations

import pytest

from softswitch.media.source import Parts, SourceError
from tests.media.formats.requests import ask


def test_parts_stand_between_exclamation_marks_and_empty_ones_do_not_count() -> None:
    assert ask("file_string://a.wav!!tone_stream://1!") == Parts(("a.wav", "tone_stream://1"))


@pytest.mark.parametrize("text", ["!", "!".join(["a.wav"] * 129)])
def test_no_part_and_too_many_are_errors(text: str) -> None:
    with pytest.raises(SourceError, match="parts"):
        ask(f"file_string://{text}")
