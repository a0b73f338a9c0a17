"""Video that is passed on: formats, parameters and feedback of one far end told to the other."""

from __future__ import annotations

import pytest

from softswitch.sdp.audio import LocalAudio, LocalCodec
from softswitch.sdp.crypto import Crypto, Secure
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.media import Direction
from softswitch.sdp.negotiation import accept_answer, answer, offer
from softswitch.sdp.video import (
    LocalVideo,
    VideoFormat,
    accept_video,
    answer_video,
    first_match,
    formats_of,
    offered_video,
)

SOUND = LocalAudio("192.0.2.9", 20248, (LocalCodec("PCMU", payload_type=0),), 1)
LOCAL = LocalVideo("192.0.2.9", 20250, (VideoFormat("H264"), VideoFormat("VP8")))
H264 = "profile-level-id=42e01f;packetization-mode=1"
OFFER = f"""m=audio 4000 RTP/AVP 0
m=video 4002 RTP/AVPF 97 98 99 100
b=AS:1024
a=rtpmap:97 H264/90000
a=fmtp:97 {H264}
a=rtcp-fb:97 nack
a=rtcp-fb:* ccm fir
a=rtpmap:98 H264/90000
a=fmtp:98 profile-level-id=42e01f
a=rtpmap:99 VP8/90000
a=rtcp-fb:99 nack pli
a=rtpmap:100 H265/90000
"""


def read(media: str) -> SessionDescription:
    return SessionDescription.parse(f"v=0\nc=IN IP4 192.0.2.1\n{media}\n")


def test_a_line_is_read_with_its_parameters_and_feedback() -> None:
    formats = formats_of(read(OFFER).media[1])
    assert formats[0] == VideoFormat("H264", 90000, H264, ("ccm fir", "nack"), 97)
    assert [(item.name, item.variant) for item in formats] == [
        ("H264", "1"),
        ("H264", "0"),
        ("VP8", ""),
        ("H265", ""),
    ]
    assert formats[2].feedback == ("ccm fir", "nack pli")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (VideoFormat("H264", fmtp=H264), VideoFormat("h264"), True),
        (VideoFormat("H264", fmtp=H264), VideoFormat("H264", fmtp="packetization-mode=1"), True),
        (VideoFormat("H264", fmtp=H264), VideoFormat("H264", fmtp="level=1"), False),
        (VideoFormat("VP9", fmtp="profile-id=2"), VideoFormat("VP9", fmtp="profile-id=0"), False),
        (VideoFormat("VP8", fmtp="max-fr=30"), VideoFormat("VP8", fmtp="max-fr=15"), True),
        (VideoFormat("VP8"), VideoFormat("VP9"), False),
        (VideoFormat("VP8"), VideoFormat("VP8", 8000), False),
    ],
)
def test_variants_of_a_codec(one: VideoFormat, other: VideoFormat, same: bool) -> None:
    assert (first_match(one, [other]) is other) is same
    assert other.matches(one) is same


def test_alone_the_first_offered_format_is_answered_as_it_was_offered() -> None:
    offered = read(OFFER)
    line, agreed = answer_video(offered, offered.media[1], LOCAL._replace(single=True))
    assert line.lines() == [
        "m=video 20250 RTP/AVPF 97",
        "a=rtpmap:97 H264/90000",
        f"a=fmtp:97 {H264}",
        "a=rtcp-fb:97 ccm fir",
        "a=rtcp-fb:97 nack",
    ]
    assert agreed.remote_address == ("192.0.2.1", 4002)
    assert (agreed.bandwidth, agreed.feedback_profile) == (("AS:1024",), True)


def test_what_the_other_far_end_agreed_to_is_answered() -> None:
    offered = read(OFFER)
    wished = (
        VideoFormat("VP8", fmtp="max-fr=15", feedback=("nack pli",), payload_type=120),
        VideoFormat("H264", fmtp="profile-level-id=428014;packetization-mode=1"),
    )
    local = LOCAL._replace(formats=wished, bandwidth=("AS:512",))
    line, agreed = answer_video(offered, offered.media[1], local)
    assert line.lines() == [
        "m=video 20250 RTP/AVPF 97 99",
        "b=AS:512",
        "a=rtpmap:97 H264/90000",
        "a=fmtp:97 profile-level-id=428014;packetization-mode=1",
        "a=rtpmap:99 VP8/90000",
        "a=fmtp:99 max-fr=15",
        "a=rtcp-fb:99 nack pli",
    ]
    assert [item.payload_type for item in agreed.formats] == [97, 99]
    assert agreed.theirs[0].fmtp == H264, "what this far end says goes to the other"


@pytest.mark.parametrize(
    ("local", "why"),
    [
        (LOCAL._replace(formats=()), "not wanted"),
        (LOCAL._replace(formats=(VideoFormat("AV1"),)), "no video codec in common"),
        (LOCAL._replace(address="2001:db8::1"), "its address is IPv4"),
        (LOCAL._replace(secure=Secure.MANDATORY), "SRTP is mandatory"),
    ],
)
def test_video_that_is_refused_keeps_its_place(local: LocalVideo, why: str) -> None:
    offered = read(OFFER)
    line, agreed = answer_video(offered, offered.media[1], local)
    assert line.lines() == ["m=video 0 RTP/AVPF 97 98 99 100"]
    assert why in (agreed.rejected or "")


def test_an_offer_takes_over_numbers_and_gives_others_free_ones() -> None:
    formats = (
        VideoFormat("H264", fmtp=H264, feedback=("nack",), payload_type=97),
        VideoFormat("VP8"),
        VideoFormat("VP9", payload_type=97),
    )
    local = LOCAL._replace(formats=formats, direction=Direction.SENDONLY, feedback_profile=True)
    line = offered_video(local, None)
    assert (line.protocol, line.formats) == ("RTP/AVPF", ["97", "96", "98"])
    assert line.direction is Direction.SENDONLY
    later = offered_video(local._replace(formats=formats[::-1]), line)
    assert [(item.name, item.payload_type) for item in formats_of(later)] == [
        ("VP9", 98),
        ("VP8", 96),
        ("H264", 97),
    ]


def test_keys_of_video_are_agreed_on_their_own() -> None:
    crypto = Crypto(1, "AES_CM_128_HMAC_SHA1_80", bytes(30))
    local = LOCAL._replace(secure=Secure.MANDATORY, crypto=(crypto,), single=True)
    ours = offered_video(local, None)
    assert ours.protocol == "RTP/SAVP" and len(ours.crypto) == 1
    theirs = read("m=video 4002 RTP/SAVP 96\n" + "\n".join(ours.lines()[1:]))
    _, agreed = answer_video(theirs, theirs.media[0], local)
    assert agreed.protection is not None and agreed.protection.send == crypto.key
    plain = read("m=video 4002 RTP/SAVP 96\na=rtpmap:96 VP8/90000")
    _, refused = answer_video(plain, plain.media[0], local)
    assert refused.rejected == "RTP/SAVP without a crypto line we can use"


@pytest.mark.parametrize(
    ("answered", "numbers"),
    [
        ("m=video 9000 RTP/AVP 97\na=rtpmap:97 VP8/90000", [(97, 97)]),
        ("m=video 9000 RTP/AVP 120\na=rtpmap:120 vp8/90000", [(120, 97)]),
        ("m=video 9000 RTP/AVP 96\na=rtpmap:96 H264/90000", [(96, 96)]),
        ("m=video 0 RTP/AVP 96", None),
        ("m=video 9000 RTP/AVP 96\na=rtpmap:96 AV1/90000", None),
        ("m=audio 9000 RTP/AVP 0", None),
        ("", None),
    ],
)
def test_answers(answered: str, numbers: list[tuple[int, int]] | None) -> None:
    description = offer(SOUND, video=LOCAL)
    heard = read(f"m=audio 8000 RTP/AVP 0\n{answered}")
    settled = accept_answer(description, heard, SOUND, video=LOCAL)
    assert settled.audio.rejected is None
    if numbers is None:
        assert settled.video is None
        assert "video" in [what for what, _ in settled.report.rejected]
    else:
        assert settled.video is not None
        found = [(it.payload_type, it.receive_payload_type) for it in settled.video.formats]
        assert found == numbers


def test_an_answer_to_an_offer_without_video_settles_none() -> None:
    description = offer(SOUND)
    assert accept_video(description, read("m=audio 8000 RTP/AVP 0"), LOCAL) is None


def test_whole_descriptions_keep_the_places_of_their_lines() -> None:
    offered = read(f"m=image 4 udptl t38\n{OFFER}m=video 4004 RTP/AVP 34")
    settled = answer(offered, SOUND, video=LOCAL._replace(single=True))
    assert [line.kind for line in settled.description.media] == ["image", "audio", "video", "video"]
    assert [line.port for line in settled.description.media] == [0, 20248, 20250, 0]
    later = offer(SOUND, settled.description, LOCAL)
    assert [line.port for line in later.media] == [0, 20248, 20250, 0]
    without = offer(SOUND, later)
    assert [line.port for line in without.media] == [0, 20248, 0, 0]
    again = offer(SOUND, without, LOCAL)
    assert [line.port for line in again.media] == [0, 20248, 20250, 0]


def test_video_begins_within_a_call_behind_the_lines_there_are() -> None:
    first = offer(SOUND)
    second = offer(SOUND, first, LOCAL)
    assert [line.kind for line in second.media] == ["audio", "video"]
    assert first.origin is not None and second.origin is not None
    assert second.origin.version == first.origin.version + 1
