from __future__ import annotations

import json

import pytest

from softswitch.dialplan.arrays import ArrayValue
from softswitch.modules.event_socket.encoding import (
    EventFormat,
    encode,
    encode_json,
    encode_plain,
    encode_xml,
    url_encode,
)
from softswitch.switch.events import Event


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("plain-text_1.2~'()*!$/,", "plain-text_1.2~'()*!$/,"),
        ("a b", "a%20b"),
        ("\r\n\t", "%0D%0A%09"),
        ('#%&+:;<=>?@[\\]^`{|}"', "%23%25%26%2B%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E%60%7B%7C%7D%22"),
        ("already%20encoded", "already%20encoded"),
        ("lower %2f stays a percent sign", "lower%20%252f%20stays%20a%20percent%20sign"),
        ("100%", "100%25"),
        ("grün", "gr%C3%BCn"),
        ("\x7f", "%7F"),
    ],
)
def test_url_encoding(text: str, encoded: str) -> None:
    assert url_encode(text) == encoded


def test_plain_shows_empty_values_and_puts_the_body_behind_its_own_length() -> None:
    event = Event("BACKGROUND_JOB", {"Event-Name": "BACKGROUND_JOB", "Empty": ""}, "+OK ü\n")
    assert encode_plain(event) == (
        "Event-Name: BACKGROUND_JOB\nEmpty: _undef_\nContent-Length: 7\n\n+OK ü\n"
    )


def test_plain_without_a_body_ends_with_an_empty_line() -> None:
    assert encode_plain(Event("API", {"Event-Name": "API"})) == "Event-Name: API\n\n"


def test_json_has_arrays_as_lists_and_keeps_text_as_it_is() -> None:
    event = Event("X", {"a": "grün %", "b": ArrayValue(["1", "2"]), "c": "ARRAY::3|:4"}, "body")
    text = encode_json(event)
    assert "grün" in text
    assert json.loads(text) == {
        "a": "grün %",
        "b": ["1", "2"],
        "c": ["3", "4"],
        "Content-Length": "4",
        "_body": "body",
    }


def test_xml_repeats_arrays_escapes_the_body_and_invents_no_tags() -> None:
    event = Event("X", {"b": ArrayValue(["1", "2"]), "c><d": "&"}, "<&>")
    assert encode_xml(event) == (
        "<event>\n  <headers>\n    <b>1</b>\n    <b>2</b>\n    <c__d>%26</c__d>\n  </headers>\n"
        "  <Content-Length>3</Content-Length>\n  <body>&lt;&amp;&gt;</body>\n</event>\n"
    )


def test_a_frame_counts_bytes_before_its_content_type() -> None:
    data = encode(Event("X", {"Event-Name": "grün"}), EventFormat.JSON)
    assert data == (
        b'Content-Length: 22\nContent-Type: text/event-json\n\n{"Event-Name":"gr\xc3\xbcn"}'
    )
