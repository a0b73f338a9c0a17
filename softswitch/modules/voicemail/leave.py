"""Leaving a message: greeting, beep, recording, urgent or not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.config.params import read_boolean
from softswitch.dialplan.arguments import split
from softswitch.modules.voicemail import check
from softswitch.modules.voicemail.delivery import Delivery, Letter, copy_to, deliver
from softswitch.modules.voicemail.mailbox import Mailbox
from softswitch.modules.voicemail.recorder import BROKEN, FAILED, KEPT, Take, record
from softswitch.modules.voicemail.settings import Profile
from softswitch.modules.voicemail.store import NORMAL, URGENT
from softswitch.modules.voicemail.talk import Talk, caller_of

if TYPE_CHECKING:
    from softswitch.modules.voicemail.service import Service
    from softswitch.switch.session import Session

_ONCE = "skip_greeting skip_instructions skip_record_urgent_check voicemail_skip_goodbye"
GREETINGS = range(1, 10)


async def leave(
    service: Service, session: Session, profile: Profile, domain: str, name: str
) -> None:
    """Take a message for a user; the dialplan goes on behind it."""
    wishes = {wish: session.is_true(wish) for wish in _ONCE.split()}
    for wish in wishes:
        session.set(wish, "")
    box = await service.mailbox(profile, domain, name, session)
    if box is None:
        session.log.warning("voicemail: %s@%s has no mailbox", name, domain)
        known = await session.switch.lookups.user(name, domain, session=session)
        # A user who wants no voicemail has none that could say goodbye.
        if known is None and not wishes["voicemail_skip_goodbye"]:
            await Talk(session, profile.settings).say("goodbye")
        return
    await _Visit(service, session, box, wishes).run()
    if not wishes["voicemail_skip_goodbye"]:
        await Talk(session, profile.settings).say("goodbye")


class _Visit:
    """One caller at one mailbox."""

    def __init__(
        self, service: Service, session: Session, box: Mailbox, wishes: dict[str, bool]
    ) -> None:
        self._service = service
        self._session = session
        self._box = box
        self._settings = box.profile.settings
        self._talk = Talk(session, self._settings)
        self._wishes = wishes
        self._uuid = session.uuid

    async def run(self) -> None:
        """Greet, record, deliver; again where a key led nowhere."""
        session, box = self._session, self._box
        wanted = read_boolean(box.param("vm-skip-instructions"))
        skips = self._wishes["skip_instructions"] if wanted is None else wanted
        greets = not self._wishes["skip_greeting"]
        while True:
            if greets and not await self._greet():
                skips = True
            if await self._is_full():
                await self._talk.say("disk_quota_exceeded")
                return
            try:
                await self._service.make_folder(box)
            except OSError as error:
                session.log.error("voicemail: messages of %s cannot be kept: %s", box, error)
                await self._talk.say("abort")
                return
            key = await self._record("" if skips else "record_message")
            if not key:
                return
            self._go_elsewhere(key)

    async def _record(self, macro: str) -> str:
        """Take the message; the key that ended one too short and leads elsewhere, or nothing."""
        take = Take(await self._new_file())
        urgency = NORMAL
        try:
            outcome = await record(
                self._talk,
                take,
                macro,
                leave_keys=self._settings.operator_key + self._settings.vmain_key,
                part=True,
            )
            if outcome not in (KEPT, FAILED, BROKEN):
                return outcome
            if outcome == KEPT and not self._wishes["skip_record_urgent_check"]:
                urgency = await self._ask_urgency()
        except asyncio.CancelledError:
            # He hung up: what he said is delivered all the same.
            if take.milliseconds:
                await self._deliver(take, urgency)
            raise
        delivered = bool(take.milliseconds) and await self._deliver(take, urgency)
        if delivered and outcome == KEPT:
            await self._talk.say("ack", "marked-urgent" if urgency == URGENT else "saved")
        elif take.milliseconds or outcome in (KEPT, BROKEN):
            # Of a message that the disk cut off the part is delivered, and the caller told.
            await self._talk.say("abort")
        return ""

    async def _new_file(self) -> Path:
        """Where the message goes: named after the call, unless the call left one here already."""
        for uuid in (self._session.uuid, self._session.switch.new_uuid()):
            self._uuid = uuid
            path = self._box.message(uuid).with_suffix(f".{self._extension}")
            if not await self._service.exists(str(path)):
                break
        return path

    @property
    def _extension(self) -> str:
        wanted = self._session.get("vm_message_ext") or ""
        return wanted if wanted.isascii() and wanted.isalnum() else self._box.extension

    async def _greet(self) -> bool:
        """Play the greeting until it was heard; False if the caller wants no instructions."""
        while True:
            key = await self._play_greeting()
            if not key:
                return True
            if key in self._settings.login_keys:
                # Whoever has the password hears his messages, and may leave one afterwards.
                await check.check(
                    self._service, self._session, self._box.profile, self._box.domain, self._box.id
                )
                return True
            if key == self._settings.skip_greet_key:
                return False
            self._go_elsewhere(key)

    async def _play_greeting(self) -> str:
        """The greeting that was chosen, or the name and that the user is not available."""
        session, box = self._session, self._box
        preferences = await box.store.preferences(box.id, box.domain)
        number = session.get("voicemail_greeting_number") or ""
        chosen = session.get("voicemail_greeting_path") or preferences.greeting_path
        if number:
            # A number that is none stands for the greeting nobody recorded.
            good = number.isdecimal() and len(number) < 10 and int(number) in GREETINGS
            chosen = str(box.greeting(int(number))) if good else ""
        if chosen and await self._service.exists(chosen):
            return await self._talk.play(chosen)
        if preferences.name_path and await self._service.exists(preferences.name_path):
            key = await self._talk.play(preferences.name_path)
            if key:
                return key
        said = box.param("vm-alternate-greet-id") or session.get("voicemail_alternate_greet_id")
        return await self._talk.tell("play_greeting", said or box.id)

    def _go_elsewhere(self, key: str) -> None:
        """Transfer to the operator or to voicemail's own menu if that is what the key is for."""
        settings = self._settings
        operator = (
            self._session.get("vm_operator_extension")
            or self._box.param("vm-operator-extension")
            or settings.operator_extension
        )
        ways = ((settings.operator_key, operator), (settings.vmain_key, settings.vmain_extension))
        for wanted, extension in ways:
            words = split(extension, " ", 3)
            if words and key == wanted:
                self._session.transfer(*words)
                self._session.check_ready()

    async def _is_full(self) -> bool:
        """Whether the mailbox has as many messages, or as many seconds, as it may."""
        box = self._box
        quota = box.number("vm-disk-quota")
        if quota and await box.store.used_seconds(box.id, box.domain) >= quota:
            return True
        most = box.number("vm-message-limit") or self._settings.max_messages
        return bool(most) and len(await box.store.messages(box.id, box.domain)) >= most

    async def _ask_urgency(self) -> str:
        settings = self._settings
        keys = f"{settings.urgent_key}:{settings.terminator_key}"
        key = await self._talk.ask("record_urgent_check", keys)
        return URGENT if key and key == settings.urgent_key else NORMAL

    async def _deliver_all(self, take: Take, urgency: str) -> bool:
        """Put the message into this mailbox and those of ``vm_cc``."""
        session = self._session
        letter = Letter(
            self._uuid,
            take.path,
            take.seconds,
            *caller_of(session),
            session.switch.now_us() // 1_000_000,
            urgency,
        )
        delivery = await deliver(self._service, self._box, letter, session)
        copies = session.get("vm_cc") or self._box.param("vm-cc")
        carbon = replace(letter, forwarded_by=self._box.address)
        for address in filter(None, map(str.strip, copies.split(","))):
            others = await self._service.boxes(address)
            if not others:
                session.log.warning("voicemail: there is no mailbox %s for a copy", address)
            for other in others:
                if other.address != self._box.address:
                    await copy_to(self._service, other, carbon, session)
        if delivery is Delivery.MAILED:
            await self._service.forget_file(letter.path)
        if delivery is not Delivery.FAILED:
            self._note(letter)
        return delivery is not Delivery.FAILED

    def _note(self, letter: Letter) -> None:
        """Tell the dialplan behind it what was left."""
        minutes, seconds = divmod(letter.seconds, 60)
        for name, value in (
            ("voicemail_account", self._box.id),
            ("voicemail_domain", self._box.domain),
            ("voicemail_file_path", str(letter.path)),
            ("voicemail_read_flags", letter.urgency),
            ("voicemail_message_len", f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"),
        ):
            self._session.set(name, value)

    async def _deliver(self, take: Take, urgency: str) -> bool:
        """Deliver to the end, also where the caller hangs up meanwhile."""
        return await self._service.protect(self._deliver_all(take, urgency))
