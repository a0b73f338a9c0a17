"""Whole pictures: asked for by RTCP and by INFO, for whoever sees a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.video import MEDIA_CONTROL, request_picture
from tests.support.engine import far_end
from tests.support.sip_bench import BOB, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

VIDEO = ("m=video 4002 RTP/AVP 99", "a=rtpmap:99 VP8/90000")
PROFILE = {"codec-prefs": "PCMU,VP8"}
CALL = extension("2000", "bridge sofia/internal/bob@192.0.2.20:5064")


@pytest.mark.parametrize("video", [VIDEO, ()])
async def test_a_broken_picture_is_told_to_whoever_sends_it(
    tmp_path: Path, video: tuple[str, ...]
) -> None:
    async with sip_bench(tmp_path, CALL, profile=PROFILE) as bench:
        _, a = await bench.invite("2000", sdp(4000, "0", *video))
        bench.bob.answer(bench.bob.request("INVITE"), 200, sdp(6000, "0", *video, host=BOB[0]))
        await bench.settle()
        answered = bench.alice.response(200)
        bench.alice.ack(answered)
        await bench.settle()
        headers = {"Content-Type": MEDIA_CONTROL}
        bench.alice.ask("INFO", within=answered, body="<media_control/>", **headers)  # type: ignore[arg-type]
        await bench.settle()
        assert bench.alice.response(200)
        assert request_picture(a) is bool(video)
        assert a.peer is not None and a.peer.leg.media is not None
        stream = a.peer.leg.media.video
        if not video:
            assert stream is None
            return
        assert stream is not None and far_end(stream).pictures_asked == 1
        asked = bench.bob.request("INFO")
        assert asked.content_type == MEDIA_CONTROL
        assert b"<picture_fast_update/>" in asked.body
