"""Descriptions in bodies, alone and among other parts."""

from __future__ import annotations

import pytest

from softswitch.endpoints.sip.body import (
    accepts,
    description_in,
    offered_in,
    refusal_headers,
)
from softswitch.sip.errors import RemoteProtocolError
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


@pytest.mark.parametrize(
    ("headers", "body", "offered"),
    [
        ({}, "", None),
        ({}, SDP, SDP),
        ({"Accept": "text/plain, application/sdp"}, SDP, SDP),
        ({"Content-Encoding": " Identity"}, SDP, SDP),
        ({"Content-Encoding": "gzip"}, SDP, 415),
        ({"Content-Type": "a/b"}, "x", 415),
        ({"Content-Type": "a/b", "Content-Disposition": "x;handling=required"}, "x", 415),
        ({"Content-Type": "a/b", "Content-Disposition": "x; Handling=Optional"}, "x", None),
        ({"Accept": "a/b"}, SDP, 406),
        ({"Accept": "a/b"}, "", 406),
    ],
)
def test_what_is_offered_or_why_it_is_refused(
    headers: dict[str, str], body: str, offered: str | int | None
) -> None:
    request = message(headers.pop("Content-Type", "application/sdp"), body)
    for name, value in headers.items():
        request.headers.add(name, value)
    if not isinstance(offered, int):
        assert offered_in(request) == offered
        return
    with pytest.raises(RemoteProtocolError) as refused:
        offered_in(request)
    assert refused.value.status == offered
    assert ("Accept", "application/sdp") in refusal_headers(offered)


@pytest.mark.parametrize(
    ("lines", "taken"),
    [
        ([], True),
        ([""], True),
        (["text/plain", "application/pidf+xml;q=0.1"], True),
        (["*/*"], True),
        (["Application/*"], True),
        (["text/plain"], False),
    ],
)
def test_which_types_are_taken(lines: list[str], taken: bool) -> None:
    request = message("application/sdp", "")
    for line in lines:
        request.headers.add("Accept", line)
    assert accepts(request, "application/pidf+xml") is taken
