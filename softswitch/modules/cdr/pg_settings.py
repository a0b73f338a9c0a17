"""``cdr_pg_csv.conf``: where the database is, and which variable is which column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from softswitch.config.document import Configuration
from softswitch.config.errors import Finding
from softswitch.config.params import param, read_params
from softswitch.config.validators import register_validator
from softswitch.db.dsn import connection_text
from softswitch.dialplan.arguments import is_true
from softswitch.modules.cdr.settings import EXAMPLE, LEGS


@dataclass(frozen=True, slots=True)
class PgSettings:
    """``cdr_pg_csv.conf``: rows of a PostgreSQL table."""

    db_info: str = param("db-info", "", help="the database, as libpq; core-db-dsn if empty")
    db_table: str = param("db-table", "cdr", help="the table; it is made where it is not there")
    legs: str = param("legs", "a", choices=LEGS, help="whose legs are recorded")
    spool_dir: str = param(
        "spool-dir", "", help="folder for rows that the table refuses; cdr-pg-csv in log_dir"
    )
    spool_format: str = param(
        "spool-format", "csv", choices=("csv", "sql"), help="how these rows are written"
    )
    rotate_on_hup: bool = param("rotate-on-hup", False, help="a new spool file at SIGHUP")
    accepted: ClassVar[tuple[str, ...]] = ("debug",)


@dataclass(frozen=True, slots=True)
class Field:
    """A column and the variable it holds."""

    variable: str
    column: str = ""
    quote: bool = True
    """False for numbers."""
    not_null: bool = False
    """An empty value is empty text, or 0, in place of NULL."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", self.column or self.variable)


DEFAULT = [
    Field(name, quote=name not in ("duration", "billsec"))
    for name in EXAMPLE.replace('"${', "").replace('}"', "").split(",")
]
"""The fields where the configuration has no ``<schema>``."""


def read_pg(configuration: Configuration) -> tuple[PgSettings, list[Field], list[Finding]]:
    """The settings and fields of ``cdr_pg_csv.conf``, and what is wrong with them."""
    element = configuration.configuration("cdr_pg_csv.conf")
    settings, findings = read_params(element.find("settings") if element else None, PgSettings)
    schema = element.find("schema") if element else None
    fields: dict[str, Field] = {}
    for item in schema.findall("field") if schema else ():
        name = item.get("var", "")
        field = Field(
            name,
            item.get("column", ""),
            quote=is_true(item.get("quote", "true")),
            not_null=is_true(item.get("not-null", "false")),
        )
        if not name:
            findings.append(item.finding("S402", "this field names no variable", 'add var="…"'))
        elif field.column in fields:
            findings.append(
                item.finding("S403", f"the column {field.column} is named twice", "once is kept")
            )
        else:
            fields[field.column] = field
    if settings.db_info:
        try:
            connection_text(settings.db_info)
        except ValueError as error:
            assert element is not None
            findings.append(element.finding("S403", f"db-info: {error}"))
    return settings, list(fields.values()) or DEFAULT, findings


register_validator("configuration", lambda configuration: read_pg(configuration)[2])
