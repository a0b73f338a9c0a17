"""A finished recording becomes a message: row, events, mail, copies for others."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.modules.voicemail import notices
from softswitch.modules.voicemail.mailbox import Mailbox
from softswitch.modules.voicemail.recorder import keep
from softswitch.modules.voicemail.store import NORMAL, Message, StoreError

if TYPE_CHECKING:
    from softswitch.modules.voicemail.service import Service
    from softswitch.switch.session import Session


class Delivery(Enum):
    """What became of a letter."""

    KEPT = auto()
    MAILED = auto()
    """It went out by mail alone; its file is the caller's to remove."""
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Letter:
    """What is delivered: a finished file, who it is from, and how."""

    uuid: str
    path: Path
    seconds: int
    cid_name: str
    cid_number: str
    created: int
    urgency: str = NORMAL
    forwarded_by: str = ""

    @classmethod
    def forwarding(cls, service: Service, box: Mailbox, message: Message) -> Letter:
        """A copy of one of a mailbox's messages, for another mailbox."""
        return cls(
            service.switch.new_uuid(),
            Path(message.path),
            message.seconds,
            message.cid_name,
            message.cid_number,
            service.switch.now_us() // 1_000_000,
            message.urgency,
            forwarded_by=box.address,
        )


async def deliver(
    service: Service, box: Mailbox, letter: Letter, session: Session | None = None
) -> Delivery:
    """Put a letter into a mailbox and tell of it; a log line says why where that failed.

    The file must be in the mailbox's folder. Mail goes out by itself afterwards, and is tried
    again until it is taken. As in FreeSWITCH a message that is mailed away is told to nobody.
    """
    message = Message(
        box.id,
        box.domain,
        letter.uuid,
        letter.created,
        letter.cid_name,
        letter.cid_number,
        str(letter.path),
        letter.seconds,
        urgency=letter.urgency,
        forwarded_by=letter.forwarded_by,
    )
    mailed_away = await service.mail(box, message, session)
    if not mailed_away:
        try:
            await box.store.add(message)
        except StoreError as error:
            service.log.error("voicemail for %s: %s; its file is %s", box, error, letter.path)
            return Delivery.FAILED
    service.log.info(
        "%s <%s> left a message of %d s for %s",
        letter.cid_name,
        letter.cid_number,
        letter.seconds,
        box.address,
    )
    if mailed_away:
        return Delivery.MAILED
    notices.left(service.switch, message, session)
    await notices.update(service.switch, box, "NEW")
    return Delivery.KEPT


async def copy_to(
    service: Service, box: Mailbox, letter: Letter, session: Session | None = None
) -> bool:
    """Deliver a copy of a letter into another mailbox."""
    loop = service.switch.loop
    path = box.message(letter.uuid).with_suffix(letter.path.suffix)
    try:
        await loop.run_in_executor(None, _copy, letter.path, path)
    except OSError as error:
        service.log.error("voicemail for %s: %s", box, error)
        return False
    delivery = await deliver(service, box, replace(letter, path=path), session)
    if delivery is Delivery.MAILED:
        await service.forget_file(path)
    return delivery is not Delivery.FAILED


async def remove(box: Mailbox, message: Message) -> None:
    """Forget a message, then its file."""
    await box.store.remove(message)
    path = Path(message.path)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, lambda: path.unlink(missing_ok=True))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"tmp_{target.name}")
    shutil.copyfile(source, draft)
    keep(draft, target)
