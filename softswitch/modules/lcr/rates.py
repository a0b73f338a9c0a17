"""The database with the rates: how it is asked for the routes of a number."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from softswitch.db.database import DatabaseError
from softswitch.db.foreign import ForeignDatabase
from softswitch.db.template import SqlTemplate
from softswitch.modules.lcr.routes import Dialled, Expand, Route, routes_of
from softswitch.modules.lcr.settings import LcrProfile
from softswitch.switch.event_expansion import expand_event

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

_OWN = (
    "${lcr_rate_field}",
    "${lcr_user_rate_field}",
    "${lcr_query_digits}",
    "${lcr_query_expanded_digits}",
    "${lcr_query_expanded_lrn_digits}",
    "%q",
)
"""What stands in statements and is made here, of digits and names of columns alone."""
_TABLES = "lcr l JOIN carriers c ON l.carrier_id=c.id JOIN carrier_gateway cg ON c.id=cg.carrier_id"
_NPANXX = "npa_nxx_company_ocn"


class LookupFailed(Exception):
    """No routes can be told; the message says why."""


@dataclass(frozen=True, slots=True)
class Schema:
    """Which of the columns that not every database has are there."""

    codec: bool
    cid: bool
    lrn: bool
    intrastate: bool
    intralata: bool
    npanxx: bool


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked about, and by which rates."""

    dialled: Dialled
    lrn: str = ""
    """The number of the network that a ported number belongs to."""
    intrastate: bool = False
    intralata: bool = False
    session: Session | None = None
    variables: dict[str, str] = field(default_factory=dict)
    """What the statement and the routes may name where there is no call."""


class Rates:
    """Finds routes; remembers what the database looks like."""

    def __init__(self, switch: Switch, database: ForeignDatabase) -> None:
        self._switch = switch
        self._database = database
        self._schema: Schema | None = None
        self._templates: dict[str, SqlTemplate] = {}

    def __repr__(self) -> str:
        return f"<Rates of {self._database.where}>"

    async def schema(self) -> Schema:
        """What the database has. Raises `DatabaseError` where it cannot be asked."""
        if self._schema is None:
            await self._database.ask("SELECT 1")
            self._schema = Schema(
                codec=await self._has("codec", "carrier_gateway"),
                cid=await self._has("cid"),
                lrn=await self._has("lrn"),
                intrastate=await self._has("intrastate_rate"),
                intralata=await self._has("intralata_rate"),
                npanxx=await self._has("npa, nxx, state", _NPANXX),
            )
        return self._schema

    async def _has(self, columns: str, table: str = "lcr") -> bool:
        try:
            await self._database.ask(f"SELECT {columns} FROM {table} LIMIT 1")
        except DatabaseError as error:
            log.info("%s has no %s: %s", table, columns, error)
            return False
        return True

    async def routes(self, profile: LcrProfile, inquiry: Inquiry) -> list[Route]:
        """The routes of a number in their order. Raises `LookupFailed`."""
        digits = _digits(inquiry.dialled.number)
        if not digits:
            raise LookupFailed(f"{inquiry.dialled.number!r} has no digits")
        try:
            schema = await self.schema()
            state, lata = inquiry.intrastate, inquiry.intralata
            if schema.npanxx:
                found = await self._same_place(digits, _digits(inquiry.dialled.cid))
                state, lata = state or "state" in found, lata or "lata" in found
            kind = "rate"
            if lata and schema.intralata:
                kind = "intralata_rate"
            elif state and schema.intrastate:
                kind = "intrastate_rate"
            self._tell(profile, inquiry, digits, kind)
            expand = self._expander(inquiry)
            template = self._template(profile, schema)
            statement = await template.render(_with_digits(expand, digits), _OWN)
            answer = await self._database.ask(statement)
        except (DatabaseError, ValueError) as error:
            raise LookupFailed(str(error)) from None
        return await routes_of(answer, inquiry.dialled, profile, expand)

    def _tell(self, profile: LcrProfile, inquiry: Inquiry, digits: str, kind: str) -> None:
        """Put what the statement names into variables."""
        lrn = _digits(inquiry.lrn)
        values = {
            "lcr_rate_field": kind,
            "lcr_user_rate_field": f"user_{kind}",
            "lcr_query_digits": digits,
            "lcr_query_profile": str(profile.id),
            "lcr_query_expanded_digits": expanded(digits, quoted=profile.quote_in_list),
            "lcr_query_expanded_lrn_digits": expanded(lrn or digits, quoted=profile.quote_in_list),
        }
        if lrn:
            values["lcr_lrn"] = lrn
        put: Callable[[str, str], None] = inquiry.variables.__setitem__
        if inquiry.session is not None:
            put = inquiry.session.set
        for name, value in values.items():
            put(name, value)

    def _expander(self, inquiry: Inquiry) -> Expand:
        if inquiry.session is not None:
            return inquiry.session.expand

        async def expand(text: str) -> str:
            return await expand_event(self._switch, text, inquiry.variables)

        return expand

    def _template(self, profile: LcrProfile, schema: Schema) -> SqlTemplate:
        text = profile.custom_sql or _statement(profile, schema)
        if text not in self._templates:
            self._templates[text] = SqlTemplate(text, ["%q"])
        return self._templates[text]

    async def _same_place(self, called: str, calling: str) -> set[str]:
        """``state`` and ``lata`` where both numbers of North America lie in one."""
        if not all(len(number) == 11 and number[0] == "1" for number in (called, calling)):
            return set()
        places = " OR ".join(
            f"(npa={number[1:4]} AND nxx={number[4:7]})" for number in (called, calling)
        )
        answer = await self._database.ask(
            f"SELECT 'state', count(DISTINCT state) FROM {_NPANXX} WHERE {places} UNION"
            f" SELECT 'lata', count(DISTINCT lata) FROM {_NPANXX} WHERE {places}"
        )
        return {row[0] or "" for row in answer.rows if row[1] == "1"}


def _digits(text: str) -> str:
    return "".join(digit for digit in text if "0" <= digit <= "9")


def expanded(digits: str, *, quoted: bool) -> str:
    """A number and all its beginnings for ``IN (...)``, the longest first."""
    mark = "'" if quoted else ""
    return ", ".join(f"{mark}{digits[:end]}{mark}" for end in range(len(digits), 0, -1))


def _with_digits(expand: Expand, digits: str) -> Expand:
    async def fill_in(reference: str) -> str:
        return digits if reference == "%q" else await expand(reference)

    return fill_in


def _statement(profile: LcrProfile, schema: Schema) -> str:
    """The statement of a profile that brings none."""
    codec = "cg.codec" if schema.codec else "''"
    cid = "l.cid" if schema.cid else "''"
    matches = "digits IN (${lcr_query_expanded_digits})"
    if schema.lrn:
        ported = "(digits IN (${lcr_query_expanded_lrn_digits}) AND lrn = true)"
        matches = f"(({matches} AND lrn = false) OR {ported})"
    of_profile = f" AND lcr_profile={profile.id}" if profile.id else ""
    return (
        "SELECT l.digits AS lcr_digits, c.carrier_name AS lcr_carrier_name,"
        " l.${lcr_rate_field} AS lcr_rate_field, cg.prefix AS lcr_gw_prefix,"
        " cg.suffix AS lcr_gw_suffix, l.lead_strip AS lcr_lead_strip,"
        " l.trail_strip AS lcr_trail_strip, l.prefix AS lcr_prefix, l.suffix AS lcr_suffix,"
        f" {codec} AS lcr_codec, {cid} AS lcr_cid FROM {_TABLES}"
        " WHERE c.enabled = '1' AND cg.enabled = '1' AND l.enabled = '1'"
        f" AND {matches} AND CURRENT_TIMESTAMP BETWEEN date_start AND date_end{of_profile}"
        f" ORDER BY digits DESC{profile.order}, random()"
    )
