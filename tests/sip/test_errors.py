"""Errors say whose fault it is and how to answer."""

from __future__ import annotations

from softswitch.sip.errors import LocalProtocolError, ProtocolError, RemoteProtocolError


def test_remote_error_carries_the_status_to_answer_with() -> None:
    error = RemoteProtocolError(400, "Malformed CSeq header")
    assert (error.status, error.reason, error.partial) == (400, "Malformed CSeq header", None)
    assert str(error) == "400 Malformed CSeq header"


def test_both_kinds_are_protocol_errors() -> None:
    assert issubclass(RemoteProtocolError, ProtocolError)
    assert issubclass(LocalProtocolError, ProtocolError)
    assert not issubclass(LocalProtocolError, RemoteProtocolError)
