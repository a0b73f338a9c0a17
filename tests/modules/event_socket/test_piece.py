from __future__ import annotations

from softswitch.modules.event_socket.encoding import EventFormat, encode
from softswitch.modules.event_socket.piece import Piece
from softswitch.switch.events import Event


def test_events_are_written_in_order_and_once() -> None:
    events = [Event("X", {"Event-Name": name}, "body") for name in ("A", "B")]
    piece = Piece(EventFormat.JSON)
    for event in events:
        piece.add(event)
    assert piece.count == 2
    data = piece.written()
    assert data == b"".join(encode(event, EventFormat.JSON) for event in events)
    assert piece.written() is data


def test_what_waits_is_taken_for_no_less_than_the_text_of_a_call_s_event() -> None:
    headers = {f"variable_of_a_call_{number}": "v" * 20 for number in range(100)}
    piece = Piece(EventFormat.PLAIN)
    piece.add(Event("X", headers, "x" * 5000))
    size = piece.size
    assert len(piece.written()) <= size <= 1.5 * len(piece.written())
    assert piece.size == size


def test_a_written_line_is_one_of_its_own_length() -> None:
    piece = Piece(EventFormat.PLAIN, b"line")
    assert (piece.count, piece.size, piece.written()) == (1, 4, b"line")
