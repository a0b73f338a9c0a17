"""``silence_stream://``: silence or comfort noise for a time, or without end."""

from __future__ import annotations

from softswitch.media.source import FileRequest, Silence, SourceError, SourceSpec
from softswitch.registry import file_format

LONGEST_MS = 24 * 3600 * 1000


@file_format(
    "silence_stream://", syntax="silence_stream://<ms>[,<divisor>]", module="mod_tone_stream"
)
def open_silence_stream(request: FileRequest) -> SourceSpec:
    """Silence of so many ms (negative: endless); a divisor makes it noise, bigger is quieter."""
    length, _, divisor = request.specification.body.partition(",")
    try:
        milliseconds, noise = int(length), int(divisor or 0)
    except ValueError:
        raise SourceError(request.specification, "<ms>[,<divisor>] are whole numbers.") from None
    if milliseconds == 0 or milliseconds > LONGEST_MS:
        raise SourceError(request.specification, f"its length is 1 to {LONGEST_MS} ms.")
    return Silence(max(milliseconds, -1), min(max(noise, 0), 2**31 - 1))
