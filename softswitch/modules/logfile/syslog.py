"""The module ``mod_syslog``: log lines for syslog (RFC 3164) or systemd's journal."""

from __future__ import annotations

import logging
import os
import socket
import struct
from dataclasses import dataclass
from logging.handlers import SysLogHandler
from typing import TYPE_CHECKING

from softswitch.config.params import param, read_params
from softswitch.config.settings import LEVELS as NAMES
from softswitch.config.validators import register_validator
from softswitch.log import LEVELS, NOTICE
from softswitch.modules.logfile.background import Background
from softswitch.modules.logfile.lines import text_of
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.config.document import Configuration
    from softswitch.config.errors import Finding
    from softswitch.switch.switch import Switch

SYSLOG = "/dev/log"
JOURNAL = "/run/systemd/journal/socket"


@dataclass(frozen=True, slots=True)
class SyslogSettings:
    """``syslog.conf``: log lines for the system's log."""

    output: str = param(
        "output", "syslog", choices=("syslog", "journald"), help="who is sent the lines"
    )
    facility: str = param(
        "facility", "user", choices=tuple(SysLogHandler.facility_names), help="syslog's facility"
    )
    ident: str = param("ident", "softswitch", help="the program's name before each line")
    loglevel: str = param("loglevel", "warning", choices=NAMES, help="lowest level that is sent")
    uuid: bool = param("uuid", True, help="write the call's id before its lines")


def severity(level: int) -> int:
    """RFC 5424 §6.2.1's number of one of Python's levels."""
    steps = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (NOTICE, 5))
    known = next((number for least, number in steps if level >= least), 0)
    return known or (6 if level >= logging.INFO else 7)


class _Datagrams(logging.Handler):
    """Sends each record as a datagram; one that is not taken is lost, as syslog's are."""

    def __init__(self, path: str) -> None:
        """Raises OSError where nobody listens."""
        super().__init__()
        self._path = path
        self._socket = self._connect()

    def _connect(self) -> socket.socket:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        try:
            made.connect(self._path)
        except OSError as error:
            made.close()
            raise OSError(error.errno, os.strerror(error.errno or 0), self._path) from None
        return made

    def emit(self, record: logging.LogRecord) -> None:
        data = self.data(record)
        try:
            self._socket.send(data)
        except OSError:
            # The log daemon was started anew.
            try:
                self._socket.close()
                self._socket = self._connect()
                self._socket.send(data)
            except OSError:
                pass

    def data(self, record: logging.LogRecord) -> bytes:
        raise NotImplementedError

    def close(self) -> None:
        self._socket.close()
        super().close()


class Syslog(_Datagrams):
    """RFC 3164's lines for the local daemon."""

    def __init__(self, settings: SyslogSettings, path: str) -> None:
        super().__init__(path)
        self._settings = settings
        self._facility = SysLogHandler.facility_names[settings.facility]

    def data(self, record: logging.LogRecord) -> bytes:
        call = getattr(record, "uuid", "") if self._settings.uuid else ""
        text = text_of(_PLAIN, record).replace("\n", "\n    ")
        line = f"{call} {text}" if call else text
        priority = self._facility << 3 | severity(record.levelno)
        return f"<{priority}>{self._settings.ident}[{os.getpid()}]: {line}".encode(
            "utf-8", "replace"
        )


class Journal(_Datagrams):
    """Fields for systemd's journal; ``journalctl CALL_UUID=…`` finds the lines of a call."""

    def __init__(self, settings: SyslogSettings, path: str) -> None:
        super().__init__(path)
        self._settings = settings

    def data(self, record: logging.LogRecord) -> bytes:
        fields = {
            "MESSAGE": text_of(_PLAIN, record),
            "PRIORITY": str(severity(record.levelno)),
            "SYSLOG_IDENTIFIER": self._settings.ident,
            "CODE_FILE": record.filename,
            "CODE_LINE": str(record.lineno),
            "CODE_FUNC": record.funcName or "",
            "CALL_UUID": getattr(record, "uuid", ""),
        }
        return b"".join(_field(name, value) for name, value in fields.items() if value)


_PLAIN = logging.Formatter()


def _field(name: str, value: str) -> bytes:
    """A field as the journal's native protocol has it: with its length where it has lines."""
    data = value.encode("utf-8", "replace")
    if b"\n" not in data:
        return name.encode() + b"=" + data + b"\n"
    return name.encode() + b"\n" + struct.pack("<Q", len(data)) + data + b"\n"


@module("mod_syslog", settings=SyslogSettings)
class SystemLog:
    """Sends log lines to syslog or to systemd's journal."""

    def __init__(self) -> None:
        self._background: Background | None = None

    async def start(self, switch: Switch) -> None:
        """Begin. Raises OSError where nobody takes the lines."""
        settings, _ = read_syslog(switch.generation.configuration)
        journal = settings.output == "journald"
        handler = Journal(settings, JOURNAL) if journal else Syslog(settings, SYSLOG)
        self._background = Background(handler, LEVELS[settings.loglevel])

    async def stop(self) -> None:
        """Send what waits and end."""
        if self._background is not None:
            self._background.close()


def read_syslog(configuration: Configuration) -> tuple[SyslogSettings, list[Finding]]:
    """The settings of ``syslog.conf``."""
    element = configuration.configuration("syslog.conf")
    return read_params(element.find("settings") if element else None, SyslogSettings)


register_validator("configuration", lambda configuration: read_syslog(configuration)[1])
