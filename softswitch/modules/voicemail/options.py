"""The options of a mailbox: greetings, the recorded name, the password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.voicemail import notices
from softswitch.modules.voicemail.mailbox import Mailbox
from softswitch.modules.voicemail.recorder import KEPT, Take, record
from softswitch.modules.voicemail.talk import Talk

if TYPE_CHECKING:
    from softswitch.modules.voicemail.service import Service

MOST_GREETING_SECONDS = 60


async def options(service: Service, talk: Talk, box: Mailbox) -> None:
    """The menu of options until the caller goes back."""
    settings = talk.settings
    keys = ":".join(
        (
            settings.record_greeting_key,
            settings.choose_greeting_key,
            settings.record_name_key,
            settings.change_pass_key,
            settings.main_menu_key,
        )
    )
    silent = 0
    while silent < settings.max_retries:
        key = await talk.ask("config_menu", keys)
        if key == settings.record_greeting_key:
            await _record_greeting(service, talk, box)
        elif key == settings.choose_greeting_key:
            await _choose_greeting(service, talk, box)
        elif key == settings.record_name_key:
            await _record_name(service, talk, box)
        elif key == settings.change_pass_key:
            await _change_password(service, talk, box)
        elif key == settings.main_menu_key:
            return
        else:
            silent += 1
            continue
        silent = 0


async def _ask_greeting(talk: Talk) -> int | None:
    """A number from 0 to 9; None where no such key came."""
    for _ in range(talk.settings.max_retries):
        key = await talk.ask("choose_greeting")
        if key.isdigit():
            return int(key)
        await talk.tell("choose_greeting_fail")
    return None


async def _select(service: Service, talk: Talk, box: Mailbox, number: int, path: str) -> None:
    await box.store.prefer(box.id, box.domain, "greeting_path", path)
    await talk.tell("greeting_selected", str(number))
    headers = {"VM-Greeting-Path": path}
    notices.tell(service.switch, "change-greeting", box.id, box.domain, headers, talk.session)


async def _record_greeting(service: Service, talk: Talk, box: Mailbox) -> None:
    number = await _ask_greeting(talk)
    if not number:
        return
    await service.make_folder(box)
    take = Take(box.greeting(number))
    if await record(talk, take, "record_greeting", limit_seconds=MOST_GREETING_SECONDS) == KEPT:
        headers = {"VM-Greeting-Path": str(take.path)}
        notices.tell(service.switch, "record-greeting", box.id, box.domain, headers, talk.session)
        await _select(service, talk, box, number, str(take.path))


async def _choose_greeting(service: Service, talk: Talk, box: Mailbox) -> None:
    """One that was recorded before; 0 is the standard greeting."""
    number = await _ask_greeting(talk)
    if number is None:
        return
    if number == 0:
        await _select(service, talk, box, 0, "")
        return
    path = box.greeting(number)
    if not await service.exists(str(path)):
        await talk.tell("choose_greeting_fail")
        return
    key = await talk.play(str(path))
    if not key or key != talk.settings.main_menu_key:
        await _select(service, talk, box, number, str(path))


async def _record_name(service: Service, talk: Talk, box: Mailbox) -> None:
    await service.make_folder(box)
    take = Take(box.recorded_name)
    if await record(talk, take, "record_name", limit_seconds=MOST_GREETING_SECONDS) == KEPT:
        await box.store.prefer(box.id, box.domain, "name_path", str(take.path))
        headers = {"VM-Name-Path": str(take.path)}
        notices.tell(service.switch, "record-name", box.id, box.domain, headers, talk.session)


async def _change_password(service: Service, talk: Talk, box: Mailbox) -> None:
    for _ in range(talk.settings.max_retries):
        password = await talk.ask_number("enter_pass", talk.settings.terminator_key)
        if password and password.isdigit():
            await box.store.prefer(box.id, box.domain, "password", password)
            await talk.tell("change_pass_success")
            notices.tell(service.switch, "change-password", box.id, box.domain, None, talk.session)
            return
        await talk.tell("change_pass_fail")
