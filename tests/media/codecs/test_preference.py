"""Lists of codecs as configuration writes them."""

from __future__ import annotations

import pytest

from softswitch.media.codecs.preference import CodecPreference, parse_preferences


def parse(text: str) -> CodecPreference:
    (preference,) = parse_preferences(text)
    return preference


def test_a_name_alone_has_the_usual_details() -> None:
    assert parse("pcmu") == CodecPreference("PCMU", 8000, 20, 1, 0, transcodable=True)


def test_every_detail_may_be_told() -> None:
    assert parse("CORE_PCM_MODULE.PCMU@8000h@30i@64000b@1c") == CodecPreference(
        "PCMU", 8000, 30, 1, 0, "", 64000, "CORE_PCM_MODULE", True
    )
    assert parse("iLBC~mode=20@20i").fmtp == "mode=20"
    assert parse("L16@16000h").payload_type is None
    assert parse("L16@44100h@2c").payload_type == 10
    assert parse("L16@16000k").clock_rate == 16000


@pytest.mark.parametrize("text", ["PCMA, ,G722", "^^:PCMA:G722", "^^;PCMA;G722;"])
def test_a_list_may_name_its_separator(text: str) -> None:
    assert [wanted.name for wanted in parse_preferences(text)] == ["PCMA", "G722"]


@pytest.mark.parametrize(
    ("text", "name", "rate", "channels", "ptime", "payload_type"),
    [
        ("G729", "G729", 8000, 1, 20, 18),
        ("G723@30i", "G723", 8000, 1, 30, 4),
        ("AMR-WB", "AMR-WB", 16000, 1, 20, None),
        ("DVI4@16000h", "DVI4", 16000, 1, 20, 6),
        ("Humming@12000h", "Humming", 12000, 1, 20, None),
        ("G729@16000h", "G729", 16000, 1, 20, None),
    ],
)
def test_codecs_without_arithmetic_are_passed_through(
    text: str, name: str, rate: int, channels: int, ptime: int, payload_type: int | None
) -> None:
    wanted = parse(text)
    assert (wanted.name, wanted.clock_rate, wanted.channels) == (name, rate, channels)
    assert (wanted.ptime, wanted.payload_type) == (ptime, payload_type)
    assert not wanted.transcodable


@pytest.mark.parametrize(
    ("text", "name", "rate", "channels", "fmtp", "payload_type"),
    [
        ("G722", "G722", 8000, 1, "", 9),
        ("G722@16000h", "G722", 8000, 1, "", 9),
        ("GSM@40i", "GSM", 8000, 1, "", 3),
        ("G726-32", "G726-32", 8000, 1, "", None),
        ("OPUS@48000h@20i@1c", "opus", 48000, 2, "useinbandfec=1", None),
        ("mod_opus.opus@48000h@60i@2c", "opus", 48000, 2, "useinbandfec=1", None),
        ("opus~usedtx=1", "opus", 48000, 2, "usedtx=1", None),
    ],
)
def test_operators_name_codecs_by_what_is_heard(
    text: str, name: str, rate: int, channels: int, fmtp: str, payload_type: int | None
) -> None:
    wanted = parse(text)
    assert (wanted.name, wanted.clock_rate, wanted.channels) == (name, rate, channels)
    assert (wanted.fmtp, wanted.payload_type, wanted.transcodable) == (fmtp, payload_type, True)


def test_opus_at_a_lower_rate_asks_the_far_end_for_no_more() -> None:
    wanted = parse("opus@16000h@20i")
    assert wanted.clock_rate == 48000
    assert "maxplaybackrate=16000" in wanted.fmtp


def test_a_list_keeps_its_order_and_each_variant_once() -> None:
    text = " PCMA, PCMU@30i ,,PCMU@20i,pcma@8000h, G729 "
    assert [str(wanted) for wanted in parse_preferences(text)] == [
        "PCMA@8000h@20i",
        "PCMU@8000h@30i",
        "PCMU@8000h@20i",
        "G729@8000h@20i",
    ]
    assert parse_preferences("") == []


def test_what_is_shown_can_be_parsed_again() -> None:
    for text in ("PCMU@8000h@20i", "L16@44100h@20i@2c", "opus@48000h@20i@2c"):
        assert str(parse(text)) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("PCMU@", "number"),
        ("PCMU@fast", "number"),
        ("PCMU@20x", "number"),
        ("PCMU@0i", "between"),
        ("PCMU@99999i", "between"),
        ("@8000h", "names no codec"),
        ("PC MU", "names no codec"),
        ("mod.", "names no codec"),
        ("PCMU@11000h", "does not run at 11000 Hz"),
        ("opus@30i", "no packets of 30 ms"),
        ("GSM@10i", "no packets of 10 ms"),
        ("PCMU@\u0661i", "number"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_preferences(f"PCMA,{text}")
