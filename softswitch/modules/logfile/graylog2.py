"""The module ``mod_graylog2``: log lines for Graylog, as GELF 1.1 over UDP."""

from __future__ import annotations

import itertools
import json
import logging
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from softswitch.config.errors import Severity
from softswitch.config.params import param, read_params
from softswitch.config.settings import LEVELS as NAMES
from softswitch.config.validators import register_validator
from softswitch.log import LEVELS
from softswitch.modules.logfile.background import Background
from softswitch.modules.logfile.lines import text_of
from softswitch.modules.logfile.syslog import severity
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.config.document import Configuration
    from softswitch.config.errors import Finding
    from softswitch.switch.switch import Switch

LONGEST = 8192
"""Octets of a datagram that Graylog takes unchunked."""
SHORT = 250
"""Characters of a short message, where the whole would be too long."""
MAGIC = b"\x1f\x3c"
"""What marks a datagram as not compressed, for readers that want that."""
_PLAIN = logging.Formatter()


@dataclass(frozen=True, slots=True)
class GraylogSettings:
    """``graylog2.conf``: log lines for a Graylog server."""

    host: str = param("server-host", "127.0.0.1", help="the server")
    port: int = param("server-port", 12201, minimum=1, maximum=65535, help="its port, by UDP")
    loglevel: str = param("loglevel", "warning", choices=NAMES, help="lowest level that is sent")
    send_uncompressed_header: bool = param(
        "send-uncompressed-header", False, help="mark datagrams as not compressed, for logstash"
    )


class Gelf(logging.Handler):
    """Sends each record as a datagram; one that is not taken is lost."""

    def __init__(self, settings: GraylogSettings, host: str) -> None:
        """``host`` is this machine's name. Blocks; raises OSError where there is no such server."""
        super().__init__()
        self._host = host
        self._prefix = MAGIC if settings.send_uncompressed_header else b""
        self._sequence = itertools.count(1)
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, address = found[0]
        self._socket = socket.socket(family, kind | socket.SOCK_CLOEXEC, protocol)
        try:
            self._socket.connect(address)
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._socket.send(self.data(record))
        except OSError:
            # Nobody listens, or not fast enough.
            pass

    def data(self, record: logging.LogRecord) -> bytes:
        """The datagram of a record, shortened where it would be too long."""
        text = text_of(_PLAIN, record)
        entry: dict[str, Any] = {
            "version": "1.1",
            "host": self._host,
            "short_message": text.partition("\n")[0] or "-",
            "full_message": text,
            "timestamp": round(record.created, 6),
            "level": severity(record.levelno),
            "_ident": "softswitch",
            "_pid": os.getpid(),
            "_uuid": getattr(record, "uuid", ""),
            "_file": record.filename,
            "_line": record.lineno,
            "_function": record.funcName or "",
            "_sequence": next(self._sequence),
            "_microtimestamp": round(record.created * 1_000_000),
            **getattr(record, "call_fields", {}),
        }
        entry = {name: value for name, value in entry.items() if value != ""}
        data = self._encoded(entry)
        if len(data) > LONGEST:
            entry["short_message"] = entry["short_message"][:SHORT]
        while len(data) > LONGEST and len(entry["full_message"]) > SHORT:
            entry["full_message"] = entry["full_message"][: len(entry["full_message"]) // 2]
            data = self._encoded(entry)
        return data

    def _encoded(self, entry: dict[str, Any]) -> bytes:
        return self._prefix + json.dumps(entry, separators=(",", ":")).encode()

    def close(self) -> None:
        self._socket.close()
        super().close()


class _CallFields(logging.Filter):
    """Adds variables of a record's call to it."""

    def __init__(self, switch: Switch, fields: dict[str, str]) -> None:
        super().__init__()
        self._switch = switch
        self._fields = fields

    def filter(self, record: logging.LogRecord) -> bool:
        session = self._switch.find(getattr(record, "uuid", ""))
        if session is not None:
            values = {name: session.get(variable) for name, variable in self._fields.items()}
            record.call_fields = {f"_{name}": value for name, value in values.items() if value}
        return True


@module("mod_graylog2", settings=GraylogSettings)
class Graylog:
    """Sends log lines to a Graylog server."""

    def __init__(self) -> None:
        self._background: Background | None = None

    async def start(self, switch: Switch) -> None:
        """Begin. Raises OSError where the server has no address."""
        settings, fields, _ = read_graylog(switch.generation.configuration)
        handler = await switch.loop.run_in_executor(None, Gelf, settings, switch.hostname)
        note = _CallFields(switch, fields) if fields else None
        self._background = Background(handler, LEVELS[settings.loglevel], note)

    async def stop(self) -> None:
        """Send what waits and end."""
        if self._background is not None:
            self._background.close()


def read_graylog(
    configuration: Configuration,
) -> tuple[GraylogSettings, dict[str, str], list[Finding]]:
    """The settings of ``graylog2.conf``, and which variables become fields."""
    element = configuration.configuration("graylog2.conf")
    written = element.find("settings") if element else None
    settings, findings = read_params(written, GraylogSettings)
    block = written.find("fields") if written else None
    fields = {}
    for item in block.findall("field") if block else ():
        missing = [name for name in ("name", "variable") if not item.get(name)]
        if missing:
            message = f"this <field> has no {missing[0]}"
            findings.append(item.finding("S406", message, "", Severity.WARNING))
        else:
            fields[item.get("name", "")] = item.get("variable", "")
    return settings, fields, findings


register_validator("configuration", lambda configuration: read_graylog(configuration)[2])
