"""Choosing from the far end's media line; the whole of it is tested in test_negotiation."""

from __future__ import annotations

from softswitch.sdp.audio import LocalAudio, LocalCodec, NegotiationReport, Preference
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.selection import accept, choose, codec_names

LOCAL = LocalAudio("192.0.2.9", 20248, (LocalCodec("PCMU", payload_type=0),), 1)


def offered(media: str, connection: str = "c=IN IP4 192.0.2.1") -> SessionDescription:
    return SessionDescription.parse(f"v=0\n{connection}\n{media}\n")


def test_telephone_events_are_no_codec() -> None:
    description = offered("m=audio 4000 RTP/AVP 101 0\na=rtpmap:101 telephone-event/8000")
    line = description.media[0]
    report = NegotiationReport()
    audio = choose(description, line, LOCAL, Preference.GENEROUS, report)
    assert codec_names(line.rtp_formats) == ["PCMU/8000"]
    assert [codec.name for codec in audio.codecs] == ["PCMU"]
    assert (audio.telephone_event, report.rejected) == (101, [])


def test_codec_that_was_not_offered_is_not_accepted() -> None:
    ours = offered("m=audio 20248 RTP/AVP 0").media[0]
    description = offered("m=audio 4000 RTP/AVP 8 0")
    report = NegotiationReport()
    audio = accept(description, description.media[0], ours, LOCAL, Preference.GENEROUS, report)
    assert [codec.name for codec in audio.codecs] == ["PCMU"]
    assert report.rejected == [("PCMA/8000", "was not offered")]


def test_events_we_did_not_offer_are_not_sent() -> None:
    ours = offered("m=audio 20248 RTP/AVP 0").media[0]
    description = offered("m=audio 4000 RTP/AVP 0 101\na=rtpmap:101 telephone-event/8000")
    audio = accept(
        description, description.media[0], ours, LOCAL, Preference.GENEROUS, NegotiationReport()
    )
    assert (audio.telephone_event, audio.telephone_event_receive) == (None, None)


def test_rtcp_of_the_last_port_stays_a_port() -> None:
    description = offered("m=audio 65535 RTP/AVP 0")
    audio = choose(
        description, description.media[0], LOCAL, Preference.GENEROUS, NegotiationReport()
    )
    assert audio.remote_rtcp_address == ("192.0.2.1", 65535)
