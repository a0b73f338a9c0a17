"""Arguments of ``playback`` taken apart."""

from __future__ import annotations

import pytest

from softswitch.media.source import Source, SourceError, Specification
from tests.support.sounds import FakeSource


@pytest.mark.parametrize(
    ("text", "scheme", "body", "parameters", "offset"),
    [
        ("ivr/hello.wav", "", "ivr/hello.wav", {}, 0),
        ("/a b/c.wav@@8000", "", "/a b/c.wav", {}, 8000),
        ("tone_stream://%(1,1,9);loops=2", "tone_stream", "%(1,1,9);loops=2", {}, 0),
        ("{loops=3}tone_stream://1", "tone_stream", "1", {"loops": "3"}, 0),
        ("{a=1,b='x,y'}{c=} x.wav", "", "x.wav", {"a": "1", "b": "x,y", "c": ""}, 0),
        ("SILENCE_STREAM://100", "silence_stream", "100", {}, 0),
        ("me@@home.wav", "", "me@@home.wav", {}, 0),
    ],
)
def test_an_argument_has_a_scheme_a_body_parameters_and_an_offset(
    text: str, scheme: str, body: str, parameters: dict[str, str], offset: int
) -> None:
    assert Specification.parse(text) == Specification(body, scheme, parameters, offset)


@pytest.mark.parametrize("text", ["", "  ", "{loops=3", "{loops=3}", "@@8000"])
def test_an_argument_without_a_file_is_an_error(text: str) -> None:
    with pytest.raises(SourceError, match="cannot play"):
        Specification.parse(text)


def test_an_error_is_a_sentence_with_the_path_and_the_reason() -> None:
    error = SourceError("/x.wav", "there is no such file.")
    assert str(error) == "cannot play /x.wav: there is no such file."
    assert isinstance(error, OSError)


def test_a_source_is_as_long_as_its_parts_and_endless_if_one_is() -> None:
    assert Source("a", [FakeSource("b", 20), FakeSource("c", 30)]).milliseconds == 50
    assert Source("a", [FakeSource("b", 20), FakeSource("c", None)]).milliseconds is None
    assert repr(Source("a.wav", [FakeSource("b", 20)])) == "<Source a.wav 20 ms>"


def test_closing_a_source_spares_what_others_share() -> None:
    own, shared = FakeSource("own", 1), FakeSource("shared", 1)
    Source("a", [own, shared], shared=[shared]).close()
    assert own.closed and not shared.closed
