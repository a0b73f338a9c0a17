from __future__ import annotations

import json
from xml.etree import ElementTree

from softswitch.switch import event_text
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
