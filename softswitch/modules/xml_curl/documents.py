"""Answers as elements; an answer that comes again is not parsed again."""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.config.element import Element
from softswitch.config.fetched import read_fetched

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

MOST_BYTES = 8 * 1024 * 1024
"""Text of all answers whose elements are kept."""


class Documents:
    """Parses answers off the loop and keeps the latest of them."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self._kept: OrderedDict[bytes, tuple[Element, int]] = OrderedDict()
        self._bytes = 0
        self.folder: Path | None = None
        """Where each answer is written for a person to read; None is nowhere."""

    def __repr__(self) -> str:
        return f"<Documents {len(self._kept)} kept, {self._bytes} bytes>"

    async def read(self, data: bytes, origin: str) -> Element:
        """The document in an answer. Raises ``ConfigurationErrors``."""
        loop = self._switch.loop
        if self.folder is not None:
            path = self.folder / f"{self._switch.new_uuid()}.tmp.xml"
            await loop.run_in_executor(None, _write, path, data)
            log.info("XML response is in %s", path)
        name = hashlib.blake2b(data, digest_size=16).digest()
        if kept := self._kept.get(name):
            self._kept.move_to_end(name)
            return kept[0]
        globals = dict(self._switch.globals)
        root, findings = await loop.run_in_executor(None, read_fetched, data, origin, globals)
        for finding in findings:
            log.debug("%s", finding)
        # What depends on variables may mean something else when it comes again.
        if b"$${" not in data:
            self._keep(name, root, len(data))
        return root

    def _keep(self, name: bytes, root: Element, size: int) -> None:
        if name in self._kept or size > MOST_BYTES:
            return
        self._kept[name] = root, size
        self._bytes += size
        while self._bytes > MOST_BYTES:
            _, (_, freed) = self._kept.popitem(last=False)
            self._bytes -= freed


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # It may hold passwords.
    path.touch(mode=0o600)
    path.write_bytes(data)
