"""``easyroute.conf``: the database of numbers and gateways, and where other numbers go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from softswitch.config.element import Element
from softswitch.config.errors import Finding
from softswitch.config.params import check_param, param, read_params
from softswitch.config.validators import register_validator
from softswitch.db.foreign import dsn_problem

STATEMENT = (
    'SELECT gateways.gateway_ip, gateways."group", gateways."limit", gateways.techprofile,'
    " numbers.acctcode, numbers.translated FROM gateways, numbers"
    " WHERE numbers.number = '%q' AND numbers.gateway_id = gateways.gateway_id LIMIT 1"
)
_USER = re.compile(r"\buser\s*=", re.I)


@dataclass(frozen=True, slots=True)
class EasyrouteSettings:
    """``<settings>`` of ``easyroute.conf``."""

    db_dsn: str = param("db-dsn", "", help="the database: sqlite://FILE or pgsql://host=...")
    db_username: str = param("db-username", "", help="the user, where a pgsql:// DSN names none")
    db_password: str = param("db-password", "", help="his password")
    default_techprofile: str = param(
        "default-techprofile", "sofia/default", help="where a row has no techprofile"
    )
    default_gateway: str = param(
        "default-gateway", "192.168.1.1", help="where a number or its row has no gateway"
    )
    custom_query: str = param(
        "custom-query",
        "",
        help="a statement with %q for the number; its columns: gateway, group, limit,"
        " techprofile, acctcode, number",
    )

    accepted: ClassVar[dict[str, str]] = {
        "odbc-retries": "a database that was away is asked again at the next call",
    }

    @property
    def dsn(self) -> str:
        """The DSN with user and password in it."""
        dsn = self.db_dsn.strip()
        words = "=" in dsn.partition("?")[0] and dsn.startswith("pgsql://")
        if not (words and self.db_username and not _USER.search(dsn)):
            return dsn
        return f"{dsn} user={_word(self.db_username)} password={_word(self.db_password)}"

    @property
    def statement(self) -> str:
        """What finds a number's gateway."""
        return self.custom_query or STATEMENT


def _word(text: str) -> str:
    """A value as libpq's key words take it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def read_settings(element: Element | None) -> tuple[EasyrouteSettings, list[Finding]]:
    """The settings and what is wrong with them."""
    written = element.find("settings") if element else None
    settings, findings = read_params(written, EasyrouteSettings)
    findings += check_param(written, "db-dsn", dsn_problem, "every number goes to default-gateway")
    return settings, findings


register_validator(
    "configuration",
    lambda configuration: read_settings(configuration.configuration("easyroute.conf"))[1],
)
