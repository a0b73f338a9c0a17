"""Mail on its way: kept on disk until a server has taken it, tried again while none does."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import smtplib
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from softswitch.modules.voicemail.letters import Mail
from softswitch.modules.voicemail.settings import EmailSettings, read_profiles

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_DELAY = 30.0
LONGEST_DELAY = 3600.0
"""Seconds between attempts: each time twice as long."""
PATIENCE = 30.0
"""Seconds that a server may take for each step."""
SMTP_PORT, TLS_PORT = 25, 465

Send = Callable[[EmailSettings, Mail], None]


class Refused(Exception):
    """The server will never take this mail; the message says why."""


class Outbox:
    """The mails of one switch, in a folder of their own."""

    def __init__(self, switch: Switch, send: Send | None = None) -> None:
        self._switch = switch
        self._send = send or send_mail
        self._task: asyncio.Task[None] | None = None
        self._work = asyncio.Event()
        self.waiting = 0
        """Mails that no server has taken yet."""

    def __repr__(self) -> str:
        return f"<Outbox {self.waiting} mails wait>"

    @property
    def folder(self) -> Path:
        """Where mails wait."""
        return self._switch.folders.data / "mail"

    async def start(self) -> None:
        """Go on with what was left."""
        if await self._run(self._list):
            self._begin()

    async def stop(self) -> None:
        """Stop sending; what waits stays in the folder."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
            self._task = None

    async def put(self, mail: Mail) -> bool:
        """Keep a mail on disk, to be sent soon; False, with a log line, where that failed."""
        try:
            await self._run(lambda: self._keep(mail))
        except OSError as error:
            log.error("the mail to %s cannot be kept: %s", mail.recipient, error)
            return False
        self._begin()
        return True

    def _begin(self) -> None:
        self._work.set()
        if self._task is None or self._task.done():
            loop = self._switch.loop
            self._task = loop.create_task(self._send_all(), name="voicemail outbox")
            self._switch.own(self._task)

    async def _send_all(self) -> None:
        """Until all is sent: one attempt for each mail, then a pause."""
        delay = FIRST_DELAY
        while waiting := await self._run(self._list):
            self.waiting = len(waiting)
            self._work.clear()
            sent = [await self._attempt(path) for path in waiting]
            if all(sent):
                delay = FIRST_DELAY
                continue
            try:
                async with asyncio.timeout(delay):
                    await self._work.wait()
            except TimeoutError:
                delay = min(delay * 2, LONGEST_DELAY)
        self.waiting = 0

    async def _attempt(self, path: Path) -> bool:
        """Send one mail; True if it need not be tried again."""
        try:
            mail = await self._run(lambda: _read(path))
            settings = self._settings(mail.profile)
            await self._run(lambda: self._send(settings, mail))
        except (Refused, ValueError, KeyError) as error:
            failed = path.with_suffix(".refused")
            log.error("a voicemail's mail was refused for good: %s; it is %s", error, failed)
            await self._run(lambda: path.replace(failed))
            return True
        except OSError as error:
            log.warning("a voicemail's mail could not be sent and is tried again: %s", error)
            return False
        await self._run(lambda: path.unlink(missing_ok=True))
        log.info("mailed a voicemail to %s", mail.recipient)
        return True

    def _settings(self, profile: str) -> EmailSettings:
        profiles = read_profiles(self._switch.generation.configuration)[0]
        found = profiles.get(profile)
        return found.email if found is not None else next(iter(profiles.values())).email

    def _list(self) -> list[Path]:
        return sorted(self.folder.glob("*.mail")) if self.folder.is_dir() else []

    def _keep(self, mail: Mail) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{self._switch.now_us()}-{uuid.uuid4().hex}"
        draft = self.folder / f"{name}.tmp"
        envelope = {"profile": mail.profile, "from": mail.sender, "to": mail.recipient}
        with draft.open("wb") as file:
            file.write(json.dumps(envelope).encode() + b"\n" + mail.data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / f"{name}.mail")

    async def _run(self, work: Callable[[], T]) -> T:
        return await self._switch.loop.run_in_executor(None, work)


def _read(path: Path) -> Mail:
    envelope, _, data = path.read_bytes().partition(b"\n")
    fields = json.loads(envelope)
    return Mail(fields["profile"], fields["from"], fields["to"], data)


def send_mail(settings: EmailSettings, mail: Mail) -> None:
    """Give a mail to the server; blocks.

    Raises `Refused` where it will not take it, OSError where it may another time.
    """
    host, _, port = settings.smtp_server.partition(":")
    secure = settings.smtp_tls == "on"
    kind = smtplib.SMTP_SSL if secure else smtplib.SMTP
    number = int(port) if port.isdigit() else (TLS_PORT if secure else SMTP_PORT)
    try:
        with kind(host, number, timeout=PATIENCE) as server:
            if settings.smtp_tls == "starttls":
                server.starttls()
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            server.sendmail(mail.sender, [mail.recipient], mail.data)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = error.recipients.get(mail.recipient, (550, b""))
        _judge(code, text)
    except smtplib.SMTPResponseException as error:
        _judge(error.smtp_code, error.smtp_error)


def _judge(code: int, text: bytes | str) -> None:
    """What an answer of a server means: 5xx is for good (RFC 5321 §4.2.1)."""
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    reason = f"{code} {' '.join(said.split())}"
    if 500 <= code < 600:
        raise Refused(reason)
    raise OSError(reason)
