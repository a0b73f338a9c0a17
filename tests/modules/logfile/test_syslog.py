"""Lines for the system's log, over real sockets."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from softswitch.log import CallLogger
from softswitch.modules.logfile import syslog
from softswitch.modules.logfile.syslog import Journal, Syslog, SyslogSettings, severity
from softswitch.switch import modules
from tests.modules.cdr.support import configuration
from tests.support.switch import bench

UUID = "11111111-2222-3333-4444-555555555555"
Listen = Callable[[], socket.socket]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def listen(path: Path) -> Iterator[Listen]:
    made: list[socket.socket] = []

    def listen() -> socket.socket:
        for one in made:
            one.close()
        path.unlink(missing_ok=True)
        made.append(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        made[-1].bind(str(path))
        made[-1].settimeout(30)
        return made[-1]

    yield listen
    for one in made:
        one.close()


def record(text: str, level: int = logging.WARNING, uuid: str = UUID) -> logging.LogRecord:
    made = logging.LogRecord("softswitch.x", level, "/a/sofia.py", 12, text, None, None, "call")
    made.uuid = uuid
    return made


def test_levels_have_syslogs_numbers() -> None:
    levels = [logging.CRITICAL, logging.ERROR, logging.WARNING, 25, logging.INFO, logging.DEBUG]
    assert [severity(level) for level in levels] == [2, 3, 4, 5, 6, 7]


def test_syslog_gets_a_line_with_facility_and_level(path: Path, listen: Listen) -> None:
    daemon = listen()
    handler = Syslog(SyslogSettings(facility="local3"), str(path))
    handler.handle(record("up\nand on", logging.ERROR))
    handler.handle(record("plain", uuid=""))
    head = f"softswitch[{os.getpid()}]:"
    assert daemon.recv(1000).decode() == f"<{19 * 8 + 3}>{head} {UUID} up\n    and on"
    assert daemon.recv(1000).decode() == f"<{19 * 8 + 4}>{head} plain"
    handler.close()


def test_without_uuid_no_id_is_sent(path: Path, listen: Listen) -> None:
    daemon = listen()
    handler = Syslog(SyslogSettings(uuid=False, ident="pbx"), str(path))
    handler.handle(record("up"))
    assert daemon.recv(1000).decode() == f"<12>pbx[{os.getpid()}]: up"
    handler.close()


def test_the_journal_gets_fields(path: Path, listen: Listen) -> None:
    daemon = listen()
    handler = Journal(SyslogSettings(), str(path))
    handler.handle(record("up"))
    assert daemon.recv(1000).decode().splitlines() == [
        "MESSAGE=up",
        "PRIORITY=4",
        "SYSLOG_IDENTIFIER=softswitch",
        "CODE_FILE=sofia.py",
        "CODE_LINE=12",
        "CODE_FUNC=call",
        f"CALL_UUID={UUID}",
    ]
    handler.handle(record("a\nPRIORITY=0"))
    assert daemon.recv(1000).startswith(b"MESSAGE\n\x0c\0\0\0\0\0\0\0a\nPRIORITY=0\nPRIORITY=4\n")
    handler.close()


def test_a_daemon_that_was_started_anew_is_found_again(path: Path, listen: Listen) -> None:
    listen()
    handler = Syslog(SyslogSettings(), str(path))
    daemon = listen()
    handler.handle(record("again"))
    assert daemon.recv(1000).endswith(b"again")
    daemon.close()
    path.unlink()
    handler.handle(record("lost"))
    handler.close()


def test_a_daemon_that_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(OSError, match=f"No such file.*{path}"):
        Journal(SyslogSettings(), str(path))


@pytest.mark.virtual_time
@pytest.mark.parametrize("output", ["syslog", "journald"])
async def test_a_switch_sends_what_it_logs(
    path: Path, listen: Listen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    daemon = listen()
    for name in ("SYSLOG", "JOURNAL"):
        monkeypatch.setattr(syslog, name, str(path))
    modules.discover()
    async with bench(tmp_path, configuration=configuration("syslog.conf", output=output)) as b:
        assert await b.switch.modules.load("mod_syslog") is None
        logging.getLogger("softswitch.x").info("not wanted")
        CallLogger("softswitch.call", UUID, "sofia/a").warning("password=hush")
        assert await b.switch.modules.unload("mod_syslog") is None
    line = daemon.recv(1000).decode()
    assert "password=***" in line and UUID in line
