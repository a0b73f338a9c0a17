"""The application, the commands and the dialplan ``lcr``, and ``lcr_admin``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true, split
from softswitch.dialplan.hunt import PlannedAction
from softswitch.modules.lcr.rates import Inquiry, LookupFailed, Schema
from softswitch.modules.lcr.routes import Dialled, Route, document, table
from softswitch.modules.lcr.settings import LcrProfile
from softswitch.registry import ApplicationFlag, application, command, dialplan
from softswitch.switch.commands import CommandCall
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.modules.lcr.module import Lcr
    from softswitch.switch.caller import CallerProfile
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

MODULE: Loadable[Lcr] = Loadable("mod_lcr")
SYNTAX = "lcr <digits> [<lcr profile>] [caller_id] [intrastate] [as xml]"
ADMIN_SYNTAX = "lcr_admin show profiles"
DEFAULT_CID = "18005551212"
"""FreeSWITCH's caller for who asks on the console."""
UNKNOWN_PROFILE = "Unknown profile: "
IMPORTED = "lcr_carrier,lcr_rate,lcr_user_rate"
ROUTE, RATE, CARRIER, CODEC = "lcr_route_", "lcr_rate_", "lcr_carrier_", "lcr_codec_"
"""Variables of single routes, each with its number behind."""


async def find_routes(
    switch: Switch, name: str, inquiry: Inquiry
) -> tuple[LcrProfile, list[Route]]:
    """The profile of that name, or the default one, and its routes. Raises `LookupFailed`."""
    lcr = MODULE.running(switch)
    if lcr.rates is None:
        raise LookupFailed("lcr.conf names no database")
    profile = lcr.file.profile(name)
    if profile is None:
        raise LookupFailed(f"{UNKNOWN_PROFILE}{name}")
    return profile, await lcr.rates.routes(profile, inquiry)


def inquiry_of(
    session: Session | None, number: str, variables: Mapping[str, str] | None = None
) -> Inquiry:
    """What is asked for a call, by its variables, or by those of a dial string."""
    given = dict(variables or {})

    def get(name: str) -> str:
        return given.get(name) or (session.get(name) if session is not None else "") or ""

    cid = get("effective_caller_id_number") or get("caller_id_number")
    try:
        most = float(get("max_rate") or 0)
    except ValueError:
        most = 0.0
    return Inquiry(
        Dialled(number, cid or DEFAULT_CID, most),
        get("lrn"),
        is_true(get("intrastate")),
        is_true(get("intralata")),
        session,
        given,
    )


def import_variables(session: Session) -> None:
    """Have the caller's leg take over what the leg that answers knows of its carrier."""
    wanted = session.get("import") or ""
    if IMPORTED not in wanted:
        session.set("import", f"{wanted},{IMPORTED}" if wanted else IMPORTED)


@application(
    "lcr",
    syntax="<number> [<lcr profile>]",
    flags=ApplicationFlag.NO_MEDIA | ApplicationFlag.INLINE,
    module=MODULE.name,
)
async def lcr_app(session: Session, data: str) -> None:
    """Find the carriers of a number, the cheapest first.

    ``lcr_auto_route`` is a dial string that tries one after another; ``lcr_route_1``,
    ``lcr_rate_1``, ``lcr_carrier_1`` … are single ones, ``lcr_route_count`` says how many.
    ``max_rate``, ``intrastate``, ``intralata`` and ``lrn`` say which rates count.
    """
    words = split(data, " ", 32)
    if not words:
        session.log.warning("lcr: <number> is missing")
        return
    name = words[1] if len(words) > 1 else ""
    session.set("lcr_auto_route", "")
    try:
        inquiry = inquiry_of(session, words[0])
        profile, routes = await find_routes(session.switch, name, inquiry)
    except LookupFailed as failure:
        session.log.warning("LCR lookup failed for %s: %s", words[0], failure)
        return
    for number, route in enumerate(routes, 1):
        session.set(f"{ROUTE}{number}", route.dial_string)
        session.set(f"{RATE}{number}", route.rate_text)
        session.set(f"{CARRIER}{number}", route.carrier)
        session.set(f"{CODEC}{number}", route.codec)
    session.set("lcr_route_count", str(len(routes)))
    between = "," if profile.enable_sip_redir else "|"
    session.set("lcr_auto_route", between.join(route.dial_string for route in routes))
    import_variables(session)


@command("lcr", syntax=SYNTAX.removeprefix("lcr "), module=MODULE.name)
async def lcr_command(call: CommandCall, arguments: str) -> str:
    """Show the carriers of a number, in the order that calls would try them."""
    words = split(arguments, " ", 32)
    MODULE.running(call.switch)
    asked = _parse(call, words)
    if asked is None:
        return f"USAGE: {SYNTAX}\n"
    inquiry, as_xml = asked
    try:
        _, routes = await find_routes(call.switch, words[1] if len(words) > 1 else "", inquiry)
    except LookupFailed as failure:
        unknown = str(failure).startswith(UNKNOWN_PROFILE)
        return f"-ERR {'' if unknown else 'Error looking up routes: '}{failure}\n"
    if as_xml:
        return document(routes)
    return table(routes) if routes else "No Routes To Display\n"


def _parse(call: CommandCall, words: list[str]) -> tuple[Inquiry, bool] | None:
    """What is asked, and whether the answer shall be XML; None where that is not understood."""
    if not words:
        return None
    cid, lrn, intrastate, as_xml = DEFAULT_CID, "", False, False
    rest = iter(words[2:])
    for word in rest:
        match word.lower():
            case "intrastate":
                intrastate = True
            case "lrn":
                lrn = next(rest, "")
            case "as":
                if next(rest, "").lower() != "xml":
                    return None
                as_xml = True
            case _:
                cid = word
    dialled = Dialled(words[0], cid)
    return Inquiry(dialled, lrn, intrastate, session=call.session), as_xml


@command("lcr_admin", syntax="show profiles", module=MODULE.name)
async def lcr_admin(call: CommandCall, arguments: str) -> str:
    """Show the profiles of lcr.conf."""
    lcr = MODULE.running(call.switch)
    if [word.lower() for word in split(arguments, " ", 32)[:2]] != ["show", "profiles"]:
        return f"-ERR {ADMIN_SYNTAX}\n"
    schema = await lcr.rates.schema() if lcr.rates is not None else None
    return "".join(_shown(name, profile, schema) for name, profile in lcr.file.profiles.items())


def _shown(name: str, profile: LcrProfile, schema: Schema | None) -> str:
    def on(value: bool) -> str:
        return "enabled" if value else "disabled"

    def has(column: str) -> str:
        return "true" if schema is not None and getattr(schema, column) else "false"

    custom = profile.custom_sql
    lines = [f"Name:\t\t{name}"]
    if custom:
        lines += [
            f" custom sql:\t{custom}",
            f" has %:\t\t{'true' if '%' in custom else 'false'}",
            f" has vars:\t{'true' if '${' in custom else 'false'}",
        ]
    else:
        lines += [f" ID:\t\t{profile.id}", f" order by:\t{profile.order}"]
    lines += [
        f" has intrastate:\t{has('intrastate')}",
        f" has intralata:\t{has('intralata')}",
        f" has npanxx:\t{has('npanxx')}",
        f" Reorder rate:\t{on(profile.reorder_by_rate)}",
        f" Info in headers:\t{on(profile.info_in_headers)}",
        f" Quote IN() List:\t{on(profile.quote_in_list)}",
        f" Single Bridge:\t{on(profile.single_bridge)}",
        f" Sip Redirection Mode:\t{on(profile.enable_sip_redir)}",
        f" Import fields:\t{','.join(profile.export_fields) or '(null)'}",
        f" Limit type:\t{profile.limit_type}",
    ]
    return "\n".join(lines) + "\n\n"


@dialplan("lcr", module=MODULE.name)
async def lcr_hunt(
    session: Session, caller: CallerProfile, argument: str
) -> list[PlannedAction] | None:
    """Try the carriers of the number dialled, by the profile of the call's context.

    Where there is none the next dialplan is asked.
    """
    inquiry = inquiry_of(session, caller.destination_number)
    try:
        profile, routes = await find_routes(session.switch, caller.context, inquiry)
    except LookupFailed as failure:
        session.log.warning("LCR lookup failed for %s: %s", caller.destination_number, failure)
        return None
    if not routes:
        return None
    session.set("continue_on_fail", "true")
    session.set("hangup_after_bridge", "true")
    import_variables(session)
    return [_action(route, profile.limit_type) for route in routes]


def _action(route: Route, limit_type: str) -> PlannedAction:
    if route.limit is None:
        return PlannedAction("bridge", route.dial_string)
    data = f"{limit_type} {route.limit_text} bridge {route.dial_string}"
    return PlannedAction("limit_execute", data)
