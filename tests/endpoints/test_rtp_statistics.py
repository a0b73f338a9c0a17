"""What is left of a call's audio."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from softswitch.endpoints.rtp_statistics import NAMES, leave, note, statistics, verdict
from softswitch.sdp.audio import NegotiatedAudio
from tests.support.engine import far_end
from tests.support.switch import bench, extension

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


AUDIO = NegotiatedAudio(remote_address=THERE, send=True, receive=True)
"""What was agreed: packets of the usual 20 ms, both ways."""


async def test_figures_so_far_give_way_to_the_last_ones(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(1)
        stream = b.switch.engine.open_stream("127.0.0.1")
        for packets, leave_figures in ((40, note), (90, leave)):
            far_end(stream).figures = {"packets_in": packets, "packets_out": 9}
            leave_figures(session, stream, AUDIO, packets / 50)
            assert session.get("rtp_audio_in_packet_count") == str(packets)
            assert session.get("rtp_audio_in_skip_packet_count") == "0"
            assert (session.get("rtp_audio_verdict") is None) is (leave_figures is note)
        stream.close()


@pytest.mark.parametrize(("elapsed", "logged"), [(0.9, False), (1.0, True)])
async def test_a_call_of_a_second_that_was_not_heard_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, elapsed: float, logged: bool
) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(1)
        stream = b.switch.engine.open_stream("127.0.0.1")
        far_end(stream).figures = {"packets_in": 0, "packets_out": 9}
        leave(session, stream, AUDIO, elapsed)
        assert ("one-way audio" in caplog.text) is logged
        assert (session.get("rtp_audio_verdict") or "").startswith("one-way audio")
        stream.close()
