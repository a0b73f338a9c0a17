"""Hearing messages: log in, the menu, new and saved messages, options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.voicemail import notices
from softswitch.modules.voicemail.listen import Listener
from softswitch.modules.voicemail.mailbox import Mailbox
from softswitch.modules.voicemail.options import options
from softswitch.modules.voicemail.settings import Profile
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
    await talk.tell("hello")
    authorized = authorized or session.is_true("voicemail_authorized")
    box = await _log_in(service, talk, profile, domain, name, authorized)
    if only_authorize or session.is_true("vm_auth_only"):
        if box is None:
            session.hangup(HangupCause.USER_CHALLENGE)
            session.check_ready()
            return
        session.set("user_pin_authenticated", "true")
        session.set("user_pin_authenticated_user", box.id)
        for variable, value in box.user.variables.items():
            session.set(variable, await session.expand(value))
        return
    if box is None:
        await talk.tell("abort")
        await talk.tell("goodbye")
        return
    if zone := box.param("timezone"):
        session.set("timezone", zone)
    if uuid:
        message = await box.store.message(box.id, box.domain, uuid)
        if message is not None:
            await Listener(service, talk, box).play(saved=bool(message.read), only=uuid)
    else:
        await _menu(service, talk, box)
    await talk.tell("goodbye")


async def _log_in(
    service: Service, talk: Talk, profile: Profile, domain: str, name: str, authorized: bool
) -> Mailbox | None:
    """The mailbox that the caller has the password of."""
    session, terminator = talk.session, profile.settings.terminator_key
    for _ in range(profile.settings.max_login_attempts):
        number = name or await talk.ask_number("enter_id", terminator) or ""
        box = await service.mailbox(profile, domain, number, session) if number else None
        if box is not None and (authorized or not await box.needs_password()):
            return box
        password = await talk.ask_number("enter_pass", terminator)
        passed = box is not None and password is not None and await box.admits(password)
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
        await talk.tell("fail_auth")
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
    notices.tell(
        talk.session.switch,
        "folder-summary",
        box.id,
        box.domain,
        notices.totals(counts),
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
