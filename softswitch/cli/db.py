"""``softswitch db``: back up, restore, check and bring up to date what the switch stores."""

from __future__ import annotations

import gzip
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from softswitch.cli.options import conf_option, data_option

if TYPE_CHECKING:
    from softswitch.db.database import Database
    from softswitch.db.databases import Databases


@dataclass(frozen=True, slots=True)
class Store:
    """One thing that the switch stores."""

    path: Path
    migrations: Sequence[str]

    @property
    def name(self) -> str:
        return self.path.stem


@dataclass(frozen=True, slots=True)
class Stores:
    """All of them, and where they are."""

    databases: Databases
    stores: list[Store]
    data: Path

    def open(self) -> Iterator[tuple[Store, Database]]:
        """Each store that is there, its schema up to date."""
        for store in self.stores:
            if self.databases.dsn or store.path.exists():
                with closing(self.databases.open(store.path, store.migrations)) as database:
                    yield store, database


@click.group("db")
def command() -> None:
    """Back up, restore and check registrations, subscriptions, db, group and voicemail.

    Call records are not among them: they have tables and files of their own.
    """


def _with_stores(function: Callable[..., None]) -> Callable[..., None]:
    """Give the stores of ``--conf`` and ``--data``, and tell what goes wrong in one line."""

    @conf_option
    @data_option
    @wraps(function)
    def run(conf: Path, data: Path, **arguments: Any) -> None:
        from softswitch.config.errors import ConfigurationErrors

        try:
            function(_stores(conf, data), **arguments)
        except ConfigurationErrors as errors:
            for finding in errors.findings:
                click.echo(str(finding), err=True)
            sys.exit(2)
        except (OSError, ValueError, EOFError, sqlite3.Error) as error:
            raise click.ClickException(str(error)) from None

    return run


@command.command("migrate")
@_with_stores
def migrate(stores: Stores) -> None:
    """Bring all schemas up to date; `softswitch run` does it too when it starts."""
    for store, database in stores.open():
        click.echo(f"{store.name}: version {database.version()}")


@command.command("check")
@_with_stores
def check(stores: Stores) -> None:
    """Read what is stored and tell what is wrong. Exits with 1 where something is."""
    wrong = 0
    for store, database in stores.open():
        problems = database.problems()
        if database.version() > len(store.migrations):
            problems.append("it was written by a newer softswitch")
        wrong += len(problems)
        click.echo(f"{store.name}: {'; '.join(problems) or 'well'}, {_rows(database)}")
    sys.exit(1 if wrong else 0)


@command.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_with_stores
def backup(stores: Stores, file: Path) -> None:
    """Write all that is stored into FILE, also while the switch runs.

    The file is of this program's own form: it may be restored into the other kind of database.
    """
    from softswitch.db.dump import lines

    new = file.with_name(f"{file.name}.new")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as raw, gzip.open(raw, "wt", encoding="utf-8") as out:
            for store, database in stores.open():
                out.writelines(lines(store.name, database))
        os.replace(new, file)
    except OSError as error:
        # A full disk leaves half a file, and an older backup as it was.
        with suppress(OSError):
            new.unlink()
        raise click.ClickException(f"cannot write {file}: {error.strerror}") from error
    click.echo(f"{file}: {file.stat().st_size} octets")


@command.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_with_stores
def restore(stores: Stores, file: Path) -> None:
    """Put what FILE holds in place of what is stored. The switch must not run."""
    from softswitch.db.dump import BadBackup, load, stores_of
    from softswitch.db.lock import hold

    stores.data.mkdir(parents=True, exist_ok=True)
    lock = hold(stores.data)
    try:
        known = {store.name: store for store in stores.stores}
        with gzip.open(file, "rt", encoding="utf-8") as text:
            # All is read before anything is changed.
            parts = list(stores_of(text))
        for name, version, _ in parts:
            if name not in known:
                raise BadBackup(f"{file} has a store {name} that this configuration has not")
            if version > len(known[name].migrations):
                raise BadBackup(f"{file} was written by a newer softswitch")
        for name, _, rows in parts:
            store = known[name]
            with closing(stores.databases.open(store.path, store.migrations)) as database:
                click.echo(f"{name}: {load(database, rows)} rows")
    finally:
        os.close(lock)


def _rows(database: Database) -> str:
    try:
        counts = [
            database.query(f'SELECT count(*) FROM "{table}"')[0][0] for table in database.tables()
        ]
    except sqlite3.Error:
        return "rows cannot be read"
    return f"{sum(int(count or 0) for count in counts)} rows"


def _stores(conf: Path, data: Path) -> Stores:
    from softswitch.cli.variables import known_variables
    from softswitch.config.settings import read_switch_settings
    from softswitch.config.store import ConfigurationStore
    from softswitch.db.databases import Databases
    from softswitch.endpoints.sip import location
    from softswitch.endpoints.sip.presence import store as presence
    from softswitch.modules.voicemail import store as voicemail
    from softswitch.modules.voicemail.settings import read_profiles
    from softswitch.switch import kept_store

    configuration = ConfigurationStore(conf, known_variables(conf, data))
    settings, _ = read_switch_settings(configuration.current)
    folder = Path(configuration.globals.get("db_dir") or data / "db")
    stores = [
        Store(data / "registrations.db", location.MIGRATIONS),
        Store(data / "presence.db", presence.MIGRATIONS),
        Store(data / kept_store.FILE, kept_store.MIGRATIONS),
        *(
            Store(folder / voicemail.file_name(name), voicemail.MIGRATIONS)
            for name in read_profiles(configuration.current)[0]
        ),
    ]
    return Stores(Databases(settings.core_db_dsn), stores, data)
