"""Codecs as configuration, SDP and the engine name them."""

from __future__ import annotations

import pytest

from softswitch.endpoints.rtp_codecs import (
    bit_rate,
    callers_first,
    codec_strings,
    engine_codecs,
    engine_formats,
    local_codecs,
    local_video,
    sample_rate,
    video_strings,
    with_opus,
)
from softswitch.sdp.audio import NegotiatedCodec
from softswitch.sdp.media import Format
from softswitch.sdp.video import NegotiatedFormat, NegotiatedVideo, VideoFormat
from softswitch.switch.opus_settings import OpusSettings


def test_a_codec_string_leaves_out_what_is_wrong_or_no_codec() -> None:
    found = local_codecs("PCMU@20i, nonsense!,telephone-event,,PCMA@30i,PCMU,G722")
    assert [(item.name, item.ptime) for item in found] == [("PCMU", 20), ("PCMA", 30), ("G722", 20)]


def test_a_codec_string_may_name_its_separator() -> None:
    text = "^^:PCMU:VP8:PCMA@30i"
    assert [(item.name, item.ptime) for item in local_codecs(text)] == [("PCMU", 20), ("PCMA", 30)]
    assert [item.name for item in local_video(text)] == ["VP8"]


def test_the_engine_knows_a_codec_by_both_numbers() -> None:
    codec = NegotiatedCodec("pcmu", 8000, 1, 0, 96, "", "", 20)
    assert [(item.payload_type, item.name) for item in engine_codecs((codec,))] == [
        (0, "PCMU"),
        (96, "PCMU"),
    ]
    same = NegotiatedCodec("PCMU", 8000, 1, 0, 0, "", "", 20)
    assert len(engine_codecs((same,))) == 1


def test_opus_of_another_rate_is_the_same_codec_once() -> None:
    assert len(local_codecs("opus@48000h,OPUS@16000h,opus@48000h@40i")) == 1


def test_the_callers_codecs_lead_where_we_have_them() -> None:
    ours, theirs = local_codecs("PCMU,PCMA,G722"), local_codecs("opus,G722@16000h")
    assert [item.name for item in callers_first(ours, theirs)] == ["G722", "PCMU", "PCMA"]


def test_an_offer_is_told_in_the_words_of_freeswitch() -> None:
    formats = (
        Format(111, "opus", 48000, 2),
        Format(9, "G722", 8000, 1),
        Format(0, "PCMU", 8000, 1),
        Format(18, "G729", 8000, 1),
        Format(101, "telephone-event", 8000, 1),
    )
    assert codec_strings(formats, 20, local_codecs("opus,G722,PCMU,G729")) == (
        "mod_opus.opus@48000h@20i@2c,mod_spandsp.G722@8000h@20i@64000b,"
        "CORE_PCM_MODULE.PCMU@8000h@20i@64000b,mod_g729.G729@8000h@20i@8000b"
    )


@pytest.mark.parametrize(
    ("name", "clock", "rate", "bits"),
    [
        ("G722", 8000, 16000, 64000),
        ("opus", 48000, 48000, 0),
        ("AMR", 8000, 8000, 12200),
        ("Humming", 8000, 8000, 0),
    ],
)
def test_what_is_heard_and_sent_of_a_codec(name: str, clock: int, rate: int, bits: int) -> None:
    assert (sample_rate(name, clock), bit_rate(name, clock, 1)) == (rate, bits)


def test_a_codec_string_holds_audio_and_video_apart() -> None:
    text = "PCMU,h264~packetization-mode=1,VP8,PCMA,VP8,bad codec"
    assert [item.name for item in local_codecs(text)] == ["PCMU", "PCMA"]
    assert local_video(text) == (
        VideoFormat("H264", fmtp="packetization-mode=1"),
        VideoFormat("VP8"),
    )


def test_the_engine_tells_variants_of_video_apart() -> None:
    theirs = VideoFormat("H264", fmtp="profile-level-id=42e01f;packetization-mode=1")
    agreed = NegotiatedVideo((NegotiatedFormat(theirs, 97, 99),))
    assert [(it.payload_type, it.name, it.fmtp) for it in engine_formats(agreed)] == [
        (97, "H264", "1"),
        (99, "H264", "1"),
    ]


def test_offered_video_is_told_in_the_words_of_freeswitch() -> None:
    formats = [
        VideoFormat("VP8"),
        VideoFormat("H264", fmtp="a=1"),
        VideoFormat("H264"),
        VideoFormat("AV1"),
    ]
    assert video_strings(formats, local_video("H264,VP8")) == (
        "CORE_VPX_MODULE.VP8@90000h,mod_av.H264@90000h"
    )


def test_opus_is_offered_as_its_settings_say_and_as_a_string_says_before_them() -> None:
    settings = OpusSettings(use_dtx=True, complexity=8)
    assert [item.fmtp for item in with_opus(local_codecs("PCMU,opus"), settings)] == [
        "",
        "useinbandfec=1;usedtx=1",
    ]
    (own,) = with_opus(local_codecs("opus~usedtx=0"), settings)
    assert own.fmtp == "usedtx=0"


def test_no_far_end_speaks_to_our_encoder() -> None:
    said = NegotiatedCodec("opus", 48000, 2, 111, 111, "complexity=10|usedtx=1", "", 20)
    assert engine_codecs((said,))[0].fmtp == "|complexity=10|usedtx=1"
    assert engine_codecs((said,), "vbr=0")[0].fmtp == "vbr=0|complexity=10|usedtx=1"
