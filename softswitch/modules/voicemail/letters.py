"""Messages as mail: which mails a message makes, written from the operator's templates."""

from __future__ import annotations

import html
import logging
import mimetypes
import re
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_string
from email.message import Message as MimePart
from email.mime.audio import MIMEAudio
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formatdate, parseaddr
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.modules.voicemail.mailbox import Mailbox
from softswitch.modules.voicemail.store import Message
from softswitch.switch import time_text

if TYPE_CHECKING:
    from softswitch.modules.voicemail.settings import Profile
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)
CONVERTING = 60
"""Seconds that a program may take to make another file of a message."""
_REFERENCE = re.compile(r"\$\{([\w-]+)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_NORTH_AMERICAN = re.compile(r"\+?1?([0-9]{3})([0-9]{3})([0-9]{4})")
_OWN = frozenset({"content-type", "content-transfer-encoding", "mime-version"})

DEFAULT_TEMPLATE = """From: "${voicemail_caller_id_name}" <${voicemail_from}>
To: <${voicemail_email}>
Date: ${RFC2822_DATE}
Subject: Voicemail from "${voicemail_caller_id_name}" <${voicemail_caller_id_number}> ${voicemail_message_len}
X-Priority: ${voicemail_priority}

${voicemail_caller_id_name} <${voicemail_caller_id_number}> left a message for ${voicemail_account}@${voicemail_domain}.

Received: ${voicemail_time}
Length:   ${voicemail_message_len}
New messages: ${voicemail_total_new_messages}
"""  # noqa: E501


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it goes to the server, and the profile whose server takes it."""

    profile: str
    sender: str
    recipient: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Template:
    """What a mail is written from: a file, else the profile's own words, else ours."""

    file: Path | None
    headers: str
    body: str

    @classmethod
    def of(cls, switch: Switch, file: str, headers: str, body: str) -> Template:
        """``file`` lies in the configuration's folder; empty for none."""
        return cls(switch.folders.conf / file if file else None, headers, body)

    def read(self) -> str:
        """Headers, an empty line and the body; blocks. A file that cannot be read is none."""
        if self.file is not None:
            try:
                text = self.file.read_text("utf-8", "replace")
                return text.replace("\r\n", "\n").lstrip("\n")
            except OSError as error:
                log.warning("a mail's template cannot be read: %s", error)
        head, _, body = DEFAULT_TEMPLATE.partition("\n\n")
        lines = [line.strip() for line in self.headers.splitlines() if line.strip()]
        return "\n".join(lines or [head]) + "\n\n" + (self.body or body)


@dataclass(frozen=True, slots=True)
class Sound:
    """A message's file, and the program that makes another one of it for mails."""

    path: Path
    command: str
    extension: str

    @classmethod
    def of(cls, box: Mailbox, path: str) -> Sound:
        """As the user or the profile says."""
        settings = box.profile.settings
        command = box.param("vm-convert-cmd") or settings.convert_cmd
        return cls(Path(path), command, box.param("vm-convert-ext") or settings.convert_ext)

    def read(self) -> tuple[str, bytes]:
        """Name and content; blocks, also while the program runs. Its failure leaves the sound as
        it is."""
        if self.command and self.extension.isalnum():
            with tempfile.TemporaryDirectory() as folder:
                made = Path(folder) / f"{self.path.stem}.{self.extension}"
                try:
                    words = [*shlex.split(self.command), str(self.path), str(made)]
                    subprocess.run(words, check=True, timeout=CONVERTING, capture_output=True)
                    return made.name, made.read_bytes()
                except (OSError, ValueError, subprocess.SubprocessError) as error:
                    log.error("convert-cmd: %s", error)
        return self.path.name, self.path.read_bytes()


async def mails_for(
    switch: Switch,
    box: Mailbox,
    message: Message,
    *,
    asked: bool = False,
    recipient: str = "",
    session: Session | None = None,
) -> list[Mail]:
    """The mails of a message as its user wishes; with ``asked`` the one with the recording, to
    the user or to that ``recipient``.

    Templates may name the variables of ``session``, the call that left the message.
    """
    wishes = []
    main = recipient or box.param("vm-mailto") or (box.param("email-addr") if asked else "")
    if main and (asked or box.is_true("vm-email-all-messages")):
        # A message that shall be nowhere else is never mailed without its sound.
        kept = box.is_true("vm-keep-local-after-email", True)
        attached = asked or box.is_true("vm-attach-file", not kept)
        written = Template.of(switch, box.profile.email.template_file, *_texts(box.profile))
        wishes.append((main, written, attached))
    notify = box.param("vm-notify-mailto") or box.param("vm-mailto")
    if notify and not asked and box.is_true("vm-notify-email-all-messages"):
        settings = box.profile.settings
        file = box.profile.email.notify_template_file
        written = Template.of(switch, file, settings.notify_headers, settings.notify_body)
        wishes.append((notify, written, False))
    if not wishes:
        return []
    counts = await box.store.counts(box.id, box.domain)
    mails = []
    for address, template, attached in wishes:
        values = _values(switch, box, message, address)
        if session is not None:
            values = {**dict(session.channel.variables), **values}
        # The message itself may not be in the store yet.
        fresh = not asked
        values["voicemail_total_new_messages"] = str(counts.new + fresh)
        values["voicemail_total_saved_messages"] = str(counts.saved)
        urgent = fresh and message.urgent
        values["voicemail_urgent_new_messages"] = str(counts.urgent_new + urgent)
        values["voicemail_urgent_saved_messages"] = str(counts.urgent_saved)
        sound = Sound.of(box, message.path) if attached else None
        data = await switch.loop.run_in_executor(
            None, _write, template, values, message.seconds, sound
        )
        mails.append(Mail(box.profile.name, values["voicemail_from"], address, data))
    return mails


def _values(switch: Switch, box: Mailbox, message: Message, recipient: str) -> dict[str, str]:
    """What templates may name."""
    minutes, seconds = divmod(message.seconds, 60)
    try:
        zone = time_text.zone_of(box.timezone or None, switch.generation.zones)
    except ValueError:
        zone = None
    values = {
        "voicemail_account": box.id,
        "voicemail_domain": box.domain,
        "voicemail_current_folder": message.folder,
        "voicemail_caller_id_name": message.cid_name,
        "voicemail_caller_id_number": message.cid_number,
        "voicemail_formatted_caller_id_number": format_number(message.cid_number),
        "voicemail_file_path": message.path,
        "voicemail_message_len": f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}",
        "voicemail_time": time_text.format_time(
            box.profile.email.date_format, message.created, zone
        ),
        "voicemail_read_flags": message.urgency,
        "voicemail_uuid": message.uuid,
        "voicemail_priority": "1" if message.urgent else "3",
        "voicemail_email": recipient,
        "voicemail_notify_email": recipient,
        "RFC2822_DATE": formatdate(message.created, localtime=True),
    }
    values = {**box.user.variables, **values}
    if own_sender := box.param("vm-mailfrom"):
        values["voicemail_email_from"] = own_sender
    sender = own_sender or expand(box.profile.email.email_from, values)
    return {**values, "voicemail_from": parseaddr(sender)[1] or sender}


def format_number(number: str) -> str:
    """A number as it is written in North America: ``1 (212) 555-0100``; any other as it is."""
    found = _NORTH_AMERICAN.fullmatch(number)
    if found is None:
        return number
    area, exchange, line = found.groups()
    return f"1 ({area}) {exchange}-{line}"


def expand(text: str, values: Mapping[str, str], *, escape: bool = False) -> str:
    """``text`` with ``${name}`` replaced; a value stays in its line, and in its place in HTML."""

    def put(found: re.Match[str]) -> str:
        value = _CONTROL.sub(" ", values.get(found[1], ""))
        return html.escape(value) if escape else value

    return _REFERENCE.sub(put, text)


def _texts(profile: Profile) -> tuple[str, str]:
    return profile.headers, profile.body


def _write(
    template: Template, values: Mapping[str, str], seconds: int, attached: Sound | None
) -> bytes:
    """The whole mail; blocks."""
    head, _, body = template.read().partition("\n\n")
    mail = MIMEMultipart("mixed")
    for name, value in message_from_string(f"{head}\n\n").items():
        if name.lower() not in _OWN:
            mail[name] = expand(" ".join(value.split()), values)
    mail["X-Voicemail-Length"] = str(seconds)
    mail.attach(_body(body.lstrip("\n"), values))
    if attached is not None:
        mail.attach(_attachment(attached))
    return mail.as_bytes()


def _body(body: str, values: Mapping[str, str]) -> MimePart:
    """The text of a template, which may be MIME itself, with its values."""
    if not body.lower().startswith("content-type:"):
        return MIMEText(expand(body, values), "plain", "utf-8")
    part = message_from_string(body)
    if not part.is_multipart():
        return _text(part, values)
    whole = MIMEMultipart(part.get_content_subtype())
    for inner in part.walk():
        if inner.get_content_maintype() == "text":
            whole.attach(_text(inner, values))
    return whole


def _text(part: MimePart, values: Mapping[str, str]) -> MIMEText:
    kind = part.get_content_subtype()
    text = str(part.get_payload())
    return MIMEText(expand(text, values, escape=kind == "html"), kind, "utf-8")


def _attachment(sound: Sound) -> MIMEAudio:
    name, data = sound.read()
    kind = (mimetypes.guess_type(name)[0] or "audio/x-wav").partition("/")[2]
    part = MIMEAudio(data, kind)
    part.add_header("Content-Disposition", "attachment", filename=name)
    return part
