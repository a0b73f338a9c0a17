"""One leg's video: its stream, its variables, and which formats pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from softswitch.endpoints.rtp_video import VideoMedia, known_formats, offered_formats
from softswitch.media.engine import MediaEngine
from softswitch.sdp.crypto import Protection
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.video import NegotiatedFormat, NegotiatedVideo, VideoFormat
from softswitch.switch.causes import CallFailed
from tests.support.engine import FakeEngine, far_end

pytestmark = pytest.mark.virtual_time

AGREED = NegotiatedVideo(
    (NegotiatedFormat(VideoFormat("VP8", fmtp="max-fr=15"), 97, 99),),
    ("192.0.2.1", 4002),
    ("192.0.2.1", 4003),
    send=True,
    receive=False,
)


@pytest.fixture
async def engine() -> AsyncIterator[MediaEngine]:
    loop = asyncio.get_running_loop()
    engine = MediaEngine(loop, FakeEngine(loop))
    yield engine
    engine.close()


async def test_what_was_agreed_is_set_up_told_and_taken_back(engine: MediaEngine) -> None:
    video, sound = VideoMedia(engine, "127.0.0.1", list), engine.open_stream("127.0.0.1")
    assert video.describe() == video.statistics() == {}
    keys = Protection("AES_CM_128_HMAC_SHA1_80", bytes(30), bytes(30))
    video.settle(AGREED._replace(protection=keys), sound, symmetric=False, offered=True)
    assert sound.video is video.stream and video.wanted
    assert video.stream is not None
    native = far_end(video.stream)
    assert native.parameters is not None and native.srtp is not None
    assert [it.payload_type for it in native.parameters.codecs] == [97, 99]
    assert (native.parameters.send, native.parameters.receive) == (True, False)
    told = video.describe()
    assert (told["video_media_flow"], told["remote_video_media_flow"]) == ("sendonly", "recvonly")
    assert (told["rtp_use_video_pt"], told["rtp_video_recv_pt"]) == ("97", "99")
    assert told["rtp_secure_media_confirmed_video"] == "true"
    assert "rtp_video_in_packet_count" in video.statistics() or native.figures == {}
    video.settle(AGREED, sound, symmetric=False, offered=True)
    assert native.srtp is None
    video.settle(None, sound, symmetric=False, offered=True)
    assert video.refused and not video.wanted and sound.video is None and native.closed


async def test_a_wish_holds_until_it_is_fulfilled(engine: MediaEngine) -> None:
    video = VideoMedia(engine, "127.0.0.1", list)
    assert not video.wanted
    video.wish = True
    assert video.wanted
    video.wish = None
    assert not video.wanted and not video.refused


async def test_no_free_port_is_congestion(
    engine: MediaEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise OSError("no port is free")

    monkeypatch.setattr(engine, "open_stream", none)
    with pytest.raises(CallFailed, match="no RTP port"):
        VideoMedia(engine, "127.0.0.1", list).open()


def test_formats_are_those_of_the_line_in_use() -> None:
    description = SessionDescription.parse(
        "v=0\nm=video 0 RTP/AVP 97\na=rtpmap:97 H264/90000\n"
        "m=video 4002 RTP/AVP 99 98\na=rtpmap:99 VP8/90000\na=rtpmap:98 AV1/90000\n"
    )
    allowed = (VideoFormat("H264"), VideoFormat("VP8"))
    assert [item.name for item in offered_formats(description, allowed)] == ["VP8"]
    assert offered_formats(None, allowed) == ()
    assert known_formats((VideoFormat("H264"),), (VideoFormat("VP8"),)) == ()
