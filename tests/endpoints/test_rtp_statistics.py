"""What is left of a call's audio."""

from __future__ import annotations

from typing import Any

import pytest

from softswitch.endpoints.rtp_statistics import NAMES, statistics, verdict

THERE, HERE = ("192.0.2.9", 4000), ("192.0.2.1", 20000)


def test_figures_become_the_variables_of_freeswitch() -> None:
    figures = {
        "packets_in": 190,
        "bytes_in": 32680,
        "mos": 4.5,
        "quality": 100.0,
        "flaws": 0,
        "jitter_max_variance": 1.254,
    }
    values = statistics(figures, 4000.0, 20)
    assert values["rtp_audio_in_packet_count"] == values["rtp_audio_in_media_packet_count"] == "190"
    assert values["rtp_audio_in_raw_bytes"] == "32680"
    assert values["rtp_audio_in_mos"] == "4.50"
    assert values["rtp_audio_in_quality_percentage"] == "100.00"
    assert values["rtp_audio_in_jitter_max_variance"] == "1.25"
    assert values["rtp_audio_in_flaw_total"] == "0"
    assert values["rtp_audio_in_skip_packet_count"] == "10"
    assert values.keys() <= NAMES


@pytest.mark.parametrize(
    ("figures", "agreed", "words"),
    [
        ({"packets_in": 9, "packets_out": 9}, {}, ""),
        (
            {"packets_out": 9},
            {},
            "one-way audio: the far end sent nothing (192.0.2.9:4000 was promised)"
            " to 192.0.2.1:20000",
        ),
        ({"packets_in": 9}, {}, "one-way audio: nothing was sent to the far end"),
        ({"packets_in": 9}, {"sends": False}, ""),
        ({"packets_out": 9}, {"receives": False}, ""),
        (
            {},
            {},
            "no audio: the far end sent nothing (192.0.2.9:4000 was promised)"
            " to 192.0.2.1:20000; nothing was sent to the far end",
        ),
        (
            {"packets_out": 9, "stranger": ("192.0.2.77", 5), "foreign": 8},
            {},
            "8 packets came from 192.0.2.77:5 instead and were not taken",
        ),
        ({"packets_out": 9, "unknown_payload": 7}, {}, "7 packets had a payload type"),
    ],
)
def test_the_verdict_says_who_was_not_heard(
    figures: dict[str, Any], agreed: dict[str, bool], words: str
) -> None:
    found = verdict(figures, promised=THERE, local=HERE, **agreed)
    assert words in found
    assert bool(words) is bool(found)
