"""``tone_stream://``: tones in FreeSWITCH's tone language (TGML)."""

from __future__ import annotations

import logging
from functools import lru_cache

from softswitch.media._engine import check_tone
from softswitch.media.source import FileRequest, SourceError, SourceSpec, Tone
from softswitch.registry import file_format

log = logging.getLogger(__name__)

LONGEST_SCRIPT = 64 * 1024
"""Bytes read of a script in a file."""


@file_format("tone_stream://", syntax="tone_stream://<tgml>[;loops=<n>]", module="mod_tone_stream")
def open_tone_stream(request: FileRequest) -> SourceSpec:
    """Tones, e.g. tone_stream://%(400,200,400,450);%(400,2000,400,450);loops=-1"""
    script = request.specification.body
    if script[: len("path=")].lower() == "path=":
        script, semicolon, loops = script[len("path=") :].partition(";")
        script = _read(request.prefix / script, request) + semicolon + loops
    _tell(script)
    loops = request.specification.parameters.get("loops", "")
    # It wins over a count within the script.
    return Tone(f"{{loops={loops}}}{script}" if loops else script)


@lru_cache(1024)
def _tell(script: str) -> None:
    """Say once what of a script is passed over."""
    try:
        passed_over = check_tone(script)
    except ValueError:
        # Whoever plays it is told.
        return
    if passed_over:
        log.warning("tone_stream://%s: passed over: %s", script, "; ".join(passed_over))


def _read(path: object, request: FileRequest) -> str:
    """The lines of a file as segments of one script."""
    try:
        with open(str(path), encoding="utf-8") as file:
            return ";".join(line.strip() for line in file.read(LONGEST_SCRIPT).splitlines())
    except UnicodeDecodeError:
        raise SourceError(request.specification, "its script is not text.") from None
