"""Routes of a number: what the rows of the database come to as dial strings."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from html import escape

from softswitch.db.foreign import Answer
from softswitch.dialplan.hunt import substitute
from softswitch.dialplan.pcre import PatternError, compile_expression
from softswitch.modules.lcr.settings import LcrProfile
from softswitch.switch.dialstring import dialable

log = logging.getLogger(__name__)

Expand = Callable[[str], Awaitable[str]]

_REAL = re.compile(r"\s*([+-]?\d*\.?\d+(?:[eE][+-]?\d{1,3})?)", re.ASCII)
_WHOLE = re.compile(r"\s*([+-]?\d{1,9})", re.ASCII)
_COLUMNS = ("Digit Match", "Carrier", "Rate", "Codec", "CID Regexp", "Limit", "Dialstring")
_TAGS = ("prefix", "carrier_name", "rate", "codec", "cid", "limit", "dialstring")
_RATE_WIDTH = 8


@dataclass(frozen=True, slots=True)
class Route:
    """One carrier's way to a number."""

    digits: str
    carrier: str
    rate: float
    codec: str
    cid: str
    """``/expression/replacement/`` that makes the caller's number of it."""
    limit: tuple[str, str, int] | None
    """Realm, name and most calls."""
    dial_string: str
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    """All columns of its row."""

    @property
    def rate_text(self) -> str:
        return f"{self.rate:.5f}"

    @property
    def limit_text(self) -> str:
        return "{} {} {}".format(*self.limit) if self.limit else ""

    @property
    def cells(self) -> tuple[str, ...]:
        """What a table shows of it."""
        shown = (self.digits, self.carrier, self.rate_text, self.codec, self.cid)
        return (*shown, self.limit_text, self.dial_string)


@dataclass(frozen=True, slots=True)
class Dialled:
    """What is asked about."""

    number: str
    cid: str
    max_rate: float = 0.0
    """Dearer routes are left out; 0 is no limit."""


async def routes_of(
    answer: Answer, dialled: Dialled, profile: LcrProfile, expand: Expand
) -> list[Route]:
    """The rows as routes in their order, without those that end where another does."""
    found: list[Route] = []
    ends: set[str] = set()
    for row in answer.rows:
        fields = {
            name: value
            for name, value in zip(answer.columns, row, strict=True)
            if value is not None
        }
        if not fields.get("lcr_rate_field"):
            log.info("a row without a rate is left out")
            continue
        route = await _route(fields, dialled, profile, expand)
        if dialled.max_rate and route.rate > dialled.max_rate:
            log.info("%s is left out: %s is above max_rate", route.carrier, route.rate_text)
            continue
        own = {f"{fields.get('lcr_gw_prefix', '')}:{fields.get('lcr_gw_suffix', '')}"}
        if profile.single_bridge:
            own.add(route.carrier)
        if own & ends:
            continue
        ends |= own
        found.append(route)
    return sorted(found, key=lambda route: route.rate) if profile.reorder_by_rate else found


async def _route(
    fields: Mapping[str, str], dialled: Dialled, profile: LcrProfile, expand: Expand
) -> Route:
    realm, name = fields.get("lcr_limit_realm", ""), fields.get("lcr_limit_id", "")
    limit = (realm, name, int(_real(fields.get("lcr_limit_max")))) if realm and name else None
    return Route(
        fields.get("lcr_digits", ""),
        fields.get("lcr_carrier_name", ""),
        _real(fields["lcr_rate_field"]),
        fields.get("lcr_codec", ""),
        fields.get("lcr_cid", ""),
        limit,
        await _dial_string(fields, dialled, profile, expand),
        fields,
    )


async def _dial_string(
    fields: Mapping[str, str], dialled: Dialled, profile: LcrProfile, expand: Expand
) -> str:
    def given(*names: str) -> str:
        return "".join(fields.get(f"lcr_{name}", "") for name in names)

    number = _stripped(
        dialable(dialled.number),
        _whole(fields.get("lcr_lead_strip")),
        _whole(fields.get("lcr_trail_strip")),
        len(given("digits")),
    )
    target = f"{given('gw_prefix', 'prefix')}{number}{given('suffix', 'gw_suffix')}"
    if profile.enable_sip_redir:
        return await expand(target)
    rate = f"{_real(fields['lcr_rate_field']):.5f}"
    variables = {"lcr_carrier": given("carrier_name"), "lcr_rate": rate}
    if given("user_rate"):
        variables["lcr_user_rate"] = f"{_real(given('user_rate')):.5f}"
    if given("codec"):
        variables["absolute_codec_string"] = given("codec")
    if given("cid"):
        number = await caller_number(given("cid"), dialled.cid, expand)
        variables["origination_caller_id_number"] = dialable(number)
    if profile.info_in_headers:
        told = f"lcr_rate={rate};lcr_carrier={given('carrier_name')}"
        variables["sip_h_X-LCR-INFO"] = told
    variables.update({name: fields[name] for name in profile.export_fields if name in fields})
    written = ",".join(f"{name}={_quoted(value)}" for name, value in variables.items())
    return await expand(f"[{written}]{target}")


def _quoted(value: str) -> str:
    """A value as it may stand in the brackets of a dial string."""
    value = value.replace("[", "").replace("]", "")
    return f"'{value}'" if "," in value else value


def _stripped(number: str, lead: int, trail: int, matched: int) -> str:
    """A number without its first digits; ``trail`` counts from behind those that matched."""
    if trail > 0:
        end = matched - trail + 1
        number = number[: max(end, 0)] if len(number) > end else ""
    if lead > 0:
        number = number[lead:]
    return number


async def caller_number(rule: str, number: str, expand: Expand) -> str:
    """The caller's number by ``/expression/replacement/``; unchanged where that does not match."""
    if len(rule) < 3 or not (rule.startswith("/") and rule.endswith("/") and "/" in rule[1:-1]):
        log.error("%r is not /expression/replacement/", rule)
        return number
    pattern, _, replacement = rule[1:-1].partition("/")
    try:
        captures = compile_expression(await expand(pattern)).match(number)
    except PatternError as error:
        log.error("%r cannot be used: %s", rule, error)
        return number
    return number if captures is None else substitute(await expand(replacement), captures)


def _real(text: str | None) -> float:
    found = _REAL.match(text or "")
    return float(found[1]) if found else 0.0


def _whole(text: str | None) -> int:
    found = _WHOLE.match(text or "")
    return int(found[1]) if found else 0


def table(routes: list[Route]) -> str:
    """The routes in columns."""
    rows = [_COLUMNS, *(route.cells for route in routes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    widths[2] = max(widths[2], _RATE_WIDTH)
    return "".join(
        "".join(f" | {cell:<{width}}" for cell, width in zip(row, widths, strict=True)) + " |\n"
        for row in rows
    )


def document(routes: list[Route]) -> str:
    """The routes as XML."""
    if not routes:
        return '<result row_count="0">\n</result>\n'
    text = ""
    for number, route in enumerate(routes, 1):
        cells = "".join(
            f"    <{tag}>{escape(cell, quote=False)}</{tag}>\n"
            for tag, cell in zip(_TAGS, route.cells, strict=True)
        )
        fields = "".join(
            f"    <{name}>{escape(value, quote=False)}</{name}>\n"
            for name, value in route.fields.items()
            if re.fullmatch(r"[A-Za-z_][\w.-]*", name)
        )
        event = f"<event>\n  <headers>\n{fields}  </headers>\n</event>\n"
        text += f'  <row id="{number}">\n{cells}{event}  </row>\n'
    return f"<result>\n{text}</result>\n"
