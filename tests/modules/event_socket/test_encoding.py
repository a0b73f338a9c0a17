from __future__ import annotations

from softswitch.modules.event_socket.encoding import EventFormat, encode
from softswitch.switch.events import Event


def test_a_frame_counts_bytes_before_its_content_type() -> None:
    data = encode(Event("X", {"Event-Name": "grün"}), EventFormat.JSON)
    assert data == (
        b'Content-Length: 22\nContent-Type: text/event-json\n\n{"Event-Name":"gr\xc3\xbcn"}'
    )


def test_half_a_surrogate_is_a_question_mark_and_counted_as_it_is_sent() -> None:
    for form in EventFormat:
        data = encode(Event("X", {"Event-Name": "\ud800"}, "\udcff"), form)
        head, _, text = data.partition(b"\n\n")
        assert f"Content-Length: {len(text)}\n".encode() in head
