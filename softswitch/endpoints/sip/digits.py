"""DTMF carried by INFO: ``application/dtmf-relay`` and ``application/dtmf``."""

from __future__ import annotations

import re

from softswitch.sip.message import Request

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
