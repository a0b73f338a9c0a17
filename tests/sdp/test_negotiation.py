"""Offers and answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softswitch.sdp.audio import LocalAudio, LocalCodec, Negotiation, Preference
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.media import Direction
from softswitch.sdp.negotiation import accept_answer, answer, offer

PCMU = LocalCodec("PCMU", payload_type=0)
PCMA = LocalCodec("PCMA", payload_type=8)
G722 = LocalCodec("G722", payload_type=9)
OPUS = LocalCodec("opus", 48000, 2, fmtp="useinbandfec=1")
LOCAL = LocalAudio("192.0.2.9", 20248, (PCMU, PCMA), session_id=1795382223)


def phone(
    formats: str = "0 8 101",
    *lines: str,
    port: int = 7000,
    address: str = "192.0.2.1",
    protocol: str = "RTP/AVP",
) -> SessionDescription:
    """What a phone says: one audio line, followed by ``lines``."""
    family = "IP6" if ":" in address else "IP4"
    return SessionDescription.parse(
        "\n".join(
            [
                "v=0",
                f"o=phone 1 1 IN {family} {address}",
                "s=-",
                f"c=IN {family} {address}",
                "t=0 0",
                f"m=audio {port} {protocol} {formats}",
                "a=rtpmap:101 telephone-event/8000",
                "a=rtpmap:96 opus/48000/2",
                *lines,
            ]
        )
    )


def chosen(outcome: Negotiation) -> str:
    return ", ".join(str(codec) for codec in outcome.audio.codecs)


def media_lines(description: SessionDescription) -> list[str]:
    return [line for line in str(description).splitlines() if line.startswith("m=")]


def test_offer_has_the_shape_of_freeswitch() -> None:
    assert str(offer(LOCAL._replace(codecs=(PCMU,)))) == (
        "v=0\r\n"
        "o=softswitch 1795382223 1795382224 IN IP4 192.0.2.9\r\n"
        "s=softswitch\r\n"
        "c=IN IP4 192.0.2.9\r\n"
        "t=0 0\r\n"
        "m=audio 20248 RTP/AVP 0 101\r\n"
        "a=rtpmap:0 PCMU/8000\r\n"
        "a=rtpmap:101 telephone-event/8000\r\n"
        "a=fmtp:101 0-15\r\n"
        "a=ptime:20\r\n"
    )


def test_offer_shows_all_we_want() -> None:
    local = LOCAL._replace(
        codecs=(OPUS._replace(ptime=40), PCMU),
        direction=Direction.SENDONLY,
        rtcp_port=30000,
        rtcp_mux=True,
        telephone_event=None,
    )
    assert str(offer(local)).endswith(
        "m=audio 20248 RTP/AVP 96 0\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n"
        "a=rtpmap:0 PCMU/8000\r\na=ptime:40\r\na=sendonly\r\na=rtcp:30000\r\na=rtcp-mux\r\n"
    )


def test_ipv6_offer_says_so() -> None:
    text = str(offer(LOCAL._replace(address="2001:db8::9")))
    assert text.count("IN IP6 2001:db8::9\r\n") == 2


def test_answer_names_the_chosen_codec_alone() -> None:
    outcome = answer(phone(), LOCAL)
    assert outcome.text == (
        "v=0\r\n"
        "o=softswitch 1795382223 1795382224 IN IP4 192.0.2.9\r\n"
        "s=softswitch\r\n"
        "c=IN IP4 192.0.2.9\r\n"
        "t=0 0\r\n"
        "m=audio 20248 RTP/AVP 0 101\r\n"
        "a=rtpmap:0 PCMU/8000\r\n"
        "a=rtpmap:101 telephone-event/8000\r\n"
        "a=fmtp:101 0-15\r\n"
        "a=ptime:20\r\n"
    )
    audio = outcome.audio
    assert audio.remote_address == ("192.0.2.1", 7000)
    assert audio.remote_rtcp_address == ("192.0.2.1", 7001)
    assert (audio.telephone_event, audio.telephone_event_receive) == (101, 101)
    assert (audio.send, audio.receive, audio.held, audio.rejected) == (True, True, False, None)
    assert audio.ptime == 20
    assert str(outcome.report) == (
        "Offered: PCMU/8000, PCMA/8000. Allowed: PCMU/8000, PCMA/8000. Chosen: PCMU/8000. "
        "Rejected: PCMA/8000: PCMU/8000 is preferred (generous)."
    )


@pytest.mark.parametrize(
    ("preference", "codec", "ptime"),
    [
        (Preference.GENEROUS, "PCMA/8000", 30),
        (Preference.GREEDY, "PCMU/8000", 30),
        (Preference.SCROOGE, "PCMU/8000", 20),
    ],
)
def test_preference_decides_whose_order_and_packet_time_win(
    preference: Preference, codec: str, ptime: int
) -> None:
    outcome = answer(phone("8 0", "a=ptime:30"), LOCAL, preference=preference)
    assert chosen(outcome) == codec
    assert outcome.audio.ptime == ptime
    assert f"a=ptime:{ptime}\r\n" in outcome.text


def test_codec_of_the_same_packet_time_is_better_but_not_for_a_scrooge() -> None:
    local = LOCAL._replace(codecs=(PCMU, PCMA._replace(ptime=30)))
    offered = phone("0 8", "a=ptime:30")
    assert chosen(answer(offered, local)) == "PCMA/8000"
    assert chosen(answer(offered, local, preference=Preference.GREEDY)) == "PCMA/8000"
    assert chosen(answer(offered, local, preference=Preference.SCROOGE)) == "PCMU/8000"


@pytest.mark.parametrize(
    ("lines", "ptime"),
    [
        ((), 20),
        (("a=ptime:60",), 60),
        (("a=ptime:25",), 20),
        (("a=ptime:0",), 20),
        (("a=ptime:500",), 20),
        (("a=maxptime:10",), 10),
        (("a=ptime:60", "a=maxptime:40"), 40),
        (("a=maxptime:5",), 20),
    ],
)
def test_only_usable_packet_times_are_followed(lines: tuple[str, ...], ptime: int) -> None:
    assert answer(phone("0", *lines), LOCAL).audio.ptime == ptime


def test_answer_uses_the_numbers_of_the_offer() -> None:
    outcome = answer(
        phone("96 110", "a=fmtp:96 stereo=1", "a=rtpmap:110 telephone-event/48000"),
        LOCAL._replace(codecs=(OPUS,)),
    )
    codec = outcome.audio.codec
    assert codec is not None
    assert (codec.payload_type, codec.receive_payload_type) == (96, 96)
    assert (codec.fmtp, codec.local_fmtp) == ("stereo=1", "useinbandfec=1")
    assert outcome.audio.telephone_event == 110
    assert "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n" in outcome.text
    assert "a=rtpmap:110 telephone-event/48000\r\na=fmtp:110 0-15\r\n" in outcome.text


def test_telephone_event_of_8000_serves_when_the_codecs_rate_has_none() -> None:
    assert answer(phone("96 101"), LOCAL._replace(codecs=(OPUS,))).audio.telephone_event == 101


@pytest.mark.parametrize(
    ("offered", "local"), [(phone("0"), LOCAL), (phone(), LOCAL._replace(telephone_event=None))]
)
def test_digits_need_both_sides(offered: SessionDescription, local: LocalAudio) -> None:
    outcome = answer(offered, local)
    assert outcome.audio.telephone_event is None
    assert outcome.audio.telephone_event_receive is None
    assert "telephone-event" not in outcome.text


def test_nothing_in_common_is_refused_and_explained() -> None:
    outcome = answer(phone("96 97 18 101"), LOCAL._replace(codecs=(LocalCodec("opus", 16000),)))
    assert outcome.audio.rejected == "no codec in common"
    assert media_lines(outcome.description) == ["m=audio 0 RTP/AVP 96 97 18 101"]
    assert str(outcome.report) == (
        "Offered: opus/48000/2, payload type 97, G729/8000. Allowed: opus/16000. Chosen: nothing. "
        "Rejected: opus/48000/2: only opus/16000 is allowed here; payload type 97: has no rtpmap; "
        "G729/8000: is not allowed here; audio line: no codec in common."
    )


@pytest.mark.parametrize(
    ("offered", "reason"),
    [
        (phone(port=0), "refused by the far end (port 0)"),
        (phone(protocol="RTP/SAVP"), "the transport RTP/SAVP is not allowed here"),
        (phone(address="phone.example.com"), "phone.example.com is not an IP address"),
        (phone(address="2001:db8::1"), "its address is IPv6, ours is not"),
        (phone(address="239.1.2.3"), "239.1.2.3 is a multicast or broadcast address"),
        (
            phone(address="255.255.255.255"),
            "255.255.255.255 is a multicast or broadcast address",
        ),
        (SessionDescription.parse("v=0\nm=audio 1 RTP/AVP 0"), "it has no connection address"),
        (SessionDescription.parse("v=0\nm=video 1 RTP/AVP 31"), "no audio was offered"),
        (SessionDescription.parse("v=0\n"), "no audio was offered"),
    ],
)
def test_unusable_line_is_refused_with_the_reason(offered: SessionDescription, reason: str) -> None:
    outcome = answer(offered, LOCAL)
    assert outcome.audio.rejected == reason
    assert all(line.port == 0 for line in outcome.description.media)
    assert len(outcome.description.media) == len(offered.media)


def test_other_media_is_refused_in_its_place() -> None:
    offered = phone(
        "0",
        "m=video 9000 RTP/AVP 31",
        "m=audio 9002 RTP/AVP 0",
        "m=image 9004 udptl t38",
    )
    offered.media.insert(0, replace(offered.media[0], protocol="RTP/SAVP"))
    outcome = answer(offered, LOCAL)
    assert media_lines(outcome.description) == [
        "m=audio 0 RTP/SAVP 0",
        "m=audio 20248 RTP/AVP 0",
        "m=video 0 RTP/AVP 31",
        "m=audio 0 RTP/AVP 0",
        "m=image 0 udptl t38",
    ]
    assert outcome.audio.rejected is None
    assert dict(outcome.report.rejected) == {
        "audio line": "another audio line is used",
        "video line": "video is not supported",
        "image line": "image is not supported",
    }


@pytest.mark.parametrize(
    ("lines", "ours", "answered", "held"),
    [
        (("a=sendrecv",), Direction.SENDRECV, Direction.SENDRECV, False),
        (("a=sendonly",), Direction.SENDRECV, Direction.RECVONLY, True),
        (("a=recvonly",), Direction.SENDRECV, Direction.SENDONLY, False),
        (("a=inactive",), Direction.SENDRECV, Direction.INACTIVE, True),
        (("c=IN IP4 0.0.0.0",), Direction.SENDRECV, Direction.RECVONLY, True),
        (("a=sendrecv",), Direction.SENDONLY, Direction.SENDONLY, False),
        (("a=sendonly",), Direction.SENDONLY, Direction.INACTIVE, True),
    ],
)
def test_direction_is_answered(
    lines: tuple[str, ...], ours: Direction, answered: Direction, held: bool
) -> None:
    outcome = answer(phone("0", *lines), LOCAL._replace(direction=ours))
    assert outcome.description.direction_of(outcome.description.media[0]) is answered
    assert (outcome.audio.direction, outcome.audio.held) == (answered, held)


def test_rtcp_goes_where_the_far_end_says() -> None:
    def rtcp(*lines: str, mux: bool = False) -> tuple[str, int] | None:
        return answer(phone("0", *lines), LOCAL._replace(rtcp_mux=mux)).audio.remote_rtcp_address

    assert rtcp("a=rtcp:7007") == ("192.0.2.1", 7007)
    assert rtcp("a=rtcp:7007 IN IP4 192.0.2.7") == ("192.0.2.7", 7007)
    assert rtcp("a=rtcp-mux") == ("192.0.2.1", 7001)
    assert rtcp("a=rtcp-mux", mux=True) == ("192.0.2.1", 7000)
    muxed = answer(phone("0", "a=rtcp-mux"), LOCAL._replace(rtcp_mux=True))
    assert muxed.audio.rtcp_mux
    assert "a=rtcp-mux\r\n" in muxed.text
    assert "rtcp-mux" not in answer(phone("0"), LOCAL._replace(rtcp_mux=True)).text


def test_accepted_answer_settles_all_codecs_in_the_far_ends_order() -> None:
    local = LOCAL._replace(codecs=(OPUS, PCMU, PCMA))
    offered = offer(local)
    theirs = phone("8 102 110", "a=rtpmap:102 OPUS/48000/2", "a=rtpmap:110 telephone-event/8000")
    outcome = accept_answer(offered, theirs, local)
    assert [
        (codec.name, codec.payload_type, codec.receive_payload_type)
        for codec in outcome.audio.codecs
    ] == [("PCMA", 8, 8), ("opus", 102, 96)]
    assert (outcome.audio.telephone_event, outcome.audio.telephone_event_receive) == (110, 101)
    assert outcome.audio.remote_address == ("192.0.2.1", 7000)
    assert outcome.report.chosen == ["PCMA/8000", "OPUS/48000/2"]
    assert outcome.description is offered
    greedy = accept_answer(offered, theirs, local, preference=Preference.GREEDY)
    assert [codec.name for codec in greedy.audio.codecs] == ["opus", "PCMA"]


def test_answered_number_without_rtpmap_means_what_was_offered() -> None:
    local = LOCAL._replace(codecs=(LocalCodec("L16", 16000),))
    theirs = SessionDescription.parse("v=0\nc=IN IP4 192.0.2.1\nm=audio 7000 RTP/AVP 96\n")
    assert chosen(accept_answer(offer(local), theirs, local)) == "L16/16000"


@pytest.mark.parametrize(
    ("answered", "reason"),
    [
        (phone(port=0), "refused by the far end (port 0)"),
        (phone("18"), "the answer has no codec of the offer"),
        (phone("101"), "the answer has no codec of the offer"),
        (SessionDescription.parse("v=0\n"), "the answer has no line for the offered audio"),
        (SessionDescription.parse("v=0\nm=video 1 RTP/AVP 31"), "video is not supported"),
    ],
)
def test_useless_answer_is_rejected_with_the_reason(
    answered: SessionDescription, reason: str
) -> None:
    outcome = accept_answer(offer(LOCAL), answered, LOCAL)
    assert outcome.audio.rejected == reason
    assert ("audio", reason) in outcome.report.rejected


def test_answer_to_our_hold_is_not_their_hold() -> None:
    local = LOCAL._replace(direction=Direction.INACTIVE)
    outcome = accept_answer(offer(local), phone("0", "a=inactive"), local)
    assert (outcome.audio.direction, outcome.audio.held) == (Direction.INACTIVE, False)


def version(description: SessionDescription) -> int:
    assert description.origin is not None
    return description.origin.version


def test_version_counts_changes_only() -> None:
    first = answer(phone(), LOCAL).description
    same = answer(phone(), LOCAL, previous=first).description
    held = answer(phone("0 8 101", "a=sendonly"), LOCAL, previous=same).description
    back = offer(LOCAL, held)
    again = offer(LOCAL, back)
    assert [version(item) - version(first) for item in (first, same, held, back, again)] == [
        0,
        0,
        1,
        2,
        2,
    ]
    assert str(again) == str(back)


def test_later_offer_keeps_numbers_and_refuses_other_lines() -> None:
    local = LOCAL._replace(codecs=(OPUS, PCMU))
    theirs = phone("103 0 110", "a=rtpmap:103 opus/48000/2", "a=rtpmap:110 telephone-event/8000")
    theirs.media.insert(0, SessionDescription.parse("m=video 9 RTP/AVP 31").media[0])
    first = answer(theirs, local).description
    again = offer(local._replace(direction=Direction.SENDONLY), first)
    assert media_lines(again) == ["m=video 0 RTP/AVP 31", "m=audio 20248 RTP/AVP 103 0 110 101"]
    assert "a=rtpmap:103 opus/48000/2\r\n" in str(again)


def test_later_offer_after_a_refusal_starts_anew() -> None:
    refused = answer(phone(protocol="RTP/SAVP"), LOCAL).description
    assert media_lines(offer(LOCAL, refused)) == ["m=audio 20248 RTP/AVP 0 8 101"]
    no_audio = answer(SessionDescription.parse("m=video 1 RTP/AVP 31"), LOCAL).description
    assert media_lines(offer(LOCAL, no_audio)) == [
        "m=video 0 RTP/AVP 31",
        "m=audio 20248 RTP/AVP 0 8 101",
    ]


def test_two_of_us_agree() -> None:
    """Our own offer, answered by ourselves, settles the same on both sides."""
    caller = LOCAL._replace(codecs=(OPUS, G722, PCMU))
    callee = LOCAL._replace(address="192.0.2.1", port=7000, codecs=(PCMU, G722))
    offered = offer(caller)
    answered = answer(SessionDescription.parse(str(offered)), callee)
    accepted = accept_answer(offered, SessionDescription.parse(answered.text), caller)
    assert chosen(answered) == chosen(accepted) == "G722/8000"
    assert answered.audio.remote_address == ("192.0.2.9", 20248)
    assert accepted.audio.remote_address == ("192.0.2.1", 7000)
    assert accepted.audio.telephone_event == answered.audio.telephone_event_receive == 101
