"""WAV files, read by the engine itself while they play."""

from __future__ import annotations

from softswitch.media.source import FileRequest, SourceSpec, WavFile
from softswitch.registry import file_format


@file_format("wav", "wave", module="mod_sndfile")
def open_wav(request: FileRequest) -> SourceSpec:
    """WAV: PCM, float, mu-law and A-law of any rate and channels."""
    return WavFile(request.path)
