"""What the parts of voicemail share: profiles, their stores, mailboxes, the mail that goes out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from softswitch.modules.voicemail.lamps import Lamps
from softswitch.modules.voicemail.letters import mails_for
from softswitch.modules.voicemail.mailbox import Mailbox, find_mailbox
from softswitch.modules.voicemail.outbox import Outbox
from softswitch.modules.voicemail.settings import Profile, read_profiles, read_voicemail
from softswitch.modules.voicemail.store import MIGRATIONS, Message, MessageStore, file_name
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.modules.voicemail.module import Voicemail
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

T = TypeVar("T")
MODULE: Loadable[Voicemail] = Loadable("mod_voicemail")


def service_of(switch: Switch) -> Service:
    """Voicemail of a switch. Raises `NotLoadedError`."""
    return MODULE.part(switch, lambda module: module.service)


class Service:
    """Voicemail of one switch."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch
        self.log = logging.getLogger(__name__)
        self.outbox = Outbox(switch)
        self._lamps = Lamps(self)
        self._profiles: tuple[int, dict[str, Profile]] = (0, {})
        self._stores: dict[str, MessageStore] = {}
        self._opening = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<Service {len(self._stores)} profiles, {self.outbox!r}>"

    async def start(self) -> None:
        """Open the stores of all profiles. Raises OSError or `sqlite3.Error`."""
        for profile in self.profiles.values():
            await self.store(profile)
        await self.outbox.start()
        self._lamps.start()
        # The first message must not wait for what decodes it: a quarter of a second to import.
        # WAV is read by the engine alone, and importing takes 12 MB.
        if any(profile.settings.file_extension != "wav" for profile in self.profiles.values()):
            self.switch.loop.run_in_executor(None, import_module, "soundfile")

    async def stop(self) -> None:
        """Write what waits; mail that was not taken stays for the next start."""
        await self._lamps.stop()
        await self.outbox.stop()
        for store in self._stores.values():
            await store.close()
        self._stores.clear()

    @property
    def profiles(self) -> dict[str, Profile]:
        """The profiles as they are configured now."""
        configuration = self.switch.generation.configuration
        if self._profiles[0] != configuration.number:
            self._profiles = configuration.number, read_profiles(configuration)[0]
        return self._profiles[1]

    def asked_about(self, domain: str) -> list[Profile]:
        """Where it is looked what waits for the users of a domain."""
        if not read_voicemail(self.switch.generation.configuration)[0].exact_match:
            return list(self.profiles.values())
        profile = self.profiles.get(domain)
        if profile is None:
            self.log.warning(
                "message-query-exact-match: no profile is named like the domain %s", domain
            )
        return [profile] if profile is not None else []

    def profile(self, name: str) -> Profile | None:
        """The profile of that name; the first one for an empty name."""
        profiles = self.profiles
        return profiles.get(name) if name else next(iter(profiles.values()))

    def of(self, domain: str) -> Profile:
        """The profile for a domain: that of its name, else ``default``, else the first one."""
        profiles = self.profiles
        return profiles.get(domain) or profiles.get("default") or next(iter(profiles.values()))

    async def store(self, profile: Profile) -> MessageStore:
        """The messages of a profile."""
        async with self._opening:
            if profile.name not in self._stores:
                folder = self.switch.globals.get("db_dir") or self.switch.folders.data / "db"
                path = Path(folder) / file_name(profile.name)
                open_ = partial(self.switch.databases.open, path, MIGRATIONS, patient=True)
                database = await self.switch.loop.run_in_executor(None, open_)
                self._stores[profile.name] = MessageStore(database)
            return self._stores[profile.name]

    async def mailbox(
        self, profile: Profile, domain: str, name: str, session: Session | None = None
    ) -> Mailbox | None:
        """The mailbox of a user, None if there is none."""
        store = await self.store(profile)
        return await find_mailbox(self.switch, profile, store, domain, name, session)

    async def find(self, address: str) -> Mailbox | None:
        """The mailbox of ``user@domain[@profile]`` or ``profile/user@domain``."""
        profile_name, slash, rest = address.partition("/")
        if not slash:
            profile_name, rest = "", address
        user, _, domain = rest.partition("@")
        domain, _, last = domain.partition("@")
        domain = domain or self.switch.globals.get("domain", "")
        profile = self.profile(last or profile_name) if last or profile_name else self.of(domain)
        if profile is None or not user or not domain:
            return None
        return await self.mailbox(profile, domain, user)

    async def boxes(self, target: str) -> list[Mailbox]:
        """The mailboxes of an address, or of ``group=<name>[@<domain>]`` or ``domain=<name>``."""
        kind, equals, name = target.partition("=")
        lookups = self.switch.lookups
        if equals and kind == "domain":
            domain = await lookups.domain(name)
            users = [user.id for user in domain.users.values()] if domain else []
        elif equals and kind == "group":
            name, _, host = name.partition("@")
            host = host or self.switch.globals.get("domain", "")
            group = await lookups.group(name, host)
            users = [user.id for user in group.members] if group else []
            name = host
        else:
            box = await self.find(target)
            return [box] if box is not None else []
        found = [await self.find(f"{user}@{name}") for user in users]
        return [box for box in found if box is not None]

    async def exists(self, path: str) -> bool:
        """Whether a file is there; asked off the loop."""
        return await self.switch.loop.run_in_executor(None, Path(path).is_file)

    async def make_folder(self, box: Mailbox) -> None:
        """Make the folder of a mailbox. Raises OSError."""
        await self.switch.loop.run_in_executor(
            None, lambda: box.folder.mkdir(parents=True, exist_ok=True)
        )

    async def protect(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something to its end, also for a caller who hangs up in the middle of it."""
        task = self.switch.loop.create_task(work, name="voicemail")
        self.switch.own(task)
        return await asyncio.shield(task)

    async def mail(self, box: Mailbox, message: Message, session: Session | None = None) -> bool:
        """Have mails of a new message sent as its user wishes; True if no message shall stay."""
        mails = await mails_for(self.switch, box, message, session=session)
        if not mails:
            return False
        taken = [await self.outbox.put(mail) for mail in mails]
        return all(taken) and not box.is_true("vm-keep-local-after-email", True)

    async def forget_file(self, path: Path) -> None:
        """Remove the file of a message that went out by mail."""
        await self.switch.loop.run_in_executor(None, lambda: path.unlink(missing_ok=True))

    async def mail_again(self, box: Mailbox, message: Message, recipient: str = "") -> bool:
        """Mail a message, with the recording, to its user or to somebody else; False where that
        cannot be."""
        mails = await mails_for(self.switch, box, message, asked=True, recipient=recipient)
        return bool(mails) and all([await self.outbox.put(mail) for mail in mails])
