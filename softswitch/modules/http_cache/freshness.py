"""How long an answer may be used again (RFC 9111 §4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

LONGEST_SECONDS = 365 * 86_400


def lifetime(headers: Mapping[str, str], now: float, default: float) -> float:
    """Seconds from ``now`` (seconds since 1970) that an answer with these headers is fresh."""
    directives = {}
    for item in headers.get("Cache-Control", "").split(","):
        name, _, value = item.strip().partition("=")
        directives[name.lower()] = value.strip().strip('"')
    if "no-cache" in directives or "no-store" in directives:
        return 0.0
    for name in ("s-maxage", "max-age"):
        if directives.get(name, "").isdigit():
            age = headers.get("Age", "")
            spent = float(age) if age.isdigit() and len(age) < 10 else 0.0
            return min(max(float(directives[name]) - spent, 0.0), LONGEST_SECONDS)
    if "Expires" in headers:
        try:
            return min(max(parsedate_to_datetime(headers["Expires"]).timestamp() - now, 0.0), 3e7)
        except (TypeError, ValueError, OverflowError):
            return 0.0  # RFC 9111 §5.3: an invalid date is in the past
    return default


def may_be_kept(headers: Mapping[str, str]) -> bool:
    """Whether the server lets a copy be kept at all."""
    return "no-store" not in headers.get("Cache-Control", "").lower()
