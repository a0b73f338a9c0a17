"""Where the switch reads and writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders that a switch was started with."""

    conf: Path
    data: Path
    sounds: Path

    @property
    def recordings(self) -> Path:
        """Where recordings go whose path is relative."""
        return self.data / "recordings"
