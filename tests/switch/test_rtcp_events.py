"""Reports of RTCP as events, from a far end that the fake engine plays."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from softswitch.endpoints.sip.settings import ProfileSettings
from softswitch.switch.events import Event
from softswitch.switch.rtcp_events import RECEIVED, SENT
from softswitch.switch.session import Session
from tests.endpoints.test_rtp import fake, media
from tests.support.engine import far_end
from tests.support.sip_bench import sdp
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time

SENDER = (0xE100_0000_8000_0000, 1600, 10, 1720)


def listen(session: Session) -> list[Event]:
    """The events, as they come."""
    told: list[Event] = []
    session.switch.bus.subscribe(told.append, RECEIVED, SENT)
    return told


def fields(event: Event) -> dict[str, str]:
    """What an event says beside the headers of every event, and the time."""
    return {
        name: value
        for name, value in event.headers.items()
        if not name.startswith(("Event-", "Core-", "FreeSWITCH-")) and name != "Capture-Time"
    }


async def test_a_report_that_comes_is_an_event(tmp_path: Path) -> None:
    async with media(tmp_path) as (rtp, session):
        told = listen(session)
        rtp.take_offer(sdp(4000, "0 101"))
        rtp.make_answer(session)
        stream = fake(rtp)
        assert stream.reports_told == (True, False)
        stream.pass_report(False, 9, SENDER, [(0xAB, 51, -1, 70000, 8, 5, 6)], 320, 40_000)
        stream.pass_report(False, 9, None, [(0xAB, 255, 4, 70001, 9, 5, 6)], 480, 80_000)
        await asyncio.sleep(0.01)
        first, second = told
        assert fields(first) == {
            "Unique-ID": session.uuid,
            "SSRC": "00000009",
            "NTP-Most-Significant-Word": str(0xE100_0000),
            "NTP-Least-Significant-Word": str(0x8000_0000),
            "RTP-Timestamp": "1600",
            "Sender-Packet-Count": "10",
            "Octect-Packet-Count": "1720",
            "Last-RTP-Timestamp": "320",
            "RTP-Rate": "8000",
            "Source0-SSRC": "000000ab",
            "Source0-Fraction": "51",
            "Source0-Lost": "4294967295",
            "Source0-Loss-Avg": "20",
            "Source0-Highest-Sequence-Number-Received": "70000",
            "Source0-Jitter": "8",
            "Source0-LSR": "5",
            "Source0-DLSR": "6",
            "Rtt0-Avg": "0.040000",
        }
        # A receiver report repeats the sender's figures; averages move by three tenths.
        again = fields(second)
        assert (again["RTP-Timestamp"], again["Sender-Packet-Count"]) == ("1600", "10")
        assert (again["Source0-Loss-Avg"], again["Rtt0-Avg"]) == ("44", "0.052000")


async def test_reports_that_are_sent_are_told_of_calls_that_ask_for_it(tmp_path: Path) -> None:
    async with media(tmp_path, fire_rtcp_events="true") as (rtp, session):
        told = listen(session)
        rtp.take_offer(sdp(4000, "0 101"))
        rtp.make_answer(session)
        fake(rtp).pass_report(True, 0xCD, SENDER, [(0xAB, 0, 2, 70000, 8, 5, 6)], 320, None)
        await asyncio.sleep(0.01)
        (event,) = told
        assert event.name == SENT
        assert fields(event) == {
            "Unique-ID": session.uuid,
            "SSRC": "000000cd",
            "NTP-Most-Significant-Word": str(0xE100_0000),
            "NTP-Least-Significant-Word": str(0x8000_0000),
            "RTP-Timestamp": "1600",
            "Sender-Packet-Count": "10",
            "Octect-Packet-Count": "1720",
            "Last-RTP-Timestamp": "1600",
            "Source-SSRC": "000000ab",
            "Source-Fraction": "0",
            "Source-Lost": "2",
            "Source-Highest-Sequence-Number-Received": "70000",
            "Source-Jitter": "8",
            "Source-LSR": "5",
            "Source-DLSR": "6",
        }


async def test_running_calls_tell_reports_only_while_somebody_listens(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(0.01)
        stream = far_end(session.media)
        b.switch.bus.unsubscribe(b.subscription)
        assert stream.reports_told == (False, False)
        wish = b.switch.bus.subscribe(b.events.append, RECEIVED)
        assert stream.reports_told == (True, False)
        b.switch.bus.unsubscribe(wish)
        assert stream.reports_told == (False, False)


@pytest.mark.parametrize(
    ("value", "interval"), [("", 7000), ("250", 250), ("99", 5000), ("often", 5000)]
)
async def test_a_call_says_how_often_it_reports(tmp_path: Path, value: str, interval: int) -> None:
    settings = ProfileSettings(codec_prefs=("PCMU",), rtcp_interval_ms=7000)
    async with media(tmp_path, settings, rtcp_audio_interval_msec=value) as (rtp, session):
        rtp.take_offer(sdp(4000, "0 101"))
        rtp.make_answer(session)
        parameters = fake(rtp).parameters
        assert parameters is not None and parameters.rtcp_interval_ms == interval
