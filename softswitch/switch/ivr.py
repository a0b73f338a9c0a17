"""What applications use for sound and keys: play, record and collect digits.

Each of them ends at a break of the call, and by cancellation when the call is hung up or
moved; nothing plays or records on after that.
"""

from __future__ import annotations

from softswitch.switch.collecting import (
    Collected,
    collect_digits,
    play_and_collect,
)
from softswitch.switch.playing import (
    EVERY_KEY,
    DigitHandler,
    PlayResult,
    keep_first,
    play,
    play_speech,
    plays,
    sound_path,
    terminators_of,
)
from softswitch.switch.record_file import (
    RecordResult,
    record,
)

__all__ = [
    "EVERY_KEY",
    "Collected",
    "DigitHandler",
    "PlayResult",
    "RecordResult",
    "collect_digits",
    "keep_first",
    "play",
    "play_and_collect",
    "play_speech",
    "plays",
    "record",
    "sound_path",
    "terminators_of",
]
