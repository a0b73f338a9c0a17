from __future__ import annotations

from softswitch.modules.event_socket.names import NAMES, Wish, event_name, parse_names


def test_names_are_known_in_any_case_and_with_their_long_prefix() -> None:
    assert event_name("channel_answer") == "CHANNEL_ANSWER"
    assert event_name("SWITCH_EVENT_dtmf") == "DTMF"
    assert event_name("nosuchevent") is None


def test_every_name_is_there_once() -> None:
    assert len(set(NAMES)) == len(NAMES) == 94


def test_unknown_names_are_ignored_and_none_left_is_no_wish() -> None:
    assert parse_names(["DTMF", "nonsense"]) == Wish(frozenset({"DTMF"}), frozenset())
    assert not parse_names(["nonsense"])


def test_all_behind_custom_are_subclasses() -> None:
    wish = parse_names(["API", "CUSTOM", "sofia::register", "DTMF"])
    assert wish.names == {"API", "CUSTOM"}
    assert wish.subclasses == {"sofia::register", "DTMF"}
