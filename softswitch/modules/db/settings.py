"""``db.conf``: the database by which switches share their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from softswitch.config.element import Element
from softswitch.config.errors import Finding
from softswitch.config.params import check_param, param, read_params
from softswitch.config.validators import register_validator
from softswitch.db.dsn import connection_text


@dataclass(frozen=True, slots=True)
class DbSettings:
    """``<settings>`` of ``db.conf``."""

    dsn: str = param(
        "odbc-dsn",
        "",
        help="the PostgreSQL by which switches share limits of the backend db, pgsql://host=...;"
        " each switch counts alone if empty",
    )

    accepted: ClassVar[dict[str, str]] = {
        "dbname": "the file of db and group is always call_limit.db in the data folder",
    }


def read_settings(element: Element | None) -> tuple[DbSettings, list[Finding]]:
    """The settings and what is wrong with them."""
    written = element.find("settings") if element else None
    settings, findings = read_params(written, DbSettings)
    findings += check_param(written, "odbc-dsn", _problem, "limits count on this switch alone")
    return settings, findings


def _problem(dsn: str) -> str:
    try:
        connection_text(dsn)
    except ValueError as error:
        return str(error)
    return ""


register_validator(
    "configuration",
    lambda configuration: read_settings(configuration.configuration("db.conf"))[1],
)
