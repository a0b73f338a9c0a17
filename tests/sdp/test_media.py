"""Media lines and their attributes."""

from __future__ import annotations

import pytest

from softswitch.sdp.media import (
    Connection,
    Direction,
    Format,
    MediaDescription,
    address_family,
    is_group_address,
)


def audio(*attributes: str, formats: str = "0 96 101") -> MediaDescription:
    pairs = [attribute.partition(":") for attribute in attributes]
    return MediaDescription(
        "audio",
        4000,
        "RTP/AVP",
        formats.split(),
        attributes=[(name, value if colon else None) for name, colon, value in pairs],
    )


def test_payload_types_are_named_by_rtpmap_or_the_static_table() -> None:
    line = audio(
        "rtpmap:96 opus/48000/2",
        "fmtp:96 useinbandfec=1; stereo=0",
        "rtpmap:101 telephone-event/8000 ",
        "fmtp:101 0-16",
    )
    assert line.rtp_formats == [
        Format(0, "PCMU", 8000, 1),
        Format(96, "opus", 48000, 2, "useinbandfec=1; stereo=0"),
        Format(101, "telephone-event", 8000, 1, "0-16"),
    ]
    assert [str(item) for item in line.rtp_formats] == [
        "PCMU/8000",
        "opus/48000/2",
        "telephone-event/8000",
    ]


def test_rtpmap_overrules_the_static_table() -> None:
    assert audio("rtpmap:0 L16/16000", formats="0").rtp_formats == [Format(0, "L16", 16000, 1)]


def test_unreadable_payload_types_are_left_out_or_nameless() -> None:
    line = audio("rtpmap:96 broken", "rtpmap:97 x/0", "fmtp:y z", formats="t38 128 -1 96 97 96")
    assert line.rtp_formats == [Format(96, "", 0, 1), Format(97, "", 0, 1)]
    assert str(line.rtp_formats[0]) == "payload type 96"


def test_packet_times_are_read() -> None:
    assert (audio("ptime:30", "maxptime:60").ptime, audio("maxptime:60").maxptime) == (30, 60)
    for value in ("", "20.5", "-20", "1000000", "x"):
        assert audio(f"ptime:{value}").ptime is None
    assert audio().ptime is None


def test_direction_is_read() -> None:
    assert audio("ptime:20", "inactive").direction is Direction.INACTIVE
    assert audio().direction is None


@pytest.mark.parametrize("direction", list(Direction))
def test_direction_is_made_of_sending_and_receiving(direction: Direction) -> None:
    assert Direction.of(direction.sends, direction.receives) is direction


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("4001", (4001, None)),
        ("5000 IN IP4 192.0.2.9", (5000, "192.0.2.9")),
        ("5000 IN IP6 2001:db8::1", (5000, "2001:db8::1")),
        ("5000 IN IP4 host.example.com", None),
        ("5000 IN IP4 239.0.0.1", None),
        ("0", None),
        ("70000", None),
        ("x", None),
    ],
)
def test_rtcp_attribute_is_read(value: str, expected: tuple[int, str | None] | None) -> None:
    assert audio(f"rtcp:{value}").rtcp == expected


def test_rtcp_mux_is_read() -> None:
    assert audio("rtcp-mux").rtcp_mux
    assert not audio().rtcp_mux


def test_zero_address_means_held() -> None:
    assert Connection("0.0.0.0").held
    assert Connection("::").held
    assert not Connection("192.0.2.1").held


@pytest.mark.parametrize(
    ("address", "family"),
    [
        ("192.0.2.1", 4),
        ("255.255.255.255", 4),
        ("::1", 6),
        ("2001:db8::1", 6),
        ("256.0.0.1", None),
        ("1.2.3", None),
        ("1.2.3.4.", None),
        ("1.2.3.4.5", None),
        ("host.example.com", None),
        (":::", None),
        ("", None),
    ],
)
def test_addresses_are_told_from_names(address: str, family: int | None) -> None:
    assert address_family(address) == family


@pytest.mark.parametrize("address", ["224.0.0.1", "239.1.1.1", "255.255.255.255", "FF02::1"])
def test_group_addresses_are_known(address: str) -> None:
    assert is_group_address(address)
    assert not is_group_address("192.0.2.1")
    assert not is_group_address("2001:db8::1")
