"""Asking a format what it makes of an argument."""

from __future__ import annotations

from pathlib import Path

from softswitch.media.source import FileRequest, SourceSpec, Specification
from softswitch.registry import discover, file_format


def ask(text: str, prefix: Path = Path()) -> SourceSpec:
    """What the registered format of the scheme or extension answers."""
    discover("softswitch.media.formats")
    specification = Specification.parse(text)
    name = f"{specification.scheme}://" if specification.scheme else Path(text).suffix[1:]
    entry = file_format.find(name)
    assert entry is not None, f"no format is registered for {name}"
    answer: SourceSpec = entry.target(FileRequest(specification, 8000, prefix))
    return answer
