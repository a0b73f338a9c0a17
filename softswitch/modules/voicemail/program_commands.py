"""Mailboxes for programs: ``vm_fsdb_…``, which answer ``-OK``, JSON or ``-ERR`` and why."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import split
from softswitch.modules.voicemail import notices
from softswitch.modules.voicemail.delivery import Letter, copy_to, remove
from softswitch.modules.voicemail.forward import join
from softswitch.modules.voicemail.mailbox import Mailbox
from softswitch.modules.voicemail.service import MODULE, Service, service_of
from softswitch.modules.voicemail.store import DELETED, SAVED, Message
from softswitch.registry import command
from softswitch.switch import event_text
from softswitch.switch.events import Event

if TYPE_CHECKING:
    from softswitch.switch.commands import CommandCall

DONE = "-OK\n"
MISSING = "-ERR Missing Arguments\n"
NO_MESSAGE = "-ERR Invalid Message UUID\n"
_BOX = "<profile> <domain> <user>"

Answer = Callable[[Service, Mailbox, list[str]], Awaitable[str]]


def _about_a_box(
    name: str, syntax: str, *, least: int, formatted: bool = False
) -> Callable[[Answer], Answer]:
    """Register a command about one mailbox: ``<profile> <domain> <user>`` and further words.

    ``least`` of these are needed; with ``formatted`` a format, which is JSON, stands in front.
    """
    words_before = f"<format> {_BOX}" if formatted else _BOX

    def register(answer: Answer) -> Answer:
        async def run(call: CommandCall, arguments: str) -> str:
            words = split(arguments, " ", 8)[1 if formatted else 0 :]
            service = service_of(call.switch)
            if len(words) < 3 + least:
                return MISSING
            profile = service.profile(words[0])
            if profile is None:
                return "-ERR Profile not found\n"
            box = await service.mailbox(profile, words[1], words[2])
            if box is None:
                known = await call.switch.lookups.user(words[2], words[1])
                return "-ERR Login Denied\n" if known is not None else "-ERR User not found\n"
            return await answer(service, box, words[3:])

        run.__doc__ = answer.__doc__
        command(name, syntax=f"{words_before} {syntax}".strip(), module=MODULE.name)(run)
        return answer

    return register


@_about_a_box("vm_fsdb_auth_login", "<password>", least=1)
async def auth_login(service: Service, box: Mailbox, words: list[str]) -> str:
    """Tell whether a password opens a mailbox."""
    return "-OK" if await box.admits(words[0]) else "-ERR"


@_about_a_box("vm_fsdb_msg_count", "<folder>", least=1, formatted=True)
async def msg_count(service: Service, box: Mailbox, words: list[str]) -> str:
    """Count the messages of a mailbox, as JSON; new are those that nobody marked yet."""
    return _as_json(service, notices.totals(await box.store.counts(box.id, box.domain, marks=True)))


@_about_a_box("vm_fsdb_msg_list", "<folder> <filter> [ASC|DESC]", least=2, formatted=True)
async def msg_list(service: Service, box: Mailbox, words: list[str]) -> str:
    """List the messages of a mailbox as JSON: those ``not-read``, ``new``, of ``save``, or heard.

    Urgent ones come first, then the oldest, or with DESC the newest.
    """
    order = words[2].upper() if len(words) > 2 else "ASC"
    if order not in ("ASC", "DESC"):
        return f"-ERR Bad Argument: '{words[2]}'\n"
    chosen: Callable[[Message], bool] = {
        "not-read": lambda message: not message.read,
        "new": lambda message: not message.flags,
        "save": lambda message: message.flags == SAVED,
    }.get(words[1].lower(), lambda message: bool(message.read))
    messages = [one for one in await box.store.messages(box.id, box.domain) if chosen(one)]
    if order == "DESC":
        messages.sort(key=lambda message: message.created, reverse=True)
        messages.sort(key=lambda message: message.urgency)
    listed = {f"VM-List-Message-{n}-UUID": item.uuid for n, item in enumerate(messages, 1)}
    return _as_json(service, {**listed, "VM-List-Count": str(len(messages))})


@_about_a_box("vm_fsdb_msg_get", "<uuid>", least=1, formatted=True)
async def msg_get(service: Service, box: Mailbox, words: list[str]) -> str:
    """Tell all of a message, as JSON."""
    message = await box.store.message(box.id, box.domain, words[0])
    if message is None:
        return _as_json(service, {})
    values = {
        "Received-Epoch": message.created,
        "Read-Epoch": message.read,
        "UUID": message.uuid,
        "Caller-Name": message.cid_name,
        "Caller-Number": message.cid_number,
        "Folder": message.folder,
        "File-Path": message.path,
        "Duration": message.seconds,
        "Flags": message.flags,
        "Read-Flags": message.urgency,
        "Forwarded-By": message.forwarded_by,
    }
    return _as_json(service, {f"VM-Message-{name}": str(values[name]) for name in values})


@_about_a_box("vm_fsdb_msg_save", "<uuid>", least=1)
async def msg_save(service: Service, box: Mailbox, words: list[str]) -> str:
    """Mark a message to be saved."""
    return await _flag(box, words[0], SAVED)


@_about_a_box("vm_fsdb_msg_delete", "<uuid>", least=1)
async def msg_delete(service: Service, box: Mailbox, words: list[str]) -> str:
    """Mark a message to be deleted; ``vm_fsdb_msg_purge`` deletes it."""
    return await _flag(box, words[0], DELETED)


@_about_a_box("vm_fsdb_msg_undelete", "<uuid>", least=1)
async def msg_undelete(service: Service, box: Mailbox, words: list[str]) -> str:
    """Take the mark off a message."""
    return await _flag(box, words[0], "")


async def _flag(box: Mailbox, uuid: str, flags: str) -> str:
    message = await box.store.message(box.id, box.domain, uuid)
    if message is None:
        return NO_MESSAGE
    await box.store.flag(message, flags)
    return DONE


@_about_a_box("vm_fsdb_msg_purge", "", least=0)
async def msg_purge(service: Service, box: Mailbox, words: list[str]) -> str:
    """Delete the messages that are marked to be deleted."""
    for message in await box.store.messages(box.id, box.domain):
        if message.deleted:
            await remove(box, message)
    await notices.update(service.switch, box, "PURGE")
    return DONE


@_about_a_box("vm_fsdb_msg_email", "<uuid> <email>", least=2)
async def msg_email(service: Service, box: Mailbox, words: list[str]) -> str:
    """Mail a message, with the recording, to an address."""
    message = await box.store.message(box.id, box.domain, words[0])
    if message is None:
        return NO_MESSAGE
    taken = await service.mail_again(box, message, words[1])
    return DONE if taken else "-ERR Error Sending Message\n"


@_about_a_box(
    "vm_fsdb_msg_forward", "<uuid> <dst_domain> <dst_user> [<prepend_file_location>]", least=3
)
async def msg_forward(service: Service, box: Mailbox, words: list[str]) -> str:
    """Put a copy of a message into another mailbox, with a sound in front of it or without."""
    uuid, domain, name, *prepended = words
    message = await box.store.message(box.id, box.domain, uuid)
    if message is None or not await service.exists(message.path):
        return f"-ERR Cannot find source msg to forward: {message.path if message else uuid}\n"
    other = await service.mailbox(box.profile, domain, name)
    if other is None:
        return "-ERR Error Forwarding Message\n"
    letter = Letter.forwarding(service, box, message)
    if not prepended or not await service.exists(prepended[0]):
        return DONE if await copy_to(service, other, letter) else "-ERR Error Forwarding Message\n"
    joined = box.folder / f"joined_{letter.uuid}.wav"
    loop = service.switch.loop
    try:
        parts = (Path(prepended[0]), Path(message.path))
        seconds = await loop.run_in_executor(None, join, parts, joined)
        sent = await copy_to(service, other, replace(letter, path=joined, seconds=seconds))
    except (OSError, ValueError) as error:
        service.log.error("voicemail: %s cannot be put in front: %s", prepended[0], error)
        return "-ERR Error Merging the file\n"
    finally:
        await loop.run_in_executor(None, joined.unlink, True)
    return DONE if sent else "-ERR Error Forwarding Message\n"


@_about_a_box("vm_fsdb_pref_greeting_set", "<slot> [<file-path>]", least=1)
async def pref_greeting_set(service: Service, box: Mailbox, words: list[str]) -> str:
    """Choose a recorded greeting by its number; a file that is named becomes that greeting."""
    if not words[0].isdecimal() or len(words[0]) > 9 or not int(words[0]):
        return MISSING
    greeting = box.greeting(int(words[0]))
    if len(words) > 1 and not await _take_over(service, box, words[1], greeting):
        return "-ERR Filename doesn't exist\n"
    if not await service.exists(str(greeting)):
        return f"-ERR Recording doesn't exist [{greeting}]\n"
    await box.store.prefer(box.id, box.domain, "greeting_path", str(greeting))
    return DONE


@_about_a_box("vm_fsdb_pref_greeting_get", "[<slot>]", least=0, formatted=True)
async def pref_greeting_get(service: Service, box: Mailbox, words: list[str]) -> str:
    """Tell which greeting is chosen, as JSON."""
    path = (await box.store.preferences(box.id, box.domain)).greeting_path
    if not path:
        return "-ERR No greeting found\n"
    values = {"File-Path": path, "Slot": Path(path).stem.rpartition("_")[2], "Selected": "True"}
    return _as_json(service, {f"VM-Preference-Greeting-{name}": values[name] for name in values})


@_about_a_box("vm_fsdb_pref_recname_set", "<file-path>", least=1)
async def pref_recname_set(service: Service, box: Mailbox, words: list[str]) -> str:
    """Take a file over as the recorded name."""
    if not await _take_over(service, box, words[0], box.recorded_name):
        return "-ERR Filename doesn't exist\n"
    await box.store.prefer(box.id, box.domain, "name_path", str(box.recorded_name))
    return DONE


@_about_a_box("vm_fsdb_pref_password_set", "<password>", least=1)
async def pref_password_set(service: Service, box: Mailbox, words: list[str]) -> str:
    """Choose the password of a mailbox."""
    await box.store.prefer(box.id, box.domain, "password", words[0])
    return DONE


async def _take_over(service: Service, box: Mailbox, file: str, target: Path) -> bool:
    """Move a file into a mailbox; False where that cannot be."""
    if not await service.exists(file):
        return False
    try:
        await service.make_folder(box)
        await service.switch.loop.run_in_executor(None, shutil.move, file, target)
    except OSError as error:
        service.log.error("voicemail: %s cannot be taken over: %s", file, error)
        return False
    return True


def _as_json(service: Service, values: Mapping[str, str]) -> str:
    """Values as FreeSWITCH tells them: as an event that nobody fires."""
    event = Event("REQUEST_PARAMS", dict(values))
    service.switch.stamp(event)
    return event_text.json(event)
