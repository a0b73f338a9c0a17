"""``cidlookup.conf``: the web server and the database that know names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from softswitch.config.element import Element
from softswitch.config.errors import Finding
from softswitch.config.params import Unit, check_param, param, read_params
from softswitch.config.validators import register_validator
from softswitch.db.foreign import dsn_problem

_PASSWORD = re.compile(r"(://[^:/@\s]*:)[^@/\s]+(@)|(password\s*=\s*)('[^']*'|\S+)", re.I)
_KEYS = re.compile(r"([?&](?:[\w-]*(?:token|key|secret|password|passwd)[\w-]*)=)[^&]+", re.I)


@dataclass(frozen=True, slots=True)
class CidlookupSettings:
    """``<settings>`` of ``cidlookup.conf``."""

    url: str = param(
        "url", "", help="asked by GET, with ${caller_id_number}; its answer is the name"
    )
    timeout: float = param(
        "curl-timeout", 2.0, unit=Unit.MILLISECONDS, minimum=1, help="for the web server"
    )
    warning: float = param(
        "curl-warning-duration",
        1.0,
        unit=Unit.MILLISECONDS,
        minimum=0,
        help="answers that take longer are told in the log",
    )
    cache: bool = param("cache", False, help="keep what the web server answered, in memory")
    cache_expire: float = param(
        "cache-expire", 300.0, unit=Unit.SECONDS, minimum=1, help="how long it is kept"
    )
    dsn: str = param("odbc-dsn", "", help="the database: sqlite://FILE or pgsql://...")
    sql: str = param("sql", "", help="finds the name, with ${caller_id_number}; asked first")
    citystate_sql: str = param(
        "citystate-sql", "", help="finds the area of numbers with 11 digits from 1"
    )

    accepted: ClassVar[dict[str, str]] = {
        "whitepages-apikey": "that interface of whitepages.com is no more",
    }

    def shown(self) -> str:
        """As ``cidlookup status`` tells it, without passwords."""
        lines = (
            ("url", hidden(self.url) or "(null)"),
            ("cache", "true" if self.cache else "false"),
            ("cache-expire", f"{self.cache_expire:.0f}"),
            ("curl-timeout", f"{self.timeout * 1000:.0f}"),
            ("curl-warn-duration", f"{self.warning * 1000:.0f}"),
            ("odbc-dsn", hidden(self.dsn) or "(null)"),
            ("sql", self.sql or "(null)"),
            ("citystate-sql", self.citystate_sql or "(null)"),
        )
        return "+OK\n" + "".join(f" {name}: {value}\n" for name, value in lines)


def hidden(text: str) -> str:
    """A URL or DSN with stars in place of what is secret in it."""
    text = _PASSWORD.sub(lambda found: f"{found[1] or found[3]}***{found[2] or ''}", text)
    return _KEYS.sub(r"\1***", text)


def read_settings(element: Element | None) -> tuple[CidlookupSettings, list[Finding]]:
    """The settings and what is wrong with them."""
    written = element.find("settings") if element else None
    settings, findings = read_params(written, CidlookupSettings)
    findings += check_param(written, "odbc-dsn", dsn_problem, "nothing is asked of it")
    return settings, findings


register_validator(
    "configuration",
    lambda configuration: read_settings(configuration.configuration("cidlookup.conf"))[1],
)
