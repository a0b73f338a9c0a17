"""What calls and profiles want of media, as it shows in offers and streams."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.rtp_wishes import MediaRefused
from softswitch.endpoints.sip.settings import ProfileSettings
from tests.endpoints.test_rtp import CRYPTO, fake, formats, media
from tests.support.sip_bench import sdp

pytestmark = pytest.mark.virtual_time


@pytest.mark.parametrize(
    ("variables", "offered"),
    [
        ({}, "0 8 101"),
        ({"codec_string": "PCMA"}, "8 101"),
        ({"codec_string": "PCMA", "absolute_codec_string": "G722,PCMU"}, "9 0 101"),
        ({"originator_codec": "PCMA@8000h"}, "8 0 101"),
        ({"originator_codec": "CORE_PCM_MODULE.PCMA@8000h@20i@64000b,G722@8000h"}, "8 0 101"),
        ({"dtmf_type": "info"}, "0 8"),
    ],
)
async def test_what_is_offered(tmp_path: Path, variables: dict[str, str], offered: str) -> None:
    async with media(tmp_path, **variables) as (rtp, session):
        text = rtp.make_offer(session)
        assert formats(text) == offered
        assert "c=IN IP4 203.0.113.1" in text
        assert rtp.offer == session.get("rtp_local_sdp_str") == text


@pytest.mark.parametrize("wish", ["generous", "greedy", "scrooge"])
async def test_whose_order_counts(tmp_path: Path, wish: str) -> None:
    settings = ProfileSettings(codec_prefs=("PCMU", "PCMA"), inbound_codec_negotiation=wish)
    async with media(tmp_path, settings) as (rtp, session):
        rtp.take_offer(sdp(4000, "8 0"))
        rtp.make_answer(session)
        assert session.get("read_codec") == ("PCMA" if wish == "generous" else "PCMU")


@pytest.mark.parametrize(
    ("variables", "milliseconds"),
    [
        ({"rtp_timeout_sec": "7"}, 7000),
        ({"media_timeout": "2500"}, 2500),
        ({"media_timeout_audio": "1500", "media_timeout": "9"}, 1500),
        ({"media_hold_timeout": "1"}, 0),
        ({"rtp_timeout_sec": "soon"}, 0),
    ],
)
async def test_the_call_may_have_timeouts_of_its_own(
    tmp_path: Path, variables: dict[str, str], milliseconds: int
) -> None:
    async with media(tmp_path, **variables) as (rtp, session):
        rtp.take_offer(sdp(4000, "0 101"))
        rtp.make_answer(session)
        parameters = fake(rtp).parameters
        assert parameters is not None and parameters.timeout_ms == milliseconds


@pytest.mark.parametrize("wished", [True, False])
async def test_one_port_is_offered_where_the_call_asks_for_it(tmp_path: Path, wished: bool) -> None:
    async with media(tmp_path, rtcp_mux=str(wished).lower()) as (rtp, session):
        assert ("a=rtcp-mux" in rtp.make_offer(session)) is wished


@pytest.mark.parametrize(
    ("variables", "offered", "reason"),
    [
        ({"rtp_secure_media": "mandatory"}, sdp(4000, "0"), "SRTP is mandatory"),
        (
            {"rtp_secure_media": "false"},
            sdp(4000, "0", CRYPTO).replace("RTP/AVP", "RTP/SAVP"),
            "not allowed here",
        ),
        ({"rtp_secure_media": "nonsense"}, sdp(4000, "0"), "no suite of SRTP"),
    ],
)
async def test_an_offer_against_the_wish_for_protection_is_refused(
    tmp_path: Path, variables: dict[str, str], offered: str, reason: str
) -> None:
    async with media(tmp_path, **variables) as (rtp, _):
        rtp.take_offer(offered)
        with pytest.raises(MediaRefused, match=reason):
            rtp.check_offer()


@pytest.mark.parametrize("name", ["absolute_codec_string", "codec_string"])
async def test_nothing_is_offered_where_no_codec_is_left(tmp_path: Path, name: str) -> None:
    async with media(tmp_path, **{name: "PCMU+PCMA"}) as (rtp, session):
        with pytest.raises(MediaRefused, match=name):
            rtp.make_offer(session)


async def test_the_operator_may_add_lines_and_forbid_learning(tmp_path: Path) -> None:
    variables = {
        "rtp_append_audio_sdp": "a=fmtp:18 annexb=no\\na=silenceSupp:off - - - -\\nm=video 1",
        "disable_rtp_auto_adjust": "true",
    }
    async with media(tmp_path, **variables) as (rtp, session):
        rtp.take_offer(sdp(4000, "0"))
        answered = rtp.make_answer(session).splitlines()
        assert {"a=fmtp:18 annexb=no", "a=silenceSupp:off - - - -"} <= set(answered)
        assert not any(line.startswith("m=video") for line in answered)
        parameters = fake(rtp).parameters
        assert parameters is not None and not parameters.symmetric


async def test_plain_calls_carry_no_keys(tmp_path: Path) -> None:
    async with media(tmp_path) as (rtp, session):
        rtp.take_offer(sdp(4000, "0"))
        assert "crypto" not in rtp.make_answer(session)
        assert "crypto" not in rtp.reoffer()
        assert fake(rtp).srtp is None
        assert session.get("rtp_secure_media_confirmed") is None
