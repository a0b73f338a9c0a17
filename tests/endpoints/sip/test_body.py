"""Descriptions in bodies, alone and among other parts."""

from __future__ import annotations

import pytest

from softswitch.endpoints.sip.body import description_in
from softswitch.sip.message import Headers, Request

SDP = "v=0\r\ns=-\r\n"
PARTS = (
    "--edge\r\nContent-Type: application/isup;version=x\r\n\r\n\x01\x02\r\n"
    f"--edge\r\nContent-Type: Application/SDP\r\n\r\n{SDP}\r\n--edge--\r\n"
)


def message(content_type: str, body: str) -> Request:
    return Request("INVITE", "sip:x", Headers([("Content-Type", content_type)]), body.encode())


@pytest.mark.parametrize("content_type", ["application/sdp", "Application/SDP;charset=utf-8"])
def test_a_description_alone(content_type: str) -> None:
    assert description_in(message(content_type, SDP)) == SDP


def test_a_description_among_parts() -> None:
    assert description_in(message("multipart/mixed;boundary=edge", PARTS)) == SDP


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/sdp", ""),
        ("text/plain", SDP),
        ("multipart/mixed", PARTS),
        ("multipart/mixed;boundary=other", PARTS),
        ("multipart/mixed;boundary=edge", "--edge\r\nContent-Type: text/plain\r\n\r\nx"),
    ],
)
def test_no_description(content_type: str, body: str) -> None:
    assert description_in(message(content_type, body)) is None


def test_a_body_without_a_type_is_none() -> None:
    assert description_in(Request("INVITE", "sip:x", Headers([]), b"v=0")) is None
