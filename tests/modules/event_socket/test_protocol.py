from __future__ import annotations

import random

import pytest

from softswitch.modules.event_socket.protocol import (
    HELD_LIMIT,
    LOGIN_LIMIT,
    ProtocolError,
    Request,
    RequestReader,
    api_response,
    disconnect_notice,
    frame,
    reply,
)

TALK = (
    b"auth secret\n\n\n\napi status\r\nX-Foo:  bar\r\n\r\nsendmsg u-1\ncall-command: execute\n"
    b"Content-Length: 7\n\nfoo=bar"
    b"exit\n\n"
)
REQUESTS = [
    Request("auth secret"),
    Request("api status", (("X-Foo", "bar"),)),
    Request("sendmsg u-1", (("call-command", "execute"), ("Content-Length", "7")), "foo=bar"),
    Request("exit"),
]


def known() -> RequestReader:
    """The reader of a client that has logged in."""
    reader = RequestReader()
    reader.logged_in()
    return reader


def test_a_stream_is_cut_into_its_requests() -> None:
    assert known().feed(TALK) == REQUESTS


def test_before_login_requests_come_one_at_a_time_as_they_are_answered() -> None:
    reader = RequestReader()
    assert reader.feed(TALK[:-8]) == REQUESTS[:1]
    assert reader.feed(TALK[-8:]) == []
    assert reader.go_on() == REQUESTS[1:2]
    reader.logged_in()
    assert reader.go_on() == REQUESTS[2:]


def test_what_is_sent_together_with_the_login_is_judged_by_the_limits_behind_it() -> None:
    long = b"api eval " + b"x" * LOGIN_LIMIT + b"\n\n"
    reader = RequestReader()
    assert reader.feed(b"auth secret\n\n" + long) == REQUESTS[:1]
    reader.logged_in()
    assert len(reader.go_on()) == 1
    other = RequestReader()
    other.feed(b"auth secret\n\n" + long)
    with pytest.raises(ProtocolError):
        other.go_on()
    third = RequestReader()
    with pytest.raises(ProtocolError):
        third.feed(b"auth secret\n\n" + b"x" * (HELD_LIMIT + 1))


def test_requests_come_out_the_same_byte_by_byte() -> None:
    reader = known()
    requests = []
    for index in range(len(TALK)):
        requests += reader.feed(TALK[index : index + 1])
    assert requests == REQUESTS
    assert not reader.partial


def test_reader_is_partial_from_the_first_byte_of_a_command_to_its_end() -> None:
    reader = RequestReader()
    reader.feed(b"\n\r\n")
    assert not reader.partial
    reader.feed(b"event")
    assert reader.partial
    reader.feed(b"\nContent-Length: 2\n\n")
    assert reader.partial
    assert reader.feed(b"ab") == [Request("event", (("Content-Length", "2"),), "ab")]
    assert not reader.partial


def test_headers_are_found_in_any_case_and_all_of_a_name() -> None:
    request = Request("x", (("Application", "a"), ("application", "b")))
    assert request.get("APPLICATION") == "a"
    assert request.all("Application") == ["a", "b"]
    assert request.get("missing") is None


@pytest.mark.parametrize(
    "data",
    [
        b"x" * (LOGIN_LIMIT + 1),
        b"x" * (LOGIN_LIMIT + 1) + b"\n\n",
        b"a\nContent-Length: 999999\n\n",
    ],
    ids=["endless line", "long line", "long body"],
)
def test_before_login_too_much_is_an_error_and_after_it_is_not(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        RequestReader().feed(data)
    reader = RequestReader()
    reader.logged_in()
    reader.feed(data)


@pytest.mark.parametrize(
    ("length", "body"), [("abc", ""), ("0", ""), ("", ""), ("3 bytes", "xyz"), (" +3", "xyz")]
)
def test_a_length_is_the_number_that_its_text_begins_with(length: str, body: str) -> None:
    data = f"event x\nContent-Length: {length}\n\n{body}".encode()
    assert [request.body for request in RequestReader().feed(data)] == [body]


@pytest.mark.parametrize("length", ["-1", "9" * 40, "16777217"])
def test_a_length_out_of_range_ends_the_connection(length: str) -> None:
    reader = RequestReader()
    reader.logged_in()
    with pytest.raises(ProtocolError):
        reader.feed(f"event x\nContent-Length: {length}\n\n".encode())


def test_a_carriage_return_ends_a_line_as_well() -> None:
    [request] = RequestReader().feed(b"sendmsg u\rcall-command: hangup\r\nx: y\n\r\n")
    assert (request.line, request.get("call-command")) == ("sendmsg u", "hangup")
    assert request.get("x") == "y"


def test_garbage_gives_requests_or_a_protocol_error_and_nothing_else() -> None:
    generator = random.Random(8021)
    pieces = [b"\n", b"\r", b"\n\n", b":", b"Content-Length: 3\n", b"auth x", b"\xff\x00", b"api "]
    for _ in range(2000):
        reader = RequestReader()
        try:
            for _ in range(8):
                data = b"".join(generator.choices(pieces, k=6)) + generator.randbytes(5)
                assert all(isinstance(request, Request) for request in reader.feed(data))
        except ProtocolError:
            pass


def test_an_empty_reply_is_the_reply_to_an_unknown_command() -> None:
    assert reply("") == b"Content-Type: command/reply\nReply-Text: -ERR command not found\n\n"


def test_a_line_break_in_a_reply_cannot_forge_a_header() -> None:
    assert reply("+OK a\nEvil: b").count(b"\n") == 3


def test_an_api_response_counts_bytes_and_says_when_there_is_nothing() -> None:
    assert api_response("ü\n") == (b"Content-Type: api/response\nContent-Length: 3\n\n\xc3\xbc\n")
    assert api_response("").endswith(b"\n\n-ERR no reply\n")


def test_the_goodbye_has_its_length_behind_its_type() -> None:
    assert disconnect_notice().startswith(
        b"Content-Type: text/disconnect-notice\nContent-Length: 67\n\nDisconnected, goodbye.\n"
    )
    assert frame("x", ("A", "1"), ("B", "2")) == b"A: 1\nContent-Length: 1\nB: 2\n\nx"
