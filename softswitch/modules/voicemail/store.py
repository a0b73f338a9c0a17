"""Messages and preferences of mailboxes in a database: FreeSWITCH's two tables.

All methods leave the loop at once; what they say is written, is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from softswitch.db.database import Database, Row, Value, upsert

MIGRATIONS = (
    """
    CREATE TABLE voicemail_msgs (
        created_epoch INTEGER, read_epoch INTEGER, username VARCHAR(255), domain VARCHAR(255),
        uuid VARCHAR(255), cid_name VARCHAR(255), cid_number VARCHAR(255),
        in_folder VARCHAR(255), file_path VARCHAR(255), message_len INTEGER,
        flags VARCHAR(255), read_flags VARCHAR(255), forwarded_by VARCHAR(255)
    );
    CREATE UNIQUE INDEX voicemail_msgs_uuid ON voicemail_msgs (username, domain, uuid);
    CREATE TABLE voicemail_prefs (
        username VARCHAR(255), domain VARCHAR(255), name_path VARCHAR(255),
        greeting_path VARCHAR(255), password VARCHAR(255), PRIMARY KEY (username, domain)
    );
    """,
)

INBOX = "inbox"
URGENT, NORMAL = "A_URGENT", "B_NORMAL"
"""In the order in which messages are played."""
SAVED, DELETED = "save", "delete"


class StoreError(Exception):
    """Something could not be written; the message says what."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a mailbox."""

    user: str
    domain: str
    uuid: str
    created: int
    """Seconds since 1970, as is ``read``."""
    cid_name: str
    cid_number: str
    path: str
    seconds: int
    read: int = 0
    """When it was heard and saved; 0 is a new message."""
    flags: str = ""
    """Nothing, ``save`` or ``delete``."""
    urgency: str = NORMAL
    forwarded_by: str = ""
    folder: str = INBOX

    @property
    def urgent(self) -> bool:
        return self.urgency == URGENT

    @property
    def deleted(self) -> bool:
        return self.flags == DELETED


@dataclass(frozen=True, slots=True)
class Counts:
    """How many messages there are; the urgent ones count in the others too."""

    new: int = 0
    saved: int = 0
    urgent_new: int = 0
    urgent_saved: int = 0


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a user chose on the phone."""

    name_path: str = ""
    greeting_path: str = ""
    password: str = ""


_COLUMNS = (
    "username, domain, uuid, created_epoch, cid_name, cid_number, file_path, message_len,"
    " read_epoch, flags, read_flags, forwarded_by, in_folder"
)


_PUT = upsert("voicemail_msgs", _COLUMNS.split(", "), ("username", "domain", "uuid"))


class MessageStore:
    """The messages and preferences of one profile."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loop = asyncio.get_running_loop()

    def __repr__(self) -> str:
        return f"<MessageStore {self._database!r}>"

    async def add(self, message: Message) -> None:
        """Keep a message for good. Raises `StoreError` where that was not possible."""
        await self._write(
            _PUT,
            (
                *(message.user, message.domain, message.uuid, message.created),
                *(message.cid_name, message.cid_number, message.path, message.seconds),
                *(message.read, message.flags, message.urgency, message.forwarded_by),
                message.folder,
            ),
        )
        if await self.message(message.user, message.domain, message.uuid) is None:
            raise StoreError(f"the message {message.uuid} could not be written")

    async def messages(self, user: str, domain: str, *, saved: bool | None = None) -> list[Message]:
        """The messages of a mailbox, urgent ones first, then by time; new, saved, or all."""
        condition = {True: "AND read_epoch != 0", False: "AND read_epoch = 0", None: ""}[saved]
        rows = await self._query(
            f"SELECT {_COLUMNS} FROM voicemail_msgs WHERE username = ? AND domain = ? {condition}"
            " ORDER BY read_flags, created_epoch, rowid",
            (user, domain),
        )
        return [_message(row) for row in rows]

    async def message(self, user: str, domain: str, uuid: str) -> Message | None:
        """One message by its uuid."""
        rows = await self._query(
            f"SELECT {_COLUMNS} FROM voicemail_msgs WHERE username = ? AND domain = ? AND uuid = ?",
            (user, domain, uuid),
        )
        return _message(rows[0]) if rows else None

    async def flag(self, message: Message, flags: str) -> None:
        """Set what shall become of a message: ``save``, ``delete`` or nothing."""
        await self._update(message, "flags", flags)

    async def mark_read(self, message: Message, epoch: int) -> None:
        """A message was heard at that time, or is new again with 0."""
        await self._update(message, "read_epoch", epoch)

    async def remove(self, message: Message) -> None:
        """Forget a message; its file is the caller's."""
        await self._write(
            "DELETE FROM voicemail_msgs WHERE username = ? AND domain = ? AND uuid = ?",
            (message.user, message.domain, message.uuid),
        )

    async def counts(self, user: str, domain: str, *, marks: bool = False) -> Counts:
        """How many messages a mailbox has; with ``marks`` saved are those marked so, heard or not.

        What is marked to be deleted does not count.
        """
        saved = "flags != ''" if marks else "read_epoch != 0"
        rows = await self._query(
            f"SELECT {saved}, read_flags = ?, count(*) FROM voicemail_msgs"
            " WHERE username = ? AND domain = ? AND flags != ? GROUP BY 1, 2",
            (URGENT, user, domain, DELETED),
        )
        found = {(bool(saved), bool(urgent)): _number(count) for saved, urgent, count in rows}
        urgent_new, urgent_saved = found.get((False, True), 0), found.get((True, True), 0)
        return Counts(
            found.get((False, False), 0) + urgent_new,
            found.get((True, False), 0) + urgent_saved,
            urgent_new,
            urgent_saved,
        )

    async def used_seconds(self, user: str, domain: str) -> int:
        """How long all messages of a mailbox are."""
        rows = await self._query(
            "SELECT coalesce(sum(message_len), 0) FROM voicemail_msgs"
            " WHERE username = ? AND domain = ?",
            (user, domain),
        )
        return _number(rows[0][0])

    async def preferences(self, user: str, domain: str) -> Preferences:
        """What the user chose; nothing where nothing was chosen."""
        rows = await self._query(
            "SELECT name_path, greeting_path, password FROM voicemail_prefs"
            " WHERE username = ? AND domain = ?",
            (user, domain),
        )
        return Preferences(*(str(value or "") for value in rows[0])) if rows else Preferences()

    async def prefer(self, user: str, domain: str, column: str, value: str) -> None:
        """Set ``name_path``, ``greeting_path`` or ``password``."""
        if column not in ("name_path", "greeting_path", "password"):
            raise ValueError(f"{column} is no preference")
        await self._write(
            f"INSERT INTO voicemail_prefs (username, domain, {column}) VALUES (?, ?, ?)"
            f" ON CONFLICT (username, domain) DO UPDATE SET {column} = excluded.{column}",
            (user, domain, value),
        )

    async def close(self) -> None:
        """Write what waits."""
        await self._loop.run_in_executor(None, self._database.close)

    async def _update(self, message: Message, column: str, value: Value) -> None:
        await self._write(
            f"UPDATE voicemail_msgs SET {column} = ?"
            " WHERE username = ? AND domain = ? AND uuid = ?",
            (value, message.user, message.domain, message.uuid),
        )

    async def _write(self, statement: str, values: Sequence[Value]) -> None:
        self._database.execute(statement, tuple(values))
        await self._loop.run_in_executor(None, self._database.flush().result)

    async def _query(self, statement: str, values: Row) -> list[Row]:
        return await self._loop.run_in_executor(None, self._database.query, statement, values)


def file_name(profile: str) -> str:
    """What the store of a profile is called."""
    return f"voicemail_{profile.replace('/', '_')}.db"


def _message(row: Row) -> Message:
    text = [str(value) if value is not None else "" for value in row]
    return Message(
        user=text[0],
        domain=text[1],
        uuid=text[2],
        created=_number(row[3]),
        cid_name=text[4],
        cid_number=text[5],
        path=text[6],
        seconds=_number(row[7]),
        read=_number(row[8]),
        flags=text[9],
        urgency=text[10],
        forwarded_by=text[11],
        folder=text[12],
    )


def _number(value: Value) -> int:
    return int(value) if isinstance(value, (int, float)) else 0
