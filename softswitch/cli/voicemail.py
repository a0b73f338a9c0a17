"""``softswitch voicemail``: take over the mailboxes of a FreeSWITCH."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

import click

from softswitch.cli.options import FOLDER, conf_option, data_option

if TYPE_CHECKING:
    from softswitch.modules.voicemail.store import MessageStore

PREFERENCES = ("name_path", "greeting_path", "password")


@click.group("voicemail")
def command() -> None:
    """Take over the mailboxes of a FreeSWITCH."""


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--profile", default="default", show_default=True, help="Profile to import into.")
@click.option(
    "--storage",
    type=FOLDER,
    help="FreeSWITCH's storage/voicemail, where it is not at the paths that FILE names.",
)
@click.option("--dry-run", is_flag=True, help="Change nothing, tell what would be done.")
@conf_option
@data_option
def import_(
    file: Path, profile: str, storage: Path | None, dry_run: bool, conf: Path, data: Path
) -> None:
    """Import messages, greetings, names and passwords from FILE, such as voicemail_default.db.

    What is here already stays as it is, so that it may be run again. Files are copied;
    FreeSWITCH's are left alone. The switch must not run.
    """
    from softswitch.config.errors import ConfigurationErrors
    from softswitch.db.lock import hold

    data.mkdir(parents=True, exist_ok=True)
    try:
        lock = hold(data)
        try:
            done = asyncio.run(_run(file, profile, storage, dry_run, conf, data))
        finally:
            os.close(lock)
    except ConfigurationErrors as errors:
        raise click.ClickException("\n".join(map(str, errors.findings))) from None
    except (OSError, ValueError, sqlite3.Error) as error:
        raise click.ClickException(str(error)) from None
    for what, count in sorted(done.items()):
        click.echo(f"{count:6} {what}")
    click.echo("nothing was changed" if dry_run else "done")


async def _run(
    file: Path, profile: str, storage: Path | None, dry_run: bool, conf: Path, data: Path
) -> Counter[str]:
    from softswitch.cli.variables import known_variables
    from softswitch.config.settings import read_switch_settings
    from softswitch.config.store import ConfigurationStore
    from softswitch.db.databases import Databases
    from softswitch.modules.voicemail.settings import read_profiles
    from softswitch.modules.voicemail.store import MIGRATIONS, MessageStore, file_name

    configuration = ConfigurationStore(conf, known_variables(conf, data))
    profiles = read_profiles(configuration.current)[0]
    if profile not in profiles:
        raise ValueError(f"there is no profile {profile}, there are {', '.join(profiles)}")
    settings, _ = read_switch_settings(configuration.current)
    folder = Path(configuration.globals.get("db_dir") or data / "db")
    root = Path(configuration.globals.get("storage_dir") or data / "storage")
    messages, preferences = _read(file)
    databases = Databases(settings.core_db_dsn)
    store = MessageStore(databases.open(folder / file_name(profile), MIGRATIONS))
    importer = _Importer(store, root / "voicemail" / profile, storage, dry_run)
    try:
        for message in messages:
            await importer.message(message)
        for preference in preferences:
            await importer.preferences(preference)
    finally:
        await store.close()
    return importer.done


def _read(file: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of messages and of preferences; an old FreeSWITCH has fewer columns."""
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as source:
        source.row_factory = sqlite3.Row
        messages = source.execute("SELECT * FROM voicemail_msgs ORDER BY created_epoch")
        preferences = source.execute("SELECT * FROM voicemail_prefs")
        return [dict(row) for row in messages], [dict(row) for row in preferences]


@dataclass
class _Importer:
    """Puts rows of FreeSWITCH's tables and the files they name into a profile."""

    store: MessageStore
    root: Path
    storage: Path | None
    dry_run: bool
    done: Counter[str] = field(default_factory=Counter)

    async def message(self, row: dict[str, Any]) -> None:
        """Import a message unless it is here or its file is gone."""
        from softswitch.modules.voicemail.store import INBOX, NORMAL, Message

        user, domain = str(row["username"] or ""), str(row["domain"] or "")
        path = self._find(str(row["file_path"] or ""))
        if path is None or not _plain(user) or not _plain(domain):
            self.done["messages whose file or mailbox is not there"] += 1
            return
        uuid = str(row["uuid"] or "")
        known = await self.store.message(user, domain, uuid)
        if known is not None and Path(known.path).name != path.name:
            # FreeSWITCH gives all messages of a call the same one.
            uuid = str(uuid5(NAMESPACE_OID, f"{uuid} {path.name}"))
            known = await self.store.message(user, domain, uuid)
        if known is not None:
            self.done["messages that are here already"] += 1
            return
        self._copy_siblings(path.parent, user, domain)
        target = self._copy(path, user, domain)
        self.done["messages imported"] += 1
        if self.dry_run:
            return
        await self.store.add(
            Message(
                *(user, domain, uuid, int(row["created_epoch"] or 0)),
                *(str(row["cid_name"] or ""), str(row["cid_number"] or ""), str(target)),
                int(row["message_len"] or 0),
                read=int(row["read_epoch"] or 0),
                flags=str(row["flags"] or ""),
                urgency=str(row["read_flags"] or NORMAL),
                forwarded_by=str(row.get("forwarded_by") or ""),
                folder=str(row["in_folder"] or INBOX),
            )
        )

    async def preferences(self, row: dict[str, Any]) -> None:
        """Import what a user chose where he has chosen nothing here."""
        user, domain = str(row["username"] or ""), str(row["domain"] or "")
        if not _plain(user) or not _plain(domain):
            return
        own = await self.store.preferences(user, domain)
        for name in PREFERENCES:
            value = str(row.get(name) or "")
            if not value or getattr(own, name):
                continue
            what = name.removesuffix("_path")
            if name != "password":
                path = self._find(value)
                if path is None:
                    self.done[f"{what}s whose file is not there"] += 1
                    continue
                self._copy_siblings(path.parent, user, domain)
                value = str(self._copy(path, user, domain))
            self.done[f"{what}s imported"] += 1
            if not self.dry_run:
                await self.store.prefer(user, domain, name, value)

    def _find(self, name: str) -> Path | None:
        """The file of a row: at its path, else below the storage that was named."""
        path = Path(name)
        if name and path.is_file():
            return path
        parts = path.parts[1:] if path.is_absolute() else path.parts
        if self.storage is not None and ".." not in parts:
            for first in range(len(parts)):
                found = self.storage.joinpath(*parts[first:])
                if found.is_file():
                    return found
        return None

    def _copy_siblings(self, folder: Path, user: str, domain: str) -> None:
        """Recorded greetings and names lie beside messages, whether they are chosen or not."""
        for pattern in ("greeting_?.*", "recorded_name.*"):
            for path in sorted(folder.glob(pattern)):
                self._copy(path, user, domain)

    def _copy(self, path: Path, user: str, domain: str) -> Path:
        """The copy of a file in the mailbox; one that is there stays."""
        from softswitch.modules.voicemail.recorder import keep

        target = self.root / domain / user / path.name
        if not self.dry_run and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f"tmp_{target.name}")
            shutil.copyfile(path, draft)
            keep(draft, target)
        return target


def _plain(name: str) -> bool:
    """Whether a name can be that of a folder and no way to another one."""
    return bool(name) and "/" not in name and "\0" not in name and name not in (".", "..")
