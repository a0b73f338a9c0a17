"""Reading a configuration file as text: UTF-8, or the encoding its XML declaration names.

A byte that is neither is read as ISO-8859-1 and told of: FreeSWITCH takes files as they are.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from softswitch.config.errors import Finding, Severity

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.\-]+)["']""")
_MARKS = {
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_SINGLE_BYTES = "softswitch-iso-8859-1"


def _single_bytes(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error(_SINGLE_BYTES, _single_bytes)


def read_text(path: Path) -> tuple[str, Finding | None]:
    """The file's text, and what is wrong with it; no text where it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        return "", Finding(
            str(path),
            0,
            0,
            "P206",
            f"the file cannot be read: {reason}",
            "check the file's owner and mode" if isinstance(error, PermissionError) else "",
        )
    return decode(data, str(path))


def decode(data: bytes, path: str) -> tuple[str, Finding | None]:
    """The text that bytes stand for, and what is wrong with it; ``path`` names them in that."""
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            hint = f"save it as UTF-8: iconv -f {name} -t UTF-8 FILE"
            return "", Finding(path, 1, 1, "X116", f"the file is in {name}", hint)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode(), None
    except UnicodeDecodeError as error:
        declared = _DECLARED.match(data)
        if declared and declared[1].lower() not in (b"utf-8", b"utf8"):
            try:
                return data.decode(declared[1].decode("ascii")), None
            except (LookupError, UnicodeDecodeError):
                pass
        return data.decode(errors=_SINGLE_BYTES), _not_utf8(path, data, error.start)


def _not_utf8(path: str, data: bytes, position: int) -> Finding:
    line = data.count(b"\n", 0, position) + 1
    start = data.rfind(b"\n", 0, position) + 1
    column = len(data[start:position].decode()) + 1
    end = data.find(b"\n", position)
    text = data[start : end if end >= 0 else None].decode("latin-1")
    return Finding(
        path,
        line,
        column,
        "X116",
        f"the byte 0x{data[position]:02x} is not UTF-8: it is read as {chr(data[position])!r}",
        "save the file as UTF-8, or name its encoding in its first line: "
        '<?xml version="1.0" encoding="ISO-8859-1"?>',
        text,
        Severity.WARNING,
    )
