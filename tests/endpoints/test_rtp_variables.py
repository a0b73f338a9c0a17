"""What a channel is told of the media that were agreed."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip.settings import ProfileSettings
from tests.endpoints.test_rtp import CRYPTO, fake, formats, media
from tests.support.sip_bench import sdp

pytestmark = pytest.mark.virtual_time


async def test_an_offer_is_answered_once_and_told(tmp_path: Path) -> None:
    async with media(tmp_path) as (rtp, session):
        offered = sdp(4000, "8 0 101", "a=ptime:20")
        rtp.take_offer(offered)
        rtp.check_offer()
        assert rtp.stream is None and not rtp.negotiated
        text = rtp.make_answer(session)
        assert rtp.make_answer(session) == text == rtp.offer
        assert rtp.negotiated and formats(text) == "8 101"
        expected = {
            "switch_r_sdp": offered,
            "rtp_local_sdp_str": text,
            "rtp_use_codec_name": "PCMA",
            "rtp_use_codec_rate": "8000",
            "rtp_use_codec_ptime": "20",
            "rtp_use_codec_channels": "1",
            "rtp_use_codec_string": "PCMU,PCMA",
            "rtp_last_audio_codec_string": "PCMA@8000h@20i@1c",
            "rtp_use_pt": "8",
            "rtp_audio_recv_pt": "8",
            "rtp_2833_send_payload": "101",
            "rtp_2833_recv_payload": "101",
            "rtp_use_timer_name": "soft",
            "read_codec": "PCMA",
            "read_rate": "8000",
            "write_codec": "PCMA",
            "write_rate": "8000",
            "original_read_codec": "PCMA",
            "original_read_rate": "8000",
            "dtmf_type": "rfc2833",
            "local_media_ip": "192.0.2.1",
            "advertised_media_ip": "203.0.113.1",
            "remote_media_ip": "192.0.2.10",
            "remote_media_port": "4000",
            "audio_media_flow": "sendrecv",
            "remote_audio_media_flow": "sendrecv",
        }
        assert {name: session.get(name) for name in expected} == expected
        assert session.channel.read_codec == ("PCMA", 8000, 64000)
        parameters = fake(rtp).parameters
        assert parameters is not None
        assert parameters.remote_address == ("192.0.2.10", 4000)
        assert (parameters.send, parameters.receive, parameters.symmetric) == (True, True, True)


async def test_opus_and_g722_are_named_by_clock_and_heard_at_their_rate(tmp_path: Path) -> None:
    settings = ProfileSettings(codec_prefs=("OPUS", "G722"))
    async with media(tmp_path, settings) as (rtp, session):
        lines = ("a=rtpmap:111 opus/48000/2", "a=fmtp:111 usedtx=1", "a=ptime:30")
        rtp.take_offer(sdp(4000, "111 9", *lines))
        answered = rtp.make_answer(session)
        assert "a=rtpmap:111 opus/48000/2" in answered
        assert "a=fmtp:111 useinbandfec=1" in answered
        parameters = fake(rtp).parameters
        assert parameters is not None
        (codec,) = parameters.codecs
        assert (codec.name, codec.fmtp, codec.ptime) == ("OPUS", "vbr=1|usedtx=1", 20)
        rtp.answer_reoffer(sdp(4000, "9"))
        assert session.get("rtp_use_codec_rate") == "8000"
        assert session.get("read_rate") == "16000"


async def test_a_caller_may_use_srtp_and_the_call_says_so(tmp_path: Path) -> None:
    async with media(tmp_path) as (rtp, session):
        offered = sdp(4000, "0", CRYPTO).replace("RTP/AVP", "RTP/SAVP")
        rtp.take_offer(offered)
        rtp.check_offer()
        answered = rtp.make_answer(session)
        assert "RTP/SAVP" in answered and "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" in answered
        assert fake(rtp).srtp is not None and fake(rtp).srtp[2] == bytes(30)
        assert session.get("rtp_secure_media_confirmed") == "true"
        assert session.get("rtp_has_crypto") == "AES_CM_128_HMAC_SHA1_80"
        again = rtp.answer_reoffer(offered)
        assert [line for line in again.splitlines() if "crypto" in line] == [
            line for line in answered.splitlines() if "crypto" in line
        ]
        rtp.answer_reoffer(sdp(4000, "0"))
        assert fake(rtp).srtp is None
