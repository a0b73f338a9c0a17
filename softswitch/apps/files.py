"""Files and folders: ``mkdir`` and ``rename``."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from softswitch.dialplan.arguments import split
from softswitch.registry import ApplicationFlag, application
from softswitch.switch.session import Session

_NO_MEDIA = ApplicationFlag.NO_MEDIA


@application("mkdir", syntax="<path>", flags=_NO_MEDIA, module="mod_dptools")
async def mkdir(session: Session, data: str) -> None:
    """Make a folder, and those above it that are missing."""
    if not data.strip():
        session.log.error("mkdir: <path> is missing")
        return
    try:
        await session.switch.loop.run_in_executor(
            None, lambda: Path(data.strip()).mkdir(parents=True, exist_ok=True)
        )
    except OSError as error:
        session.log.error("mkdir: %s", error)


@application(
    "rename",
    syntax="<from_path> <to_path>",
    flags=_NO_MEDIA | ApplicationFlag.ZOMBIE,
    module="mod_dptools",
)
async def rename(session: Session, data: str) -> None:
    """Move a file; what stood at the new path is replaced."""
    words = split(data, " ", 2)
    if len(words) != 2:
        session.log.error("rename: <from_path> <to_path> wanted, not %r", data)
        return
    try:
        await session.switch.loop.run_in_executor(None, _move, words[0], words[1])
    except OSError as error:
        session.log.error("rename: %s", error)


def _move(source: str, target: str) -> None:
    try:
        os.replace(source, target)
    except OSError:
        # Another file system: copy, then remove.
        shutil.move(source, target)
