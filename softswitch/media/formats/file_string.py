"""``file_string://``: several files and streams one after the other."""

from __future__ import annotations

from softswitch.media.source import FileRequest, Parts, SourceError, SourceSpec
from softswitch.registry import file_format

MOST_PARTS = 128


@file_format("file_string://", syntax="file_string://<a>!<b>!…", module="mod_dptools")
def open_file_string(request: FileRequest) -> SourceSpec:
    """Several things in order, e.g. file_string://ivr/hello.wav!silence_stream://500!bye.wav"""
    parts = tuple(part for part in request.specification.body.split("!") if part.strip())
    if not 1 <= len(parts) <= MOST_PARTS:
        raise SourceError(request.specification, f"it has {len(parts)} parts, not 1 to 128.")
    return Parts(parts)
