from __future__ import annotations

from softswitch.console.frames import FrameReader

STREAM = (
    b"Content-Type: auth/request\n\n"
    b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n"
    b"Content-Type: api/response\nContent-Length: 4\n\n\xc3\xbc\n\n"
    b"Content-Length: 2\nContent-Type: text/event-plain\n\nab"
)


def test_a_stream_is_cut_the_same_whole_and_byte_by_byte() -> None:
    whole = FrameReader().feed(STREAM)
    reader = FrameReader()
    single = [frame for byte in STREAM for frame in reader.feed(bytes([byte]))]
    assert [repr(frame) for frame in whole] == [repr(frame) for frame in single]
    assert [frame.kind for frame in whole] == [
        "auth/request",
        "command/reply",
        "api/response",
        "text/event-plain",
    ]


def test_answers_are_told_from_what_comes_by_itself() -> None:
    _, reply, response, event = FrameReader().feed(STREAM)
    assert (reply.is_answer, response.is_answer, event.is_answer) == (True, True, False)
    assert (reply.text, response.text, event.text) == ("+OK accepted", "ü\n\n", "ab")
