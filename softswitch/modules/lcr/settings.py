"""``lcr.conf``: the database with the rates, and profiles that say how it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.config.params import check_param, param, read_params
from softswitch.config.validators import register_validator
from softswitch.db.foreign import dsn_problem

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class LcrProfile:
    """A profile of ``lcr.conf``."""

    place: ClassVar[str] = "a <profile>"

    id: int = param("id", 0, minimum=0, maximum=65535, help="rates of this lcr_profile; 0: all")
    order_by: tuple[str, ...] = param(
        "order_by",
        (),
        separator=",",
        help="behind the longest digits: rate, quality, reliability or SQL",
    )
    custom_sql: str = param(
        "custom_sql", "", help="the statement that finds routes, with %q for the digits"
    )
    reorder_by_rate: bool = param(
        "reorder_by_rate", False, help="cheapest first, whatever the statement's order is"
    )
    info_in_headers: bool = param(
        "info_in_headers", False, help="send carrier and rate in the header X-LCR-INFO"
    )
    quote_in_list: bool = param(
        "quote_in_list", False, help="lcr_query_expanded_digits are texts, not numbers"
    )
    single_bridge: bool = param("single_bridge", False, help="one route of each carrier")
    export_fields: tuple[str, ...] = param(
        "export_fields", (), separator=",", help="columns that become variables of the leg"
    )
    limit_type: str = param(
        "limit_type", "db", choices=("db", "hash"), help="what counts calls for lcr_limit_max"
    )
    enable_sip_redir: bool = param(
        "enable_sip_redir", False, help="routes without variables, between commas, for redirect"
    )

    @property
    def order(self) -> str:
        """What follows ``ORDER BY digits DESC``."""
        known = {
            "quality": " quality DESC",
            "reliability": " reliability DESC",
            "rate": " ${lcr_rate_field}",
        }
        words = [known.get(word.lower(), f" {word}") for word in self.order_by]
        return "".join(f", {word}" for word in words or [known["rate"]])


@dataclass(frozen=True, slots=True)
class LcrSettings:
    """``<settings>`` of ``lcr.conf``."""

    also: ClassVar[tuple[type, ...]] = (LcrProfile,)

    dsn: str = param("odbc-dsn", "", help="the database: sqlite://FILE or pgsql://...")


@dataclass(frozen=True, slots=True)
class LcrFile:
    """All of ``lcr.conf``."""

    settings: LcrSettings = field(default_factory=LcrSettings)
    profiles: dict[str, LcrProfile] = field(default_factory=dict)

    def profile(self, name: str) -> LcrProfile | None:
        """The profile of that name, without a name the default one; None where there is none."""
        return self.profiles.get(name) if name else self.profiles.get(DEFAULT, LcrProfile())


def read_file(element: Element | None) -> tuple[LcrFile, list[Finding]]:
    """The settings and profiles, and what is wrong with them."""
    written = element.find("settings") if element else None
    settings, findings = read_params(written, LcrSettings)
    findings += check_param(written, "odbc-dsn", dsn_problem, "there are no routes")
    profiles: dict[str, LcrProfile] = {}
    block = element.find("profiles") if element else None
    for item in block.findall("profile") if block else ():
        name = item.get("name", "")
        if not name:
            message = "this <profile> has no name"
            findings.append(item.finding("C306", message, "", Severity.WARNING))
            continue
        profiles[name], more = read_params(item, LcrProfile)
        findings += more
    return LcrFile(settings, profiles), findings


register_validator(
    "configuration",
    lambda configuration: read_file(configuration.configuration("lcr.conf"))[1],
)
