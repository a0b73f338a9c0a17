"""RECV_RTCP_MESSAGE and SEND_RTCP_MESSAGE: what RTCP reports of a call say (RFC 3550 §6.4).

The engine tells of reports only while somebody subscribes to these events; of those that are sent
only for calls with ``fire_rtcp_events``, and only of sender reports, as FreeSWITCH does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from softswitch.media.events import ReportBlock

if TYPE_CHECKING:
    from softswitch.media.events import ReportPassed
    from softswitch.media.stream import Stream
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

RECEIVED, SENT = "RECV_RTCP_MESSAGE", "SEND_RTCP_MESSAGE"

_OLD = 0.7
"""The weight of what was in FreeSWITCH's averages, beside that of the newest report."""


def watch(switch: Switch) -> None:
    """Ask running calls for their reports when somebody subscribes, and no more at the end."""
    wanted = (False, False)

    def on_wishes() -> None:
        nonlocal wanted
        now = (switch.bus.wants(RECEIVED), switch.bus.wants(SENT))
        if now != wanted:
            wanted = now
            for session in switch.sessions.values():
                stream = session.leg.media
                if stream is not None and not stream.closed:
                    ask(session, stream)

    switch.bus.on_wishes.append(on_wishes)


def ask(session: Session, stream: Stream) -> None:
    """Have a call's stream tell of the reports that somebody wants."""
    bus = session.switch.bus
    sent = bus.wants(SENT) and session.is_true("fire_rtcp_events")
    stream.tell_reports(received=bus.wants(RECEIVED), sent=sent)


@dataclass(slots=True)
class RtcpEvents:
    """The events of one call, with the averages that FreeSWITCH keeps."""

    sender: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Of the last sender report: a receiver report repeats it."""
    averages: dict[int, tuple[int, float]] = field(default_factory=dict)
    """Loss in percent and round trip in seconds, by the report's place in its packet."""

    def tell(self, session: Session, report: ReportPassed) -> None:
        """Publish the event of one report, if anybody still wants it."""
        switch = session.switch
        name = SENT if report.sent else RECEIVED
        if not switch.bus.wants(name):
            return
        headers = {
            "Unique-ID": session.uuid,
            **self._sender(report),
            "Last-RTP-Timestamp": str(report.last_timestamp),
        }
        if report.sent:
            headers["Last-RTP-Timestamp"] = headers["RTP-Timestamp"]
        else:
            codec = session.channel.read_codec
            headers["RTP-Rate"] = str(codec[1] if codec is not None else 0)
        headers["Capture-Time"] = str(switch.now_us())
        if report.sent:
            block = report.blocks[0] if report.blocks else ReportBlock()
            headers |= _block("Source", block)
        else:
            for place, block in enumerate(report.blocks):
                headers |= self._averaged(place, block, report.round_trip_us)
        switch.publish(name, headers)

    def _sender(self, report: ReportPassed) -> dict[str, str]:
        ntp, timestamp, packets, octets = report.sender or self.sender
        if not report.sent:
            self.sender = (ntp, timestamp, packets, octets)
        return {
            "SSRC": f"{report.ssrc:08x}",
            "NTP-Most-Significant-Word": str(ntp >> 32),
            "NTP-Least-Significant-Word": str(ntp & 0xFFFFFFFF),
            "RTP-Timestamp": str(timestamp),
            "Sender-Packet-Count": str(packets),
            # Spelled as programs know it.
            "Octect-Packet-Count": str(octets),
        }

    def _averaged(self, place: int, block: ReportBlock, trip_us: int | None) -> dict[str, str]:
        percent = block.fraction_lost * 100 // 255
        loss, trip = self.averages.get(place, (0, 0.0))
        loss = int(loss * _OLD + percent * (1 - _OLD)) if loss else percent
        if block.last_report and trip_us is not None:
            seconds = trip_us / 1_000_000
            trip = trip * _OLD + seconds * (1 - _OLD) if trip else seconds
        self.averages[place] = (loss, trip)
        headers = _block(f"Source{place}", block)
        # Loss-Avg stands after Lost.
        ordered = list(headers.items())
        ordered.insert(3, (f"Source{place}-Loss-Avg", str(loss)))
        return {**dict(ordered), f"Rtt{place}-Avg": f"{trip:f}"}


def _block(prefix: str, block: ReportBlock) -> dict[str, str]:
    return {
        f"{prefix}-SSRC": f"{block.ssrc:08x}",
        f"{prefix}-Fraction": str(block.fraction_lost),
        # FreeSWITCH prints the signed number as an unsigned one.
        f"{prefix}-Lost": str(block.cumulative_lost & 0xFFFFFFFF),
        f"{prefix}-Highest-Sequence-Number-Received": str(block.highest_sequence),
        f"{prefix}-Jitter": str(block.jitter),
        f"{prefix}-LSR": str(block.last_report),
        f"{prefix}-DLSR": str(block.delay),
    }
