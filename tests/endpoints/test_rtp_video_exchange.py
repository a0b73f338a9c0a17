"""Video between two phones: told from one to the other, refused, added, ended and held."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from softswitch.endpoints.loopback import BOWOUT_SECONDS
from softswitch.endpoints.rtp import RtpMedia
from softswitch.endpoints.rtp_video import video_line
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.media import MediaDescription
from softswitch.sip.message import Request, Response
from softswitch.switch.session import Session
from tests.support.bridged import Call
from tests.support.engine import far_end
from tests.support.sip_bench import ALICE, BOB, sdp, sip_bench
from tests.support.stream import FakeStream
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

PROFILE = {"codec-prefs": "PCMU,PCMA,VP8,H264"}
CALL = extension("2000", "bridge sofia/internal/bob@192.0.2.20:5064")
H264 = "profile-level-id=42e01f;packetization-mode=1"
VIDEO = (
    "m=video 4002 RTP/AVP 97 99",
    "b=AS:1024",
    "a=rtpmap:97 H264/90000",
    f"a=fmtp:97 {H264}",
    "a=rtcp-fb:97 nack pli",
    "a=rtpmap:99 VP8/90000",
)
BOBS = (
    "m=video 6002 RTP/AVP 97",
    "a=rtpmap:97 H264/90000",
    "a=fmtp:97 profile-level-id=428014;packetization-mode=1",
    "a=rtcp-fb:97 ccm fir",
)
NONE = ("m=video 0 RTP/AVP 97 99",)


def alice_says(*video: str) -> str:
    return sdp(4000, "0 101", *video)


def bob_says(*video: str) -> str:
    return sdp(6000, "0 101", *video, host=BOB[0])


def video_of(message: Request | Response) -> MediaDescription | None:
    """The video line of a message, None if it has none or refuses it."""
    return video_line(SessionDescription.parse(message.body))


def keys_of(message: Request | Response) -> list[str]:
    """The crypto lines of a message."""
    lines = SessionDescription.parse(message.body).media
    return [value for line in lines for value in line.crypto]


def media_of(session: Session) -> RtpMedia:
    media = getattr(session.leg, "rtp", None)
    assert isinstance(media, RtpMedia)
    return media


def stream_of(session: Session) -> FakeStream:
    """The stream of a session's video."""
    stream = media_of(session).video.stream
    assert stream is not None
    return far_end(stream)


def calling(folder: Path, profile: Mapping[str, str] = PROFILE, *more: str):  # type: ignore[no-untyped-def]
    return sip_bench(folder, CALL, *more, profile=profile)


async def test_parameters_and_feedback_are_told_from_one_phone_to_the_other(
    tmp_path: Path,
) -> None:
    async with calling(tmp_path) as bench:
        call = Call(bench)
        await call.begin(alice_says(*VIDEO), bob_says(*BOBS))
        asked, said = video_of(call.to_bob), video_of(call.to_alice)
        assert asked is not None and said is not None
        port_b, port_a = stream_of(call.b).local_address[1], stream_of(call.a).local_address[1]
        assert asked.lines() == [f"m=video {port_b} RTP/AVP 97 99", *VIDEO[1:]]
        assert said.lines() == [f"m=video {port_a} RTP/AVP 97", *BOBS[1:]]
        assert stream_of(call.a).connected_to is stream_of(call.b)
        parameters = stream_of(call.a).parameters
        assert parameters is not None and parameters.transparent
        assert parameters.remote_address == (ALICE[0], 4002)
        assert [item.payload_type for item in parameters.codecs] == [97]
        for name, value in {
            "rtp_use_video_codec_name": "H264",
            "rtp_use_video_codec_fmtp": H264,
            "remote_video_ip": ALICE[0],
            "remote_video_port": "4002",
            "video_media_flow": "sendrecv",
            "rtp_video_pt": "97",
        }.items():
            assert call.a.get(name) == value
        assert "mod_av.H264@90000h,CORE_VPX_MODULE.VP8@90000h" in call.a.get("ep_codec_string")


@pytest.mark.parametrize(
    ("profile", "alice", "bob", "asked"),
    [
        (PROFILE, VIDEO, NONE, True),
        (PROFILE, VIDEO, (), True),
        (PROFILE, (), (), False),
        (PROFILE, NONE, (), False),
        ({"codec-prefs": "PCMU"}, VIDEO, (), False),
        ({"codec-prefs": "PCMU,AV1"}, VIDEO, (), False),
    ],
)
async def test_a_leg_without_video_leaves_the_other_without(
    tmp_path: Path,
    profile: dict[str, str],
    alice: tuple[str, ...],
    bob: tuple[str, ...],
    asked: bool,
) -> None:
    async with calling(tmp_path, profile) as bench:
        call = Call(bench)
        await call.begin(alice_says(*alice), bob_says(*bob))
        assert (video_of(call.to_bob) is not None) is asked
        assert video_of(call.to_alice) is None
        lines = SessionDescription.parse(call.to_alice.body).media
        assert [(line.kind, line.port == 0) for line in lines[1:]] == [("video", True)] * bool(
            alice
        )
        for session in call.sessions:
            assert media_of(session).video.stream is None
            assert session.get("rtp_use_video_codec_name") is None
        assert bench.media(call.a).connected_to is bench.media(call.b)


async def test_the_dialplan_may_refuse_video(tmp_path: Path) -> None:
    target = "bridge sofia/internal/bob@192.0.2.20:5064"
    async with sip_bench(tmp_path, extension("2000", "novideo", target), profile=PROFILE) as bench:
        call = Call(bench)
        await call.begin(alice_says(*VIDEO), bob_says())
        assert video_of(call.to_alice) is None and video_of(call.to_bob) is None


async def test_an_application_that_answers_takes_the_first_format(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("3000", "answer", "echo"), profile=PROFILE) as bench:
        _, session = await bench.invite("3000", alice_says(*VIDEO))
        response = bench.alice.response(200)
        bench.alice.ack(response)
        await bench.settle()
        line = video_of(response)
        assert line is not None and line.lines()[1:] == [
            "a=rtpmap:97 H264/90000",
            f"a=fmtp:97 {H264}",
            "a=rtcp-fb:97 nack pli",
        ]
        assert stream_of(session).connected_to is stream_of(session), "it is echoed"


async def test_who_was_answered_before_is_offered_on_with_that_format_alone(
    tmp_path: Path,
) -> None:
    target = "bridge sofia/internal/bob@192.0.2.20:5064"
    async with sip_bench(tmp_path, extension("2000", "answer", target), profile=PROFILE) as bench:
        await bench.invite("2000", alice_says(*VIDEO))
        bench.alice.ack(bench.alice.response(200))
        await bench.settle()
        asked = video_of(bench.bob.request("INVITE"))
        assert asked is not None and asked.formats == ["97"]


async def test_a_call_that_nobody_made_offers_what_the_profile_names(tmp_path: Path) -> None:
    async with calling(tmp_path) as bench:
        request, _ = await bench.dial("sofia/internal/bob@192.0.2.20:5064")
        line = video_of(request)
        assert line is not None
        assert [item for item in line.attributes if item[0] == "rtpmap"] == [
            ("rtpmap", "96 VP8/90000"),
            ("rtpmap", "97 H264/90000"),
        ]
        assert line.all_attributes("rtcp-fb")[:3] == ["96 ccm fir", "96 nack", "96 nack pli"]


async def test_video_begun_within_a_call_is_offered_to_the_partner(tmp_path: Path) -> None:
    async with calling(tmp_path) as bench:
        call = Call(bench)
        await call.begin(alice_says(), bob_says())
        said, asked = await call.alice_offers(alice_says(*VIDEO), answer=bob_says(*BOBS))
        assert asked is not None and video_of(said) is not None
        line = video_of(asked)
        assert line is not None and line.formats == ["97"], "what Alice was answered"
        assert stream_of(call.a).connected_to is stream_of(call.b)
        said, asked = await call.alice_offers(alice_says(*NONE), answer=bob_says(*NONE))
        assert asked is not None and video_of(said) is None and video_of(asked) is None
        assert media_of(call.a).video.stream is None and media_of(call.b).video.stream is None
        assert bench.media(call.a).connected_to is bench.media(call.b)


async def test_video_the_partner_refuses_ends_again(tmp_path: Path) -> None:
    async with calling(tmp_path) as bench:
        call = Call(bench)
        await call.begin(alice_says(), bob_says())
        await call.alice_offers(alice_says(*VIDEO), answer=bob_says(*NONE))
        ended = bench.alice.request("INVITE")
        assert video_of(ended) is None
        assert [line.kind for line in SessionDescription.parse(ended.body).media] == [
            "audio",
            "video",
        ]
        bench.alice.answer(ended, 200, alice_says(*NONE))
        await bench.settle()
        assert media_of(call.a).video.stream is None and media_of(call.b).video.stream is None
        said, asked = await call.alice_offers(alice_says(*VIDEO))
        assert asked is None and video_of(said) is None, "Bob is not asked over and over"


async def test_early_video_that_is_refused_later_ends(tmp_path: Path) -> None:
    target = "bridge sofia/internal/bob@192.0.2.20:5064"
    plan = extension("2000", "pre_answer", target)
    async with sip_bench(tmp_path, plan, profile=PROFILE) as bench:
        call = Call(bench)
        await bench.invite("2000", alice_says(*VIDEO))
        assert video_of(bench.alice.response(183)) is not None
        call.to_bob = bench.bob.request("INVITE")
        assert video_of(call.to_bob) is not None
        bench.bob.answer(call.to_bob, 200, bob_says(*NONE))
        await bench.settle()
        bench.alice.ack(bench.alice.response(200))
        await bench.settle()
        ended = bench.alice.request("INVITE")
        assert video_of(ended) is None
        bench.alice.answer(ended, 200, alice_says(*NONE))
        await bench.settle()
        for session in bench.switch.sessions.values():
            assert media_of(session).video.stream is None
            assert session.channel.answered and not media_of(session).video.wanted


@pytest.mark.parametrize("waiting", [False, True])
async def test_a_caller_through_loopback_is_offered_on_with_his_video(
    tmp_path: Path, waiting: bool
) -> None:
    wait = f"set loopback_no_pre_answer={str(waiting).lower()}"
    plan = (
        extension("2000", wait, "bridge loopback/7")
        + extension("7", wait, "bridge loopback/8")
        + extension("8", "bridge sofia/internal/bob@192.0.2.20:5064")
    )
    async with sip_bench(tmp_path, plan, profile=PROFILE) as bench:
        call = Call(bench)
        bench.alice.ask("INVITE", "2000", alice_says(*VIDEO))
        await bench.settle()
        call.to_bob = bench.bob.request("INVITE")
        asked = video_of(call.to_bob)
        assert asked is not None and asked.formats == (["97", "99"] if waiting else ["97"])
        vp8 = ("m=video 6002 RTP/AVP 99", "a=rtpmap:99 VP8/90000")
        bench.bob.answer(call.to_bob, 200, bob_says(*(vp8 if waiting else BOBS)))
        await bench.settle()
        said = bench.alice.response(200)
        bench.alice.ack(said)
        line = video_of(said)
        assert line is not None and line.formats == (["99"] if waiting else ["97"])
        await asyncio.sleep(2 * BOWOUT_SECONDS)
        one, other = bench.switch.sessions.values()
        assert stream_of(one).connected_to is stream_of(other)


async def test_held_video_rests_and_is_the_same_afterwards(tmp_path: Path) -> None:
    async with calling(tmp_path) as bench:
        call = Call(bench)
        await call.begin(alice_says(*VIDEO), bob_says(*BOBS))
        held = alice_says("a=inactive", *VIDEO, "a=inactive")
        said, asked = await call.alice_offers(held)
        line = video_of(said)
        assert asked is None and line is not None and line.attribute("inactive") is not None
        parameters = stream_of(call.a).parameters
        assert parameters is not None and not parameters.send and not parameters.receive
        said, _ = await call.alice_offers(alice_says(*VIDEO))
        line = video_of(said)
        assert line is not None and line.direction is None
        assert line.all_attributes("fmtp") == [BOBS[2].removeprefix("a=fmtp:")]
        parameters = stream_of(call.a).parameters
        assert parameters is not None and parameters.send and parameters.receive


async def test_our_hold_keeps_the_video_line(tmp_path: Path) -> None:
    async with calling(tmp_path) as bench:
        call = Call(bench)
        await call.begin(alice_says(*VIDEO), bob_says(*BOBS))
        call.b.leg.hold()
        await bench.settle()
        asked = bench.bob.request("INVITE")
        line = video_of(asked)
        assert line is not None and line.lines()[0].startswith("m=video ")
        assert line.attribute("sendonly") is not None
        assert line.all_attributes("fmtp") == [f"97 {H264}"], "as it was offered first"
        bench.bob.answer(asked, 200, bob_says(*BOBS, "a=recvonly"))
        await bench.settle()
        parameters = stream_of(call.b).parameters
        assert parameters is not None and parameters.send and not parameters.receive


async def test_video_is_protected_with_keys_of_its_own(tmp_path: Path) -> None:
    crypto = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"
    secure = alice_says(crypto + "A" * 40, *VIDEO, crypto + "B" * 40).replace("RTP/AVP", "RTP/SAVP")
    async with calling(tmp_path) as bench:
        call = Call(bench)
        await call.begin(secure, bob_says(*BOBS))
        asked, said = video_of(call.to_bob), video_of(call.to_alice)
        assert asked is not None and asked.protocol == "RTP/AVP" and not asked.crypto
        assert said is not None and said.protocol == "RTP/SAVP"
        sound, pictures = bench.media(call.a).srtp, stream_of(call.a).srtp
        assert sound is not None and pictures is not None
        assert sound[1:] != pictures[1:] and stream_of(call.b).srtp is None
        assert call.a.get("rtp_secure_media_confirmed_video") == "true"
        assert call.b.get("rtp_secure_media_confirmed_video") is None


async def test_worn_keys_are_renewed_for_all_that_is_sent(tmp_path: Path) -> None:
    crypto = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"
    secure = alice_says(crypto + "A" * 40, *VIDEO, crypto + "B" * 40).replace("RTP/AVP", "RTP/SAVP")
    async with calling(tmp_path) as bench:
        call = Call(bench)
        await call.begin(secure, bob_says(*BOBS))
        for worn in (bench.media(call.a), stream_of(call.a)):
            before = [bench.media(call.a).srtp, stream_of(call.a).srtp]
            worn.wear_keys()
            await bench.settle()
            asked = bench.alice.request("INVITE")
            (tag,) = {line.split()[0] for line in keys_of(asked)}
            bench.alice.answer(asked, 200, secure.replace("crypto:1 ", f"crypto:{tag} "))
            await bench.settle()
            bench.alice.request("ACK")
            after = [bench.media(call.a).srtp, stream_of(call.a).srtp]
            for old, new in zip(before, after, strict=True):
                assert old is not None and new is not None
                assert new[1] != old[1] and new[2] == old[2]


async def test_figures_are_left_behind_and_ports_are_freed(tmp_path: Path) -> None:
    async with calling(tmp_path) as bench:
        call = Call(bench)
        await call.begin(alice_says(*VIDEO), bob_says(*BOBS))
        streams = [stream_of(session) for session in call.sessions]
        streams[0].figures = {"packets_in": 77}
        bench.alice.ask("BYE", within=call.to_alice)
        await bench.settle()
        assert all(stream.closed for stream in streams)
        assert call.a.get("rtp_video_in_packet_count") == "77"
