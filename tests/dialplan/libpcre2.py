"""The system's PCRE2 by ctypes: the reference that the rewriter is held against."""

from __future__ import annotations

import ctypes
import ctypes.util

_UNSET = ctypes.c_size_t(-1).value


class LibraryAbsent(Exception):
    """This machine has no libpcre2-8."""


class BadPattern(Exception):
    """PCRE2 refused the pattern."""


def load() -> ctypes.CDLL:
    """The library, its functions typed; raises ``LibraryAbsent``."""
    name = ctypes.util.find_library("pcre2-8") or "libpcre2-8.so.0"
    try:
        library = ctypes.CDLL(name)
    except OSError as error:
        raise LibraryAbsent(str(error)) from error
    void, size, uint32 = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint32
    integer = ctypes.POINTER(ctypes.c_int)
    library.pcre2_compile_8.restype = void
    library.pcre2_compile_8.argtypes = [
        ctypes.c_char_p, size, uint32, integer, ctypes.POINTER(size), void,
    ]  # fmt: skip
    library.pcre2_match_data_create_from_pattern_8.restype = void
    library.pcre2_match_data_create_from_pattern_8.argtypes = [void, void]
    library.pcre2_match_8.argtypes = [
        void, ctypes.c_char_p, size, size, uint32, void, void,
    ]  # fmt: skip
    library.pcre2_get_ovector_pointer_8.restype = ctypes.POINTER(size)
    library.pcre2_get_ovector_pointer_8.argtypes = [void]
    library.pcre2_match_data_free_8.argtypes = [void]
    library.pcre2_code_free_8.argtypes = [void]
    library.pcre2_get_error_message_8.argtypes = [ctypes.c_int, ctypes.c_char_p, size]
    return library


class Pattern:
    """One compiled pattern, without options unless given."""

    def __init__(self, library: ctypes.CDLL, pattern: bytes, options: int = 0) -> None:
        self._library = library
        code, offset = ctypes.c_int(), ctypes.c_size_t()
        self._code = library.pcre2_compile_8(
            pattern, len(pattern), options, ctypes.byref(code), ctypes.byref(offset), None
        )
        if not self._code:
            text = ctypes.create_string_buffer(256)
            library.pcre2_get_error_message_8(code, text, 256)
            raise BadPattern(f"{text.value.decode()} at {offset.value}")
        self._data = library.pcre2_match_data_create_from_pattern_8(self._code, None)

    def match(self, subject: bytes) -> list[bytes | None] | None:
        """The groups up to the highest one that matched, None without a match."""
        count = self._library.pcre2_match_8(
            self._code, subject, len(subject), 0, 0, self._data, None
        )
        if count < 0:
            return None
        vector = self._library.pcre2_get_ovector_pointer_8(self._data)
        return [
            None if vector[2 * n] == _UNSET else subject[vector[2 * n] : vector[2 * n + 1]]
            for n in range(count)
        ]

    def partial(self, subject: bytes) -> int:
        """1 for a match, 0 when more text could make one (soft), -1 otherwise."""
        count = self._library.pcre2_match_8(
            self._code, subject, len(subject), 0, 0x00000010, self._data, None
        )
        return 1 if count >= 0 else 0 if count == -2 else -1

    def __del__(self) -> None:
        if getattr(self, "_code", None):
            self._library.pcre2_match_data_free_8(self._data)
            self._library.pcre2_code_free_8(self._code)
