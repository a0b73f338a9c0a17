"""Hearing messages: log in, the menu, new and saved messages, options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.voicemail import notices
from softswitch.modules.voicemail.listen import Listener
from softswitch.modules.voicemail.mailbox import Mailbox
from softswitch.modules.voicemail.options import options
from softswitch.modules.voicemail.settings import Profile
from softswitch.modules.voicemail.store import INBOX
from softswitch.modules.voicemail.talk import Talk
from softswitch.switch.causes import HangupCause

if TYPE_CHECKING:
    from softswitch.modules.voicemail.service import Service
    from softswitch.switch.session import Session


async def check(
    service: Service,
    session: Session,
    profile: Profile,
    domain: str,
    name: str = "",
    *,
    authorized: bool = False,
    only_authorize: bool = False,
    uuid: str = "",
) -> None:
    """Let a user hear his messages, or only prove that he is himself.

    ``authorized`` lets him in without a password; ``uuid`` plays that message and no menu.
    Where only a login is wanted, a failure hangs up with USER_CHALLENGE, and success sets the
    user's variables.
    """
    talk = Talk(session, profile.settings)
    await talk.say("hello")
    if session.is_true("voicemail_authorized"):
        authorized, only_authorize = True, False
    box = await _log_in(service, talk, profile, domain, name, authorized)
    only_authorize = only_authorize or session.is_true("vm_auth_only")
    if box is None:
        await talk.say("abort")
        await talk.say("goodbye")
        if only_authorize:
            session.hangup(HangupCause.USER_CHALLENGE)
            session.check_ready()
        return
    if zone := box.timezone:
        session.set("timezone", zone)
    if only_authorize:
        session.set("user_pin_authenticated", "true")
        session.set("user_pin_authenticated_user", box.id)
        await session.execute("set_user", box.address)
        return
    if uuid:
        message = await box.store.message(box.id, box.domain, uuid)
        if message is not None:
            await Listener(service, talk, box).play(saved=bool(message.read), only=uuid)
    else:
        await _menu(service, talk, box)
    await talk.say("goodbye")


async def _log_in(
    service: Service, talk: Talk, profile: Profile, domain: str, name: str, authorized: bool
) -> Mailbox | None:
    """The mailbox that the caller has the password of."""
    session, terminator = talk.session, profile.settings.terminator_key
    number = name
    for _ in range(profile.settings.max_login_attempts):
        number = number or await talk.ask_number("enter_id", terminator) or ""
        if not number:
            continue
        box = await service.mailbox(profile, domain, number, session)
        if box is None and name:
            # No password helps where the dialplan itself names a mailbox that does not exist.
            session.log.warning("voicemail: %s@%s has no mailbox", name, domain)
            return None
        passed = box is not None and (authorized or not await box.needs_password())
        if not passed:
            password = await talk.ask_number("enter_pass", terminator)
            if not password:
                # He may try again with the same number; nothing was wrong yet.
                continue
            passed = box is not None and await box.admits(password)
        notices.tell(
            session.switch,
            "authentication",
            box.id if box is not None else number,
            domain,
            {"VM-Auth-Result": "success" if passed else "fail"},
            session,
        )
        if passed:
            return box
        session.log.info("voicemail: a login as %s@%s failed", number, domain)
        await talk.say("fail_auth")
        number = name
    return None


async def _menu(service: Service, talk: Talk, box: Mailbox) -> None:
    """Say what there is, play what is new, then do as told until the caller leaves."""
    settings, session = talk.settings, talk.session
    listener = Listener(service, talk, box)
    key = await _summary(talk, box)
    plays = session.get("vm_auto_play") is None or session.is_true("vm_auto_play")
    counts = await box.store.counts(box.id, box.domain)
    if not key and plays and counts.new:
        await listener.play(saved=False)
        key = await _summary(talk, box)
    keys = ":".join(
        (
            settings.play_new_key,
            settings.play_saved_key,
            settings.config_menu_key,
            settings.terminator_key,
        )
    )
    silent = 0
    while silent < settings.max_retries:
        key = key or await talk.ask("menu", keys)
        if key == settings.play_new_key:
            await listener.play(saved=False)
        elif key == settings.play_saved_key:
            await listener.play(saved=True)
        elif key == settings.config_menu_key:
            await options(service, talk, box)
            silent, key = 0, ""
            continue
        elif key == settings.terminator_key:
            return
        else:
            silent += 1
            key = ""
            continue
        silent, key = 0, ""
        key = await _summary(talk, box)


async def _summary(talk: Talk, box: Mailbox) -> str:
    """Say how many messages there are; the key that interrupted it, or nothing."""
    counts = await box.store.counts(box.id, box.domain)
    talk.session.set("voicemail_current_folder", INBOX)
    notices.tell(
        talk.session.switch,
        "folder-summary",
        box.id,
        box.domain,
        {"VM-Folder": INBOX, **notices.totals(counts)},
        talk.session,
    )
    said = []
    if counts.urgent_new:
        said.append(f"{counts.urgent_new}:urgent-new")
    if counts.new != counts.urgent_new:
        said.append(f"{counts.new}:new")
    for data in said or ["0:new", f"{counts.saved}:saved"]:
        if key := await talk.tell("message_count", data):
            return key
    return ""
