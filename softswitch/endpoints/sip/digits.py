"""DTMF carried by INFO: ``application/dtmf-relay`` and ``application/dtmf``."""

from __future__ import annotations

import re
from asyncio import AbstractEventLoop
from collections.abc import Callable

from softswitch.sip.message import Request

PAUSES = {"w": 0.5, "W": 1.0}
"""Seconds of the pauses among digits."""
GAP_SECONDS = 0.05
LONGEST_GAP_MS = 10_000

_SIGNAL = re.compile(r"(?im)^\s*signal\s*=\s*([0-9*#a-d])\s*$")
_DURATION = re.compile(r"(?im)^\s*duration\s*=\s*(\d{1,5})\s*$")
DEFAULT_DURATION_MS = 250
LONGEST_MS = 24_000


def digits_in_info(request: Request) -> list[tuple[str, int]]:
    """Digits and their durations in milliseconds; empty for any other INFO."""
    text = request.body.decode("ascii", "replace")
    if request.content_type == "application/dtmf":
        digit = text.strip().upper()
        return [(digit, DEFAULT_DURATION_MS)] if re.fullmatch(r"[0-9*#A-D]", digit) else []
    if request.content_type != "application/dtmf-relay":
        return []
    signal = _SIGNAL.search(text)
    if signal is None:
        return []
    duration = _DURATION.search(text)
    milliseconds = int(duration[1]) if duration else DEFAULT_DURATION_MS
    return [(signal[1].upper(), min(milliseconds or DEFAULT_DURATION_MS, LONGEST_MS))]


def gap_ms(delay: str | None) -> int:
    """The pause between digits in milliseconds that ``rtp_digit_delay`` asks for."""
    if delay and delay.isdecimal():
        return min(int(delay), LONGEST_GAP_MS)
    return round(GAP_SECONDS * 1000)


class DigitsByInfo:
    """Sends digits one after the other, each when the one before would have ended."""

    def __init__(self, send: Callable[[bytes], None], loop: AbstractEventLoop) -> None:
        self._send = send
        self._loop = loop

    def send(self, digits: str, duration_ms: int) -> None:
        """The first goes at once; ``w`` and ``W`` pause."""
        at = 0.0
        for digit in digits:
            if digit in PAUSES:
                at += PAUSES[digit]
                continue
            body = f"Signal={digit}\r\nDuration={duration_ms}\r\n".encode()
            if at == 0:
                self._send(body)
            else:
                self._loop.call_later(at, self._send, body)
            at += duration_ms / 1000 + GAP_SECONDS
