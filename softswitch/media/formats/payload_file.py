"""Files that hold payloads of a codec of ours and nothing else, as ``mod_native_file`` has them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from softswitch.media.source import DecodedFile, FileRequest, SourceSpec
from softswitch.registry import file_format

RATES: Mapping[str, int] = {
    "g722": 16000,
    **{f"g726-{kilobits}": 8000 for kilobits in (16, 24, 32, 40)},
}
"""Samples a second by extension, which in upper case is the codec's name."""
_CLOCK_RATE = 8000
_WHOLE = 8 * 2
"""Bytes of samples that fill whole bytes of any of these codecs."""


@file_format(*RATES, module="mod_native_file")
def open_payloads(request: FileRequest) -> SourceSpec:
    """Payloads without a header: G.722 (16 kHz) and G.726 (``.G726-32`` and others)."""
    return DecodedFile.of(request.path, decode_payloads)


def decode_payloads(path: Path) -> tuple[bytes, int]:
    """Mono 16-bit samples of such a file and their rate."""
    from softswitch.media._engine import decode

    return decode(path.suffix[1:].upper(), _CLOCK_RATE, path.read_bytes())


class PayloadFile:
    """One that is written."""

    def __init__(self, path: Path, *, append: bool = False) -> None:
        from softswitch.media._engine import Encoder

        self._encoder = Encoder(path.suffix[1:].upper(), _CLOCK_RATE)
        self._file: BinaryIO = path.open("ab" if append else "wb")
        self._held = b""

    def write(self, samples: bytes) -> None:
        """Add 16-bit samples of the one channel there is; they are in the file at once."""
        self._held += samples
        whole = len(self._held) - len(self._held) % _WHOLE
        self._file.write(self._encoder.encode(self._held[:whole]))
        self._held = self._held[whole:]
        self._file.flush()

    def close(self) -> None:
        """Write what is left. Raises OSError where the disk is full."""
        with self._file:
            self._file.write(self._encoder.encode(self._held))
