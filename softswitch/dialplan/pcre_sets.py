"""Sets of byte values, as PCRE2's classes have them without its Unicode mode."""

from __future__ import annotations

import re
import string
import unicodedata

ByteSet = frozenset[int]

_CATEGORY = re.compile("C[cfnos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?")

ALL: ByteSet = frozenset(range(256))
NEWLINE: ByteSet = frozenset((0x0A,))
DIGIT: ByteSet = frozenset(range(0x30, 0x3A))
WORD: ByteSet = frozenset(map(ord, string.ascii_letters + string.digits + "_"))
SPACE: ByteSet = frozenset((9, 10, 11, 12, 13, 32))
HORIZONTAL: ByteSet = frozenset((9, 32, 0xA0))
VERTICAL: ByteSet = frozenset((10, 11, 12, 13, 0x85))

ESCAPES: dict[str, ByteSet] = {
    "d": DIGIT,
    "D": ALL - DIGIT,
    "w": WORD,
    "W": ALL - WORD,
    "s": SPACE,
    "S": ALL - SPACE,
    "h": HORIZONTAL,
    "H": ALL - HORIZONTAL,
    "v": VERTICAL,
    "V": ALL - VERTICAL,
}
"""What ``\\d`` and its like stand for."""

POSIX: dict[str, ByteSet] = {
    "alpha": frozenset(map(ord, string.ascii_letters)),
    "lower": frozenset(map(ord, string.ascii_lowercase)),
    "upper": frozenset(map(ord, string.ascii_uppercase)),
    "alnum": WORD - {ord("_")},
    "ascii": frozenset(range(128)),
    "blank": frozenset((9, 32)),
    "cntrl": frozenset((*range(32), 127)),
    "digit": DIGIT,
    "graph": frozenset(range(33, 127)),
    "print": frozenset(range(32, 127)),
    "punct": frozenset(map(ord, string.punctuation)),
    "space": SPACE,
    "word": WORD,
    "xdigit": frozenset(map(ord, string.hexdigits)),
}
"""What ``[:alpha:]`` and its like stand for, in the C locale."""


def property_set(name: str) -> ByteSet | None:
    """What ``\\p{name}`` stands for, None when it is no general category we know."""
    categories = {code: unicodedata.category(chr(code)) for code in range(256)}
    match name:
        case "Any":
            return ALL
        case "L&":
            return frozenset(c for c, kind in categories.items() if kind in ("Lu", "Ll", "Lt"))
        case "Xan":
            return frozenset(c for c, kind in categories.items() if kind[0] in "LN")
        case "Xwd":
            return frozenset(c for c, kind in categories.items() if kind[0] in "LN" or c == 0x5F)
        case "Xsp" | "Xps":
            return SPACE | HORIZONTAL | VERTICAL
    if not _CATEGORY.fullmatch(name):
        return None
    return frozenset(code for code, kind in categories.items() if kind.startswith(name))


def fold(members: ByteSet) -> ByteSet:
    """``members`` with both cases of each ASCII letter."""
    letters = POSIX["alpha"] & members
    return members | {code ^ 0x20 for code in letters}


def pattern_of(members: ByteSet) -> str:
    """The class as a pattern of the ``regex`` package; always one item."""
    if not members:
        return "(?!)"
    if len(members) == 1:
        return escape(next(iter(members)))
    ordered = sorted(members)
    ranges: list[list[int]] = []
    for code in ordered:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    pieces = [
        escape(low) if low == high else f"{escape(low)}-{escape(high)}" for low, high in ranges
    ]
    return f"[{''.join(pieces)}]"


def escape(code: int) -> str:
    """One byte value as a pattern that means only itself."""
    character = chr(code)
    return character if character.isascii() and character.isalnum() else f"\\x{code:02x}"
