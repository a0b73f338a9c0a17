"""Playing the messages of a folder, and what becomes of each."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from softswitch.modules.voicemail import notices
from softswitch.modules.voicemail.delivery import remove
from softswitch.modules.voicemail.forward import forward
from softswitch.modules.voicemail.mailbox import Mailbox
from softswitch.modules.voicemail.store import DELETED, SAVED, Message
from softswitch.modules.voicemail.talk import Talk
from softswitch.switch.indications import Display

if TYPE_CHECKING:
    from softswitch.modules.voicemail.service import Service


class _Next(Enum):
    """Where to go from a message."""

    FORTH = 1
    BACK = -1
    AGAIN = 0
    OUT = 2


class Listener:
    """One user hearing his messages."""

    def __init__(self, service: Service, talk: Talk, box: Mailbox) -> None:
        self._service = service
        self._talk = talk
        self._settings = talk.settings
        self._box = box

    async def play(self, *, saved: bool, only: str = "") -> None:
        """Play the new messages, or the saved ones; what was flagged is done at the end.

        A caller who hangs up has it done as well. ``only`` is the uuid of a single message.
        """
        settings = self._settings
        messages = await self._box.store.messages(self._box.id, self._box.domain, saved=saved)
        if only:
            messages = [message for message in messages if message.uuid == only]
        if settings.play_saved_lifo if saved else settings.play_new_lifo:
            messages.sort(key=lambda message: (message.urgency, -message.created))
        position = 0
        try:
            while 0 <= position < len(messages):
                way = await self._message(messages[position], position + 1, saved)
                if way is _Next.OUT:
                    break
                position = max(position + way.value, 0)
        finally:
            await self._service.protect(self._settle(saved))

    async def _message(self, message: Message, number: int, saved: bool) -> _Next:
        """Play one message and do as told."""
        talk, settings = self._talk, self._settings
        current = await self._box.store.message(message.user, message.domain, message.uuid)
        if current is None:
            # It was deleted elsewhere meanwhile.
            return _Next.FORTH
        message = current
        key = await self._heading(message, number, saved)
        if not key or key == settings.skip_info_key:
            key = await talk.listen(message.path, self._exits)
            if not key and settings.date_announcement == "last":
                key = await talk.tell("say_date", str(message.created), exits=self._heading_exits)
        if key == settings.terminator_key:
            # It ends what is told; as an answer it is a key like any other.
            key = ""
        while True:
            key = key or await talk.ask("listen_file_check", self._choices)
            if message.deleted and key == settings.undelete_file_key:
                await self._flag(message, "", "undeleted")
                return _Next.FORTH
            # In FreeSWITCH's order: with its keys, 1 goes back rather than listening again.
            if key == settings.previous_message_key:
                return _Next.BACK
            if key == settings.repeat_message_key:
                return _Next.AGAIN
            if key == settings.next_message_key:
                return _Next.FORTH
            if key == settings.listen_file_key:
                key = await talk.listen(message.path, self._exits)
                continue
            if key == settings.callback_key:
                await self._call_back(message)
                return _Next.FORTH
            if key == settings.forward_key:
                if await forward(self._service, talk, self._box, message):
                    return _Next.AGAIN
                key = ""
                continue
            if key == settings.delete_file_key:
                await self._flag(message, DELETED, "deleted")
            elif key == settings.email_key and self._mail_address:
                await self._service.mail_again(self._box, message)
                await self._flag(message, DELETED, "emailed")
            else:
                await self._flag(message, SAVED, "saved")
            return _Next.FORTH

    async def _heading(self, message: Message, number: int, saved: bool) -> str:
        """Caller, number and date; the key that interrupted it, or nothing."""
        talk = self._talk
        session = talk.session
        session.leg.indicate(Display(message.cid_name, message.cid_number, asked=False))
        announces = session.is_true("vm_announce_cid") or self._box.is_true("vm-announce-cid")
        if announces and message.cid_number:
            await talk.say("say_phone_number", message.cid_number)
        kind, exits = "saved" if saved else "new", self._heading_exits
        key = await talk.tell("say_message_number", f"{kind}:{number}", exits=exits)
        if not key and self._settings.date_announcement == "first":
            key = await talk.tell("say_date", str(message.created), exits=exits)
        return key

    @property
    def _heading_exits(self) -> str:
        return self._exits + self._settings.email_key

    @property
    def _mail_address(self) -> str:
        return self._box.param("vm-mailto") or self._box.param("email-addr")

    @property
    def _exits(self) -> str:
        """Keys that end a message while it plays."""
        settings = self._settings
        return "".join(
            (
                *(settings.delete_file_key, settings.save_file_key, settings.previous_message_key),
                *(settings.next_message_key, settings.repeat_message_key, settings.terminator_key),
                *(settings.skip_info_key, settings.forward_key, settings.callback_key),
            )
        )

    @property
    def _choices(self) -> str:
        settings = self._settings
        keys = [
            *(settings.repeat_message_key, settings.save_file_key, settings.delete_file_key),
            *(settings.email_key, settings.callback_key, settings.forward_key),
        ]
        return ":".join([*keys, self._mail_address] if self._mail_address else keys)

    async def _flag(self, message: Message, flags: str, said: str) -> None:
        await self._box.store.flag(message, flags)
        await self._talk.say("ack", said)

    async def _call_back(self, message: Message) -> None:
        """Call the one who left the message, as the dialplan would."""
        session, settings = self._talk.session, self._settings
        dialplan = session.get("voicemail_callback_dialplan") or settings.callback_dialplan
        context = session.get("voicemail_callback_context") or settings.callback_context
        if not message.cid_number:
            await self._talk.say("invalid_extension")
            return
        await session.execute("execute_extension", f"{message.cid_number} {dialplan} {context}")

    async def _settle(self, saved: bool) -> None:
        """Do what the flags say: heard ones become saved ones, deleted ones are removed."""
        box = self._box
        now = self._service.switch.now_us() // 1_000_000
        for message in await box.store.messages(box.id, box.domain, saved=saved):
            if message.flags == SAVED and not message.read:
                await box.store.mark_read(message, now)
            elif message.deleted:
                await remove(box, message)
        await notices.update(self._service.switch, box, "PURGE")
