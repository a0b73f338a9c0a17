from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from softswitch.dialplan.arrays import ArrayValue
from softswitch.switch import event_text
from softswitch.switch.event_text import unencoded
from softswitch.switch.events import Event


def test_plain_headers_are_encoded_and_end_with_a_blank_line() -> None:
    event = Event("X", {"Event-Name": "X", "A": "Mon, 23 Nov 2026 02:52:40 GMT", "B": "sip:a@b;x"})
    assert event_text.plain(event) == (
        "Event-Name: X\nA: Mon,%2023%20Nov%202026%2002%3A52%3A40%20GMT\nB: sip%3Aa%40b%3Bx\n\n"
    )


def test_a_body_is_counted_in_bytes() -> None:
    event = Event("X", {"Event-Name": "X"}, "é\n")
    assert event_text.plain(event) == "Event-Name: X\nContent-Length: 3\n\né\n"
    assert json.loads(event_text.json(event))["_body"] == "é\n"


def test_json_is_compact_and_shows_arrays_as_lists() -> None:
    event = Event("X", {"Event-Name": "X", "variable_a": "ARRAY::one|:two", "q": 'a"b'})
    text = event_text.json(event)
    assert text == '{"Event-Name":"X","variable_a":["one","two"],"q":"a\\"b"}'


def test_xml_is_well_formed_whatever_the_values_are() -> None:
    event = Event("X", {"Event-Name": "X", "A": "<&>\x01"}, "<&>")
    root = ElementTree.fromstring(event_text.xml(event))
    headers = root.find("headers")
    assert headers is not None and headers.findtext("A") == "%3C%26%3E%01"
    assert root.findtext("body") == "<&>"


def test_control_and_other_characters_cannot_end_a_header() -> None:
    assert event_text.url_encode("a\r\nB: c") == "a%0D%0AB%3A%20c"
    assert event_text.url_encode("é") == "%C3%A9"
    assert event_text.url_encode("(a)*!'$,/-._~") == "(a)*!'$,/-._~"


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
    assert event_text.url_encode(text) == encoded


def test_plain_shows_empty_values_and_puts_the_body_behind_its_own_length() -> None:
    event = Event("BACKGROUND_JOB", {"Event-Name": "BACKGROUND_JOB", "Empty": ""}, "+OK ü\n")
    assert event_text.plain(event) == (
        "Event-Name: BACKGROUND_JOB\nEmpty: _undef_\nContent-Length: 7\n\n+OK ü\n"
    )


def test_plain_without_a_body_ends_with_an_empty_line() -> None:
    assert event_text.plain(Event("API", {"Event-Name": "API"})) == "Event-Name: API\n\n"


def test_json_has_arrays_as_lists_and_keeps_text_as_it_is() -> None:
    event = Event("X", {"a": "grün %", "b": ArrayValue(["1", "2"]), "c": "ARRAY::3|:4"}, "body")
    text = event_text.json(event)
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
    assert event_text.xml(event) == (
        "<event>\n  <headers>\n    <b>1</b>\n    <b>2</b>\n    <c__d>%26</c__d>\n  </headers>\n"
        "  <Content-Length>3</Content-Length>\n  <body>&lt;&amp;&gt;</body>\n</event>\n"
    )


def test_an_array_of_one_is_a_text_in_json() -> None:
    array = ArrayValue(["x"])
    written = [event_text.json(Event("X", {"A": value})) for value in ("x", array, "x")]
    assert [json.loads(text)["A"] for text in written] == ["x", "x", "x"]


def test_unencoded_headers_stand_in_brackets() -> None:
    text = unencoded(Event("X", {"Event-Name": "X", "a": "b c%20", "empty": ""}))
    assert text == "Event-Name: [X]\na: [b c%20]\nempty: []\n\n"
