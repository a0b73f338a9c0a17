"""What is remembered of a user, from the words of events."""

from __future__ import annotations

from softswitch.endpoints.sip.presence.state import MOST_DIALOGS, Known, Person


def test_words_about_a_user_are_remembered_until_they_are_taken_back() -> None:
    known = Known()
    known.take({"rpid": "busy", "status": "Lunch"}, of_channel=False)
    assert known.person == Person("busy", "Lunch")
    known.take({"rpid": "unknown", "status": "", "presence-open": "true"}, of_channel=False)
    assert known.person == Person(open=True)
    known.take({"status": "Unregistered"}, of_channel=False)
    assert known.person.open is False
    known.take({}, of_channel=False)
    assert known.nothing


def test_other_dialogs_come_and_go_and_do_not_pile_up() -> None:
    known = Known()
    for number in range(MOST_DIALOGS + 5):
        known.take({"Unique-ID": str(number), "answer-state": "early"}, of_channel=False)
    assert len(known.others) == MOST_DIALOGS
    known.take({"unique-id": "3", "Answer-State": "terminated"}, of_channel=False)
    assert "3" not in known.others
    known.take({"unique-id": "x", "answer-state": "answered"}, of_channel=True)
    assert "x" not in known.others
