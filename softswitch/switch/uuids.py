"""New ids of calls: random ones, or (``uuid-version`` 7) ones that sort by their time.

RFC 9562 §5.4 and §5.7. Made as text, without the object that ``uuid.uuid4`` makes: each call
needs several.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

_RANDOM = ~(0xF << 76 | 0x3 << 62)


def uuid4() -> str:
    """A random id."""
    return _text(int.from_bytes(os.urandom(16), "big"), 4)


def uuid7() -> str:
    """An id that begins with the time in milliseconds."""
    milliseconds = time.time_ns() // 1_000_000
    return _text(milliseconds << 80 | int.from_bytes(os.urandom(10), "big"), 7)


def _text(number: int, version: int) -> str:
    text = f"{number & _RANDOM | version << 76 | 0x2 << 62:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


MAKERS: Mapping[str, Callable[[], str]] = {"4": uuid4, "7": uuid7}
"""By version, as ``uuid-version`` and ``fsctl uuid_version`` name it."""
