"""``file://``: a local file named by a URI (RFC 8089)."""

from __future__ import annotations

from urllib.parse import unquote

from softswitch.media.source import FileRequest, Parts, SourceError, SourceSpec
from softswitch.registry import file_format


@file_format("file://", syntax="file://[localhost]/<path>", module="mod_dptools")
def open_file_uri(request: FileRequest) -> SourceSpec:
    """A local file named by a URI, e.g. file:///var/sounds/good%20day.wav"""
    body = request.specification.body
    host, slash, path = body.partition("/")
    if host not in ("", "localhost") or not slash:
        raise SourceError(request.specification, "only absolute paths of this host are served.")
    if "%2f" in body.lower():
        raise SourceError(request.specification, "an escaped '/' is not accepted.")
    return Parts((f"/{unquote(path)}",))
