"""``softswitch voicemail``, as it is typed."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from softswitch.cli.voicemail import command
from softswitch.db.lock import hold
from tests.support.audio import tone, write_wav
from tests.support.switch import DOCUMENT

SCHEMA = """
CREATE TABLE voicemail_msgs (created_epoch INTEGER, read_epoch INTEGER, username VARCHAR(255),
    domain VARCHAR(255), uuid VARCHAR(255), cid_name VARCHAR(255), cid_number VARCHAR(255),
    in_folder VARCHAR(255), file_path VARCHAR(255), message_len INTEGER, flags VARCHAR(255),
    read_flags VARCHAR(255), forwarded_by VARCHAR(255));
CREATE TABLE voicemail_prefs (username VARCHAR(255), domain VARCHAR(255),
    name_path VARCHAR(255), greeting_path VARCHAR(255), password VARCHAR(255));
"""


class Move:
    """A FreeSWITCH's files, and the folders of a switch that takes them over."""

    def __init__(self, folder: Path) -> None:
        self.conf, self.data = folder / "conf", folder / "data"
        self.conf.mkdir()
        text = DOCUMENT.format(configuration="", dialplan="", directory="", languages="")
        (self.conf / "freeswitch.xml").write_text(text)
        self.theirs = folder / "theirs"
        self.box = self.theirs / "default/a.test/1000"
        self.box.mkdir(parents=True)
        for name in ("msg_1", "msg_2", "greeting_2", "greeting_3", "recorded_name"):
            write_wav(self.box / f"{name}.wav", tone(440, 1000))
        self.file = folder / "voicemail_default.db"
        with closing(sqlite3.connect(self.file)) as database, database:
            database.executescript(SCHEMA)
            for number, (name, read, flags, urgency) in enumerate(
                (("msg_1", 0, "", "A_URGENT"), ("msg_2", 9, "save", None), ("gone", 0, "", None))
            ):
                database.execute(
                    "INSERT INTO voicemail_msgs VALUES (?, ?, '1000', 'a.test', 'u', 'Bob', '2',"
                    " 'inbox', ?, 1, ?, ?, NULL)",
                    (number + 5, read, str(self.box / f"{name}.wav"), flags, urgency),
                )
            database.execute(
                "INSERT INTO voicemail_prefs VALUES ('1000', 'a.test', ?, ?, '4711')",
                (str(self.box / "recorded_name.wav"), str(self.box / "greeting_2.wav")),
            )
            database.execute("INSERT INTO voicemail_prefs VALUES ('..', 'a.test', '', '', '1')")

    def run(self, *arguments: str | Path) -> Result:
        words = ["import", self.file, *arguments, "--conf", self.conf, "--data", self.data]
        return CliRunner().invoke(command, [str(word) for word in words])

    def rows(self, query: str) -> list[tuple[object, ...]]:
        path = self.data / "db/voicemail_default.db"
        with closing(sqlite3.connect(path)) as database:
            return database.execute(query).fetchall()

    @property
    def ours(self) -> Path:
        return self.data / "storage/voicemail/default/a.test/1000"


def test_messages_greetings_names_and_passwords_are_taken_over(tmp_path: Path) -> None:
    move = Move(tmp_path)
    result = move.run()
    assert result.exit_code == 0, result.output
    told = [line.split(maxsplit=1) for line in result.output.splitlines()[:-1]]
    assert dict((what, count) for count, what in told) == {
        "messages imported": "2",
        "messages whose file or mailbox is not there": "1",
        "greetings imported": "1",
        "names imported": "1",
        "passwords imported": "1",
    }
    rows = move.rows(
        "SELECT created_epoch, read_epoch, cid_name, flags, read_flags, message_len, file_path"
        " FROM voicemail_msgs ORDER BY created_epoch"
    )
    assert rows == [
        (5, 0, "Bob", "", "A_URGENT", 1, str(move.ours / "msg_1.wav")),
        (6, 9, "Bob", "save", "B_NORMAL", 1, str(move.ours / "msg_2.wav")),
    ]
    names = {path.name: path.read_bytes() for path in move.ours.iterdir()}
    assert names == {path.name: path.read_bytes() for path in move.box.iterdir()}
    assert move.rows("SELECT * FROM voicemail_prefs") == [
        (
            *("1000", "a.test", str(move.ours / "recorded_name.wav")),
            *(str(move.ours / "greeting_2.wav"), "4711"),
        )
    ]


def test_a_second_time_changes_nothing_and_own_choices_stay(tmp_path: Path) -> None:
    move = Move(tmp_path)
    move.run()
    with closing(sqlite3.connect(move.data / "db/voicemail_default.db")) as database, database:
        database.execute("UPDATE voicemail_prefs SET password = '1'")
        database.execute("UPDATE voicemail_msgs SET read_epoch = 77")
    result = move.run()
    assert "2 messages that are here already" in result.output
    assert "imported" not in result.output
    assert move.rows("SELECT password FROM voicemail_prefs") == [("1",)]
    assert move.rows("SELECT read_epoch FROM voicemail_msgs") == [(77,), (77,)]


def test_a_dry_run_tells_the_same_and_does_nothing(tmp_path: Path) -> None:
    move = Move(tmp_path)
    result = move.run("--dry-run")
    assert "2 messages imported" in result.output
    assert result.output.endswith("nothing was changed\n")
    assert move.rows("SELECT * FROM voicemail_msgs") == []
    assert move.rows("SELECT * FROM voicemail_prefs") == []
    assert not move.ours.exists()


def test_files_are_found_where_the_storage_was_moved_to(tmp_path: Path) -> None:
    move = Move(tmp_path)
    moved = move.theirs.rename(tmp_path / "moved")
    assert "messages imported" not in move.run().output
    assert "2 messages imported" in move.run("--storage", moved).output
    assert (move.ours / "msg_1.wav").exists()


@pytest.mark.parametrize("why", ["profile", "running", "file"])
def test_what_cannot_be_imported_is_told_in_a_line(tmp_path: Path, why: str) -> None:
    move = Move(tmp_path)
    arguments = ["--profile", "nosuch"] if why == "profile" else []
    if why == "file":
        move.file.write_text("no database, but long enough to be looked at as one of these " * 9)
    move.data.mkdir()
    lock = hold(move.data) if why == "running" else None
    result = move.run(*arguments)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    if lock is not None:
        os.close(lock)
