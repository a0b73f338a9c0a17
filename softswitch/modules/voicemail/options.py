"""The options of a mailbox: greetings, the recorded name, the password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.modules.voicemail import notices
from softswitch.modules.voicemail.mailbox import Mailbox
from softswitch.modules.voicemail.recorder import KEPT, Take, record
from softswitch.modules.voicemail.talk import Talk

if TYPE_CHECKING:
    from softswitch.modules.voicemail.service import Service


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
            await _record_greeting(service, talk, box, keys)
        elif key == settings.choose_greeting_key:
            await _choose_greeting(service, talk, box, keys)
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


async def _record_greeting(service: Service, talk: Talk, box: Mailbox, keys: str) -> None:
    """Record one of the greetings 1 to 9, which is the chosen one from then on."""
    key = await talk.ask("choose_greeting", keys)
    if not key.isdigit() or key == "0":
        await talk.say("choose_greeting_fail")
        return
    await service.make_folder(box)
    take = Take(box.greeting(int(key)))
    if await record(talk, take, "record_greeting") == KEPT:
        path = str(take.path)
        await box.store.prefer(box.id, box.domain, "greeting_path", path)
        await talk.say("ack", "saved")
        headers = {"VM-Greeting-Path": path}
        notices.tell(service.switch, "record-greeting", box.id, box.domain, headers, talk.session)


async def _choose_greeting(service: Service, talk: Talk, box: Mailbox, keys: str) -> None:
    """One that was recorded before; 0 is the standard greeting."""
    key = await talk.ask("choose_greeting", keys)
    path = str(box.greeting(int(key))) if key.isdigit() and key != "0" else ""
    if not key.isdigit() or (path and not await service.exists(path)):
        await talk.say("choose_greeting_fail")
        return
    if path:
        await talk.listen(path, "")
    await box.store.prefer(box.id, box.domain, "greeting_path", path)
    await talk.say("greeting_selected", key)
    action = "change-greeting" if path else "remove-greeting"
    headers = {"VM-Greeting-Path": path} if path else {}
    notices.tell(service.switch, action, box.id, box.domain, headers, talk.session)


async def _record_name(service: Service, talk: Talk, box: Mailbox) -> None:
    await service.make_folder(box)
    take = Take(box.recorded_name)
    if await record(talk, take, "record_name", any_length=True) == KEPT:
        await box.store.prefer(box.id, box.domain, "name_path", str(take.path))
        await talk.say("ack", "saved")
        headers = {"VM-Name-Path": str(take.path)}
        notices.tell(service.switch, "record-name", box.id, box.domain, headers, talk.session)


async def _change_password(service: Service, talk: Talk, box: Mailbox) -> None:
    """None but the terminator is the password of the directory again, where that is allowed.

    Whoever knows the users is asked, and may refuse: ``<result success="false"/>`` in the user.
    """
    for _ in range(talk.settings.max_retries):
        password = await talk.ask_number("enter_pass", talk.settings.terminator_key)
        headers = {"VM-User-Password": password or ""}
        if password is not None and await _may_have(service, talk, box, password):
            await box.store.prefer(box.id, box.domain, "password", password)
            await talk.say("change_pass_success")
            notices.tell(
                service.switch, "change-password", box.id, box.domain, headers, talk.session
            )
            return
        await talk.say("change_pass_fail")


async def _may_have(service: Service, talk: Talk, box: Mailbox, password: str) -> bool:
    if not password and not talk.settings.allow_empty_password:
        return False
    asked = {
        **{"key": "id", "user": box.id, "domain": box.domain},
        **{"VM-Action": "change-password", "VM-User-Password": password},
        **{"VM-User": box.id, "VM-Domain": box.domain},
    }
    domain = await service.switch.lookups.domain(box.domain, params=asked, session=talk.session)
    user = domain.user(box.id) if domain is not None else None
    result = user.element.find("result") if user is not None else None
    return result is None or is_true(result.get("success"))
