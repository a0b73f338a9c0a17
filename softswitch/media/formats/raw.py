"""Files without a header: the extension says what the bytes are."""

from __future__ import annotations

from functools import partial
from typing import Any

from softswitch.media.formats.sndfile import decode_file
from softswitch.media.source import DecodedFile, FileRequest, SourceSpec
from softswitch.registry import file_format

_ULAW = {"subtype": "ULAW", "samplerate": 8000}
_ALAW = {"subtype": "ALAW", "samplerate": 8000}
LAYOUTS: dict[str, dict[str, Any]] = {
    "pcmu": _ULAW,
    "ul": _ULAW,
    "ulaw": _ULAW,
    "pcma": _ALAW,
    "al": _ALAW,
    "alaw": _ALAW,
    "gsm": {"subtype": "GSM610", "samplerate": 8000},
    "l16": {"subtype": "PCM_16", "samplerate": 8000},
    "raw": {"subtype": "PCM_16", "samplerate": 8000},
    "r8": {"subtype": "PCM_16", "samplerate": 8000},
    "r16": {"subtype": "PCM_16", "samplerate": 16000},
    "r24": {"subtype": "PCM_16", "samplerate": 24000},
    "r32": {"subtype": "PCM_16", "samplerate": 32000},
    "r48": {"subtype": "PCM_16", "samplerate": 48000},
}
"""What the bytes are, by extension; one channel."""


@file_format(*LAYOUTS, module="mod_native_file")
def open_raw(request: FileRequest) -> SourceSpec:
    """Headerless mono: mu-law, A-law, GSM and 16-bit linear (r16 is 16 kHz)."""
    layout = LAYOUTS[request.path.suffix[1:].lower()]
    decode = partial(decode_file, format="RAW", channels=1, endian="LITTLE", **layout)
    return DecodedFile.of(request.path, decode)
