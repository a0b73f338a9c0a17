"""Whole session descriptions."""

from __future__ import annotations

import time

import pytest

from softswitch.sdp.description import MAX_LINES, MAX_SIZE, Origin, SdpError, SessionDescription
from softswitch.sdp.media import Connection, Direction, MediaDescription

PHONE = (
    "v=0\r\n"
    "o=alice 2890844526 2890844527 IN IP4 192.0.2.1\r\n"
    "s=Call\r\n"
    "i=About\r\n"
    "u=http://example.com\r\n"
    "c=IN IP4 192.0.2.1\r\n"
    "b=AS:84\r\n"
    "t=0 0\r\n"
    "k=clear:x\r\n"
    "a=recvonly\r\n"
    "a=group:BUNDLE 1\r\n"
    "m=audio 49170 RTP/AVP 0 8 101\r\n"
    "i=voice\r\n"
    "b=TIAS:64000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
    "a=sendonly\r\n"
    "m=video 51372/2 RTP/AVP 31\r\n"
    "c=IN IP6 2001:db8::1\r\n"
    "a=rtpmap:31 H261/90000\r\n"
    "m=image 0 udptl t38\r\n"
)


def test_description_is_written_as_it_was_read() -> None:
    assert str(SessionDescription.parse(PHONE)) == PHONE


def test_all_parts_are_found() -> None:
    description = SessionDescription.parse(PHONE)
    audio, video, image = description.media
    assert description.origin == Origin("alice", 2890844526, 2890844527, "192.0.2.1")
    assert description.name == "Call"
    assert description.attribute("group") == "BUNDLE 1"
    assert description.connection_of(audio) == Connection("192.0.2.1")
    assert description.connection_of(video) == Connection("2001:db8::1")
    assert description.direction_of(audio) is Direction.SENDONLY
    assert description.direction_of(video) is Direction.RECVONLY
    assert (audio.kind, audio.port, audio.protocol, audio.formats) == (
        "audio",
        49170,
        "RTP/AVP",
        ["0", "8", "101"],
    )
    assert (description.bandwidth, audio.bandwidth) == (["AS:84"], ["TIAS:64000"])
    assert video.port_count == 2
    assert (image.kind, image.port, image.formats) == ("image", 0, ["t38"])


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n", "\r\n\r\n"])
def test_any_line_ending_is_taken(line_end: str) -> None:
    assert str(SessionDescription.parse(PHONE.replace("\r\n", line_end))) == PHONE


def test_missing_lines_are_forgiven() -> None:
    description = SessionDescription.parse("m=audio 4000 RTP/AVP 0\nc=IN IP4 192.0.2.1 ")
    assert description.origin is None
    assert str(description) == (
        "v=0\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n"
    )


def test_unknown_lines_and_attributes_survive() -> None:
    text = (
        "v=0\r\ns=-\r\nt=0 0\r\ny=what\r\na=x-cap\r\nm=audio 4 RTP/AVP 0\r\ny=z\r\n"
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n"
        "a=candidate:1 1 UDP 2130706431 192.0.2.1 8998 typ host\r\na=foo:\r\n"
    )
    description = SessionDescription.parse(text)
    assert str(description) == text
    assert description.media[0].crypto[0].startswith("1 AES_CM_128_HMAC_SHA1_80")
    assert description.media[0].candidates == ["1 1 UDP 2130706431 192.0.2.1 8998 typ host"]


def test_unreadable_origin_is_forgiven() -> None:
    assert SessionDescription.parse("v=0\no=me\ns=-\n").origin is None


def test_text_that_is_not_utf_8_is_read_as_latin_1() -> None:
    assert SessionDescription.parse(b"v=0\ns=J\xf6rg\n").name == "Jörg"


def test_multicast_scope_is_kept() -> None:
    description = SessionDescription.parse("v=0\nc=IN IP4 224.2.1.1/127/3\n")
    assert description.connection == Connection("224.2.1.1", "/127/3")
    assert "c=IN IP4 224.2.1.1/127/3\r\n" in str(description)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This is not a session description"),
        ("hello", "This is not a session description"),
        ("v=1", "Line 1 names an unknown version of SDP"),
        ("v=0\nm =video 3227 RTP/AVP 31", "Line 2 is not of the form type=value"),
        ("v=0\ngarbage", "Line 2 is not of the form type=value"),
        ("v=0\nm=audio", "Line 2 is not a valid media line"),
        ("v=0\nm=audio x RTP/AVP 0", "Line 2 is not a valid media line"),
        ("v=0\nm=audio -1 RTP/AVP 0", "Line 2 is not a valid media line"),
        ("v=0\nm=audio 70000 RTP/AVP 0", "Line 2 has a port above 65535"),
        ("v=0\nm=audio 1 RTP/AVP" + " 0" * 129, "Line 2 has more than 128 formats"),
        ("v=0\nc=IN IP4", "Line 2 is not a valid connection line"),
        ("v=0\nc=IN IP4 a`reboot`", "Line 2 is not a valid connection line"),
        ("v=0\nc=ATM NSAP 47.0091", "Line 2 is not a valid connection line"),
        ("v=0\ns=\0", "The description contains a NUL"),
        ("v=0\n" * MAX_LINES, f"The description has more than {MAX_LINES} lines"),
        ("v" * (MAX_SIZE + 1), f"The description is longer than {MAX_SIZE} octets"),
        ("v=0\n" + "m=audio 0 RTP/AVP 0\n" * 65, "There are more than 64 media lines"),
    ],
)
def test_dangerous_text_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(SdpError) as caught:
        SessionDescription.parse(text)
    assert str(caught.value) == sentence


def test_no_value_can_add_a_line() -> None:
    evil = "x\r\na=evil\nb\rc\0"
    description = SessionDescription(
        origin=Origin(evil, 1, 2, "192.0.2.1"),
        name=evil,
        attributes=[("x", evil), (evil, None)],
        media=[MediaDescription("audio", 1, "RTP/AVP", ["0"], attributes=[("fmtp", evil)])],
    )
    text = str(description)
    assert "\na=evil" not in text
    assert text.count("\r\n") == text.count("\n") == text.count("\r") == 8
    assert "\0" not in text
    assert SessionDescription.parse(text).origin is not None


@pytest.mark.parametrize(
    "hostile",
    [
        "v=0\nm=audio 1 RTP/AVP" + " " * 60_000 + "é",
        "v=0\nm=" + "x" * 60_000,
        "v=0\nc=IN IP4 " + "1" * 60_000,
        "v=0\no=" + "1 " * 30_000,
        "v=0\nm=audio 1 RTP/AVP 0\na=rtpmap:0 " + " " * 60_000,
    ],
)
def test_hostile_text_takes_linear_time(hostile: str) -> None:
    started = time.process_time()
    try:
        for media in SessionDescription.parse(hostile).media:
            _ = media.rtp_formats
    except SdpError:
        pass
    assert time.process_time() - started < 0.25
