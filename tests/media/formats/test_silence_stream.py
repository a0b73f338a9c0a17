"""``silence_stream://``"""

from __future__ import annotations

import pytest

from softswitch.media.source import Silence, SourceError
from tests.media.formats.requests import ask


@pytest.mark.parametrize(
    ("text", "silence"),
    [
        ("2000", Silence(2000)),
        ("2000,1400", Silence(2000, 1400)),
        ("-1", Silence(-1)),
        ("-500,400", Silence(-1, 400)),
        ("100,-3", Silence(100, 0)),
    ],
)
def test_a_length_and_a_divisor_are_told(text: str, silence: Silence) -> None:
    assert ask(f"silence_stream://{text}") == silence


@pytest.mark.parametrize("text", ["0", "", "long", "100,loud", "9999999999"])
def test_other_lengths_are_errors(text: str) -> None:
    with pytest.raises(SourceError):
        ask(f"silence_stream://{text}")
