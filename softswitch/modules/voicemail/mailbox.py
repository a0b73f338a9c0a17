"""A mailbox: a user of the directory with the folder and the rules of voicemail."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import md5
from hmac import compare_digest
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.config.params import read_boolean
from softswitch.directory.user import User, look_up
from softswitch.modules.voicemail.settings import Profile
from softswitch.modules.voicemail.store import MessageStore

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

USER_CHOOSES = "user-choose"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where the messages of one user are kept, and what holds for them."""

    profile: Profile
    store: MessageStore
    user: User
    folder: Path

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def domain(self) -> str:
        return self.user.domain

    @property
    def address(self) -> str:
        return f"{self.id}@{self.domain}"

    def __repr__(self) -> str:
        return f"<Mailbox {self.address} of {self.profile.name}>"

    def param(self, name: str, default: str = "") -> str:
        """A parameter of the user, such as ``vm-mailto``."""
        return self.user.param(name, default)

    def is_true(self, name: str, default: bool = False) -> bool:
        """Whether a parameter of the user reads as true."""
        value = read_boolean(self.param(name))
        return default if value is None else value

    def number(self, name: str) -> int:
        """A parameter of the user as a whole number; 0 where it is none."""
        text = self.param(name).strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    @property
    def extension(self) -> str:
        """The format of messages: ``vm-message-ext``, else that of the profile."""
        return _extension(self.param("vm-message-ext") or self.profile.settings.file_extension)

    @property
    def timezone(self) -> str:
        """Where the user lives: a parameter of his, else a variable."""
        return self.param("timezone") or look_up(self.user.variables, "timezone", "")

    def greeting(self, number: int) -> Path:
        """The file of a recorded greeting, in the format of the profile."""
        return self.folder / f"greeting_{number}.{self._own_extension}"

    @property
    def recorded_name(self) -> Path:
        """The file with the user's name."""
        return self.folder / f"recorded_name.{self._own_extension}"

    @property
    def _own_extension(self) -> str:
        return _extension(self.profile.settings.file_extension)

    def message(self, uuid: str) -> Path:
        """The file of a message."""
        return self.folder / f"msg_{uuid}.{self.extension}"

    async def admits(self, password: str) -> bool:
        """Whether a password opens the mailbox."""
        settings = self.profile.settings
        chosen = (await self.store.preferences(self.id, self.domain)).password
        if chosen and _same(chosen, password):
            return True
        written = self.param("vm-password")
        if written.lower() == USER_CHOOSES:
            return not chosen and settings.allow_empty_password
        if settings.db_password_override and chosen:
            return False
        for name in ("vm-a1-hash", "a1-hash"):
            if digest := self.param(name).lower():
                text = f"{self.id}:{self.domain}:{password}"
                if _same(digest, md5(text.encode(), usedforsecurity=False).hexdigest()):
                    return True
        wanted = written or self.param("password")
        return bool(wanted) and _same(wanted, password)

    async def needs_password(self) -> bool:
        """False where anybody is let in: the user may choose a password and has not."""
        if self.param("vm-password").lower() != USER_CHOOSES:
            return True
        chosen = (await self.store.preferences(self.id, self.domain)).password
        return bool(chosen) or not self.profile.settings.allow_empty_password


async def find_mailbox(
    switch: Switch,
    profile: Profile,
    store: MessageStore,
    domain: str,
    name: str,
    session: Session | None = None,
) -> Mailbox | None:
    """The mailbox of a user by id or number alias; None where ``vm-enabled`` is false."""
    user = await switch.lookups.user(
        name, domain, action="voicemail-lookup", session=session, params={"purpose": "voicemail"}
    )
    if user is None or read_boolean(user.param("vm-enabled")) is False:
        return None
    return Mailbox(profile, store, user, folder_of(switch, profile, user))


def folder_of(switch: Switch, profile: Profile, user: User) -> Path:
    """The folder of a user's messages, as FreeSWITCH chooses it."""
    base = Path(switch.globals.get("storage_dir") or switch.folders.data / "storage") / "voicemail"
    if own := user.param("vm-storage-dir"):
        return base / own
    if shared := user.param("storage-dir") or user.param("vm-domain-storage-dir"):
        return base / shared / _safe(user.id)
    settings = profile.settings
    if settings.storage_dir:
        root = base / settings.storage_dir
        if settings.storage_dir_shared:
            return root / _safe(user.domain) / "voicemail" / _safe(user.id)
        return root / _safe(user.domain) / _safe(user.id)
    return base / _safe(profile.name) / _safe(user.domain) / _safe(user.id)


def _extension(wanted: str) -> str:
    return wanted if wanted.isascii() and wanted.isalnum() else "wav"


def _safe(name: str) -> str:
    """A name as one part of a path, whatever it is."""
    return name.replace("/", "_").replace("\0", "_").replace("..", "__") or "_"


def _same(first: str, second: str) -> bool:
    """Compare in the same time, however much of it is right."""
    return compare_digest(first.encode("utf-8", "replace"), second.encode("utf-8", "replace"))
