"""``softswitch db``, as it is typed."""

from __future__ import annotations

import gzip
import os
import stat
from errno import ENOSPC
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import CliRunner, Result

from softswitch.cli.db import command
from softswitch.db.databases import Databases
from softswitch.db.lock import hold
from softswitch.switch.kept_store import open_stores
from tests.modules.cdr.support import configuration
from tests.support.postgres import Postgres, needs_postgres
from tests.support.switch import DOCUMENT


class Desk:
    def __init__(self, folder: Path, dsn: str = "") -> None:
        self.conf, self.data = folder / "conf", folder / "data"
        self.conf.mkdir(parents=True)
        self.data.mkdir()
        self.databases = Databases(dsn)
        text = configuration("switch.conf", core_db_dsn=dsn)
        (self.conf / "freeswitch.xml").write_text(
            DOCUMENT.format(configuration=text, dialplan="", directory="", languages="")
        )
        stores = open_stores(self.databases, self.data)
        stores.database.insert("realm", "key", "value")
        stores.close()

    def run(self, *arguments: str | Path) -> Result:
        folders = ["--conf", str(self.conf), "--data", str(self.data)]
        return CliRunner().invoke(command, [*map(str, arguments), *folders])

    def values(self) -> list[tuple[str, str, str]]:
        stores = open_stores(self.databases, self.data)
        stores.close()
        return stores.database.items()

    def forget(self) -> None:
        stores = open_stores(self.databases, self.data)
        stores.database.delete("realm", "key")
        stores.close()


def test_a_backup_is_restored(tmp_path: Path) -> None:
    desk, file = Desk(tmp_path), tmp_path / "backup.gz"
    done = desk.run("backup", file)
    assert done.exit_code == 0 and "octets" in done.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    desk.forget()
    done = desk.run("restore", file)
    assert (done.exit_code, done.output) == (0, "call_limit: 1 rows\n")
    assert desk.values() == [("realm", "key", "value")]


def test_a_backup_that_cannot_be_written_says_where_and_leaves_the_old_one(tmp_path: Path) -> None:
    desk, file = Desk(tmp_path), tmp_path / "none" / "backup.gz"
    done = desk.run("backup", file)
    assert done.exit_code == 1
    assert f"cannot write {file}: No such file or directory" in done.output
    file.parent.mkdir()
    file.write_bytes(b"old")
    with patch("softswitch.db.dump.lines", side_effect=OSError(ENOSPC, "No space left on device")):
        done = desk.run("backup", file)
    assert f"cannot write {file}: No space left on device" in done.output
    assert [(one.name, one.read_bytes()) for one in file.parent.iterdir()] == [(file.name, b"old")]


@needs_postgres
def test_a_backup_of_sqlite_is_restored_into_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    here, there = Desk(tmp_path / "1"), Desk(tmp_path / "2", postgres.dsn)
    here.run("backup", tmp_path / "backup.gz")
    there.forget()
    done = there.run("restore", tmp_path / "backup.gz")
    assert (done.exit_code, done.output) == (0, "call_limit: 1 rows\n")
    assert there.values() == [("realm", "key", "value")]
    assert there.run("migrate").output.splitlines() == [
        "registrations: version 2",
        "presence: version 1",
        "call_limit: version 1",
        "voicemail_default: version 1",
    ]
    assert there.run("check").output.count("well") == 4
    postgres.stop()
    done = there.run("check")
    postgres.start()
    assert done.exit_code == 1
    assert "PostgreSQL postgres at 127.0.0.1" in done.output and "pw" not in done.output


def test_a_check_tells_what_is_broken_or_newer(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    done = desk.run("check")
    assert (done.exit_code, done.output) == (0, "call_limit: well, 1 rows\n")
    database = desk.databases.open(desk.data / "call_limit.db", ())
    database.execute("PRAGMA user_version=9")
    database.close()
    done = desk.run("check")
    assert done.exit_code == 1 and "by a newer softswitch, 1 rows" in done.output
    (desk.data / "call_limit.db").write_bytes(b"nonsense" * 1000)
    done = desk.run("check")
    assert done.exit_code == 1 and "not a database" in done.output


def test_nothing_is_restored_under_a_running_switch(tmp_path: Path) -> None:
    desk, file = Desk(tmp_path), tmp_path / "backup.gz"
    desk.run("backup", file)
    lock = hold(desk.data)
    done = desk.run("restore", file)
    os.close(lock)
    assert done.exit_code == 1 and "a switch runs" in done.output


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"store": "call_limit", "version": 99}', "by a newer softswitch"),
        ('{"store": "other", "version": 1}', "a store other that this configuration has not"),
        ("nonsense", "line 1 is none of a backup"),
    ],
)
def test_a_backup_that_does_not_fit_changes_nothing(
    tmp_path: Path, line: str, message: str
) -> None:
    desk, file = Desk(tmp_path), tmp_path / "backup.gz"
    with gzip.open(file, "wt") as out:
        out.write(line)
    done = desk.run("restore", file)
    assert done.exit_code == 1 and message in done.output
    assert desk.values() == [("realm", "key", "value")]


@pytest.mark.parametrize("content", [b"", b"nonsense", gzip.compress(b"\xff\n")])
def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    desk, file = Desk(tmp_path), tmp_path / "backup.gz"
    file.write_bytes(content)
    desk.run("restore", file)
    assert desk.values() == [("realm", "key", "value")]


def test_a_configuration_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (desk.conf / "freeswitch.xml").write_text("<document")
    assert desk.run("check").exit_code == 2
