"""One leg's media: offers, answers, codecs, and what the channel is told of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from softswitch.endpoints.rtp import RtpMedia
from softswitch.endpoints.rtp_wishes import MediaRefused
from softswitch.endpoints.sip.settings import ProfileSettings
from softswitch.switch.causes import HangupCause
from softswitch.switch.session import Session
from tests.support.engine import far_end
from tests.support.sip_bench import sdp
from tests.support.stream import FakeStream
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


@dataclass
class Profile:
    """What media asks of a profile."""

    settings: ProfileSettings = field(
        default_factory=lambda: ProfileSettings(codec_prefs=("PCMU", "PCMA"))
    )
    rtp_ip: str = "192.0.2.1"
    advertised_rtp_ip: str = "203.0.113.1"


@asynccontextmanager
async def media(
    folder: Path, settings: ProfileSettings | None = None, **variables: str
) -> AsyncIterator[tuple[RtpMedia, Session]]:
    """Media of a session that is parked."""
    async with bench(folder, extension("1", "park")) as running:
        session = running.call("1", variables=variables)
        await running.after(0.01)
        profile = Profile(settings) if settings is not None else Profile()
        rtp = RtpMedia(running.switch.engine, profile)
        rtp.attach(session)
        yield rtp, session
        rtp.close()


def fake(rtp: RtpMedia) -> FakeStream:
    """The stream's other side."""
    assert rtp.stream is not None
    return far_end(rtp.stream)


def formats(text: str) -> str:
    """The payload types of the audio line."""
    (line,) = [item for item in text.splitlines() if item.startswith("m=audio")]
    return line.partition("RTP/AVP ")[2]


async def test_codecs_of_the_offer_are_told_as_freeswitch_writes_them(tmp_path: Path) -> None:
    async with media(tmp_path, ProfileSettings(codec_prefs=("PCMU", "PCMA", "G722"))) as (rtp, _):
        assert rtp.remote_codecs == ""
        rtp.take_offer(sdp(4000, "9 0 18 101", "a=ptime:30"))
        assert rtp.remote_codecs == (
            "mod_spandsp.G722@8000h@30i@64000b,CORE_PCM_MODULE.PCMU@8000h@30i@64000b"
        )


# The far end offers


@pytest.mark.parametrize("text", [sdp(4000, "9"), sdp(0, "0"), "v=0\r\ns=-\r\n"])
async def test_an_offer_that_fits_nothing_is_refused(tmp_path: Path, text: str) -> None:
    async with media(tmp_path) as (rtp, session):
        rtp.take_offer(text)
        for attempt in (rtp.check_offer, lambda: rtp.make_answer(session)):
            with pytest.raises(MediaRefused) as refusal:
                attempt()
            assert refusal.value.cause is HangupCause.INCOMPATIBLE_DESTINATION
        assert session.get("read_codec") is None


async def test_nonsense_is_refused(tmp_path: Path) -> None:
    async with media(tmp_path) as (rtp, _):
        with pytest.raises(MediaRefused):
            rtp.take_offer("this is no description")


async def test_what_a_description_refers_to_is_not_kept(tmp_path: Path) -> None:
    async with media(tmp_path) as (rtp, session):
        rtp.take_offer(sdp(4000, "0", "a=x-evil:${system(date)}"))
        rtp.make_answer(session)
        assert session.get("switch_r_sdp") is None
        rtp.answer_reoffer(sdp(4000, "0", "a=fmtp:0 ${system(date)}"))
        for name, value in session.channel.variables:
            assert "${" not in value, name


async def test_who_offers_nothing_is_offered_our_codecs(tmp_path: Path) -> None:
    async with media(tmp_path) as (rtp, session):
        text = rtp.make_answer(session)
        assert formats(text) == "0 8 101"
        parameters = fake(rtp).parameters
        assert parameters is not None and parameters.remote_address is None
        assert [item.name for item in parameters.codecs] == ["PCMU", "PCMA"]
        assert not rtp.negotiated
        rtp.accept_answer(sdp(4000, "8"))
        assert rtp.negotiated and session.get("read_codec") == "PCMA"


# We offer


async def test_an_answer_settles_our_offer(tmp_path: Path) -> None:
    async with media(tmp_path) as (rtp, session):
        with pytest.raises(MediaRefused):
            rtp.accept_answer(sdp(5000, "0"))
        text = rtp.make_offer(session)
        rtp.accept_answer(sdp(5000, "8 101"))
        assert session.get("read_codec") == "PCMA"
        assert rtp.offer == text
        with pytest.raises(MediaRefused):
            rtp.accept_answer(sdp(5000, "9"))
        assert session.get("read_codec") == "PCMA"


# Later


async def test_holds_are_noticed_and_made(tmp_path: Path) -> None:
    settings = ProfileSettings(codec_prefs=("PCMU",), rtp_timeout_sec=30, rtp_hold_timeout_sec=1800)
    async with media(tmp_path, settings) as (rtp, session):
        rtp.take_offer(sdp(4000, "0"))
        rtp.make_answer(session)
        parameters = fake(rtp).parameters
        assert parameters is not None and parameters.timeout_ms == 30_000
        assert "a=recvonly" in rtp.answer_reoffer(sdp(4000, "0", "a=sendonly"))
        assert rtp.held_by_remote
        parameters = fake(rtp).parameters
        assert parameters is not None and parameters.timeout_ms == 1_800_000
        assert not parameters.send
        rtp.answer_reoffer(sdp(4000, "0"))
        assert not rtp.held_by_remote
        assert "a=sendonly" in rtp.reoffer(held=True)
        # Offered again for another reason it is still a hold.
        assert "a=sendonly" in rtp.reoffer()
        assert "a=sendonly" not in rtp.reoffer(held=False)


async def test_a_later_offer_of_ours_keeps_to_what_is_spoken(tmp_path: Path) -> None:
    async with media(tmp_path) as (rtp, session):
        rtp.take_offer(sdp(4000, "8 101"))
        rtp.make_answer(session)
        assert formats(rtp.reoffer()) == "8 101"


async def test_one_port_serves_for_rtcp_where_the_far_end_offers_that(tmp_path: Path) -> None:
    async with media(tmp_path) as (rtp, session):
        rtp.take_offer(sdp(4000, "0", "a=rtcp-mux"))
        assert "a=rtcp-mux" in rtp.make_answer(session)
        parameters = fake(rtp).parameters
        assert parameters is not None and parameters.rtcp_mux


CRYPTO = f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{'A' * 40}"


@pytest.mark.parametrize(
    ("profile", "variables", "offered", "way"),
    [
        ("rfc2833", {}, "0 101", "rfc2833"),
        ("rfc2833", {}, "0", "info"),
        ("rfc2833", {"rtp_info_when_no_2833": "false"}, "0", "none"),
        ("info", {}, "0 101", "info"),
        ("none", {}, "0 101", "none"),
        ("none", {"dtmf_type": "rfc2833"}, "0 101", "rfc2833"),
    ],
)
async def test_how_digits_travel(
    tmp_path: Path, profile: str, variables: dict[str, str], offered: str, way: str
) -> None:
    settings = ProfileSettings(codec_prefs=("PCMU",), dtmf_type=profile)
    async with media(tmp_path, settings, **variables) as (rtp, session):
        rtp.take_offer(sdp(4000, offered))
        rtp.make_answer(session)
        assert rtp.digits_by == session.get("dtmf_type") == way


async def test_digits_may_move_into_rtp_later(tmp_path: Path) -> None:
    async with media(tmp_path) as (rtp, session):
        rtp.take_offer(sdp(4000, "0"))
        rtp.make_answer(session)
        assert rtp.digits_by == "info"
        rtp.answer_reoffer(sdp(4000, "0 101"))
        assert rtp.digits_by == session.get("dtmf_type") == "rfc2833"


async def test_the_parameters_of_all_codecs_may_be_forced(tmp_path: Path) -> None:
    async with media(tmp_path, rtp_force_audio_fmtp="mode=1") as (rtp, session):
        rtp.make_offer(session)
        lines = [line for line in rtp.offer.splitlines() if line.startswith("a=fmtp:")]
        assert "a=fmtp:0 mode=1" in lines
        assert "a=fmtp:8 mode=1" in lines
        assert session.get("switch_l_sdp") == rtp.offer
