from __future__ import annotations

import pytest

from softswitch.modules.event_socket.filters import FilterList, parse_filter

HEADERS = {"Event-Name": "CHANNEL_ANSWER", "Caller-ANI": "1000"}


@pytest.mark.parametrize(
    ("filters", "passes"),
    [
        ([], True),
        ([("Event-Name", "channel_answer")], True),
        ([("event-name", "CHANNEL_ANSWER")], True),
        ([("Event-Name", "+ CHANNEL_ANSWER")], True),
        ([("Event-Name", "CHANNEL_HANGUP")], False),
        ([("Event-Name", "CHANNEL_HANGUP"), ("Caller-ANI", "1000")], True),
        ([("Caller-ANI", "/^10/")], True),
        ([("Event-Name", "/answer$/")], False),
        ([("Event-Name", "/answer$/i")], True),
        ([("Missing", "x")], False),
        ([("Caller-ANI", "-1000")], False),
        ([("Caller-ANI", "-2000")], False),
        ([("Event-Name", "CHANNEL_ANSWER"), ("Caller-ANI", "-1000")], False),
        ([("Caller-ANI", "- 1000"), ("Event-Name", "CHANNEL_ANSWER")], False),
        ([("Caller-ANI", "+/^10/")], False),
        ([("Caller-ANI", "- +1000")], True),
        ([("Event-Name", "API"), ("Caller-ANI", " - 1000")], False),
        ([("Caller-ANI", "/^(?:1|2){1,3}+000$/")], True),
    ],
)
def test_which_events_pass(filters: list[tuple[str, str]], passes: bool) -> None:
    kept = FilterList()
    for header, value in filters:
        kept.add(parse_filter(header, value))
    assert kept.pass_(HEADERS) is passes


def test_filters_are_removed_by_header_by_value_or_all() -> None:
    kept = FilterList()
    for value in ("1", "2"):
        kept.add(parse_filter("Caller-ANI", value))
    kept.add(parse_filter("Event-Name", "API"))
    kept.remove("caller-ani", "2")
    assert repr(kept) == "<FilterList [('Caller-ANI', '1'), ('Event-Name', 'API')]>"
    kept.remove("Caller-ANI")
    assert repr(kept) == "<FilterList [('Event-Name', 'API')]>"
    kept.clear()
    assert not kept


def test_a_broken_pattern_is_told() -> None:
    with pytest.raises(ValueError, match="no pattern"):
        parse_filter("Event-Name", "/(/")
