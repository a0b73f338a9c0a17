from __future__ import annotations

from softswitch.modules.event_socket.answer import BYE, DENIED, UNKNOWN, begins


def test_a_line_is_known_by_its_beginning_in_any_case() -> None:
    assert begins("APIstatus", "api")
    assert not begins("ap", "api")


def test_answers_are_freeswitchs_words() -> None:
    assert b"Reply-Text: +OK bye\n" in BYE.data
    assert BYE.close
    assert b"-ERR command not found" in UNKNOWN.data
    assert b"-ERR permission denied" in DENIED.data
    assert not UNKNOWN.close and not DENIED.close
