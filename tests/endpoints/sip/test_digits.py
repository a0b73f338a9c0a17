"""Digits that come by INFO."""

from __future__ import annotations

import asyncio

import pytest

from softswitch.endpoints.sip.digits import (
    DEFAULT_DURATION_MS,
    LONGEST_GAP_MS,
    LONGEST_MS,
    DigitsByInfo,
    digits_in_info,
    gap_ms,
)
from softswitch.sip.message import Headers, Request


def info(content_type: str, body: bytes) -> Request:
    return Request("INFO", "sip:here", Headers([("Content-Type", content_type)]), body)


@pytest.mark.parametrize(
    ("content_type", "body", "digits"),
    [
        ("application/dtmf-relay", b"Signal=5\r\nDuration=160\r\n", [("5", 160)]),
        ("Application/DTMF-Relay", b"signal= #\nduration = 0", [("#", DEFAULT_DURATION_MS)]),
        ("application/dtmf-relay", b"Signal=a\r\n", [("A", DEFAULT_DURATION_MS)]),
        ("application/dtmf-relay", b"Signal=*\r\nDuration=99999\r\n", [("*", LONGEST_MS)]),
        ("application/dtmf-relay", b"Signal=55\r\n", []),
        ("application/dtmf-relay", b"\xff\xfe", []),
        ("application/dtmf", b"7", [("7", DEFAULT_DURATION_MS)]),
        ("application/dtmf", b" d\r\n", [("D", DEFAULT_DURATION_MS)]),
        ("application/dtmf", b"12", []),
        ("application/media_control+xml", b"Signal=5", []),
    ],
)
def test_digits_are_read(content_type: str, body: bytes, digits: list[tuple[str, int]]) -> None:
    assert digits_in_info(info(content_type, body)) == digits


@pytest.mark.virtual_time
async def test_digits_are_sent_one_after_the_other() -> None:
    loop = asyncio.get_running_loop()
    sent: list[tuple[float, bytes]] = []
    begun = loop.time()
    DigitsByInfo(lambda body: sent.append((loop.time() - begun, body)), loop).send("1w2", 100)
    await asyncio.sleep(5)
    assert sent == [
        (0.0, b"Signal=1\r\nDuration=100\r\n"),
        (pytest.approx(0.65), b"Signal=2\r\nDuration=100\r\n"),
    ]


@pytest.mark.parametrize(
    ("delay", "gap"),
    [
        (None, 50),
        ("", 50),
        ("soon", 50),
        ("-5", 50),
        ("0", 0),
        ("200", 200),
        ("9" * 9, LONGEST_GAP_MS),
    ],
)
def test_the_pause_between_digits_is_what_is_asked_for(delay: str | None, gap: int) -> None:
    assert gap_ms(delay) == gap
