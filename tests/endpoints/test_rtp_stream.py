"""One leg's stream: what it tells reaches the call, its figures stay, its ports are freed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from softswitch.endpoints.rtp import RtpMedia
from softswitch.endpoints.sip.settings import ProfileSettings
from softswitch.media.engine import MediaEngine
from softswitch.switch.causes import CallFailed, HangupCause
from tests.endpoints.test_rtp import Profile, fake, media
from tests.support.engine import FakeEngine
from tests.support.sip_bench import sdp

pytestmark = pytest.mark.virtual_time


@pytest.mark.parametrize(
    ("variables", "profile", "held"),
    [
        ({"jitterbuffer_msec": "60:200:20"}, "", (60, 200, False)),
        ({"jitterbuffer_msec": "3p"}, "120", (60, 60, False)),
        ({"rtp_jitter_buffer_during_bridge": "true"}, "120", (120, 120, True)),
        ({"jitterbuffer_msec": "long"}, "", None),
        ({}, "", None),
    ],
)
async def test_packets_are_held_back_as_the_call_or_its_profile_says(
    tmp_path: Path,
    variables: dict[str, str],
    profile: str,
    held: tuple[int, int, bool] | None,
) -> None:
    settings = ProfileSettings(codec_prefs=("PCMU",), auto_jitterbuffer_msec=profile)
    async with media(tmp_path, settings, **variables) as (rtp, session):
        rtp.take_offer(sdp(4000, "0"))
        rtp.make_answer(session)
        assert fake(rtp).jitter_buffer == held


async def test_what_the_stream_tells_reaches_the_call(tmp_path: Path) -> None:
    async with media(tmp_path) as (rtp, session):
        rtp.take_offer(sdp(4000, "0 101"))
        rtp.make_answer(session)
        heard: list[str] = []
        session.switch.bus.subscribe(
            lambda event: heard.append(event.headers["DTMF-Digit"]), "DTMF"
        )
        fake(rtp).press("5")
        await asyncio.sleep(0.5)
        assert heard == ["5"]


async def test_figures_are_left_with_the_call(tmp_path: Path) -> None:
    async with media(tmp_path) as (rtp, session):
        rtp.set_statistics(session)
        assert session.get("rtp_audio_in_packet_count") is None
        rtp.take_offer(sdp(4000, "0"))
        rtp.make_answer(session)
        rtp.set_statistics(session)
        assert session.get("rtp_audio_in_packet_count") is not None
        assert "nothing was sent" in (session.get("rtp_audio_verdict") or "")
        rtp.close()
        assert rtp.stream is None


async def test_a_call_that_was_heard_says_so(tmp_path: Path) -> None:
    async with media(tmp_path) as (rtp, session):
        rtp.take_offer(sdp(4000, "0"))
        rtp.make_answer(session)
        fake(rtp).figures = {"packets_in": 9, "packets_out": 9}
        rtp.set_statistics(session)
        assert session.get("rtp_audio_verdict") == "both sides were heard"


async def test_no_port_is_a_failed_call(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    engine = MediaEngine(loop, FakeEngine(loop, rtp_start_port=20000, rtp_end_port=20002))
    async with media(tmp_path) as (_, session):
        first, second = RtpMedia(engine, Profile()), RtpMedia(engine, Profile())
        first.make_offer(session)
        with pytest.raises(CallFailed) as failure:
            second.make_offer(session)
        assert failure.value.cause is HangupCause.SWITCH_CONGESTION
        first.close()
        second.make_offer(session)
        second.close()
    engine.close()
