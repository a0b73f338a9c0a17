"""A leg to be rung: which variables and which caller id it starts with, and its session."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from softswitch.dialplan import arrays
from softswitch.dialplan.arguments import is_false, is_true
from softswitch.switch.caller import CallerProfile
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.channel import Channel
from softswitch.switch.dialstring import DialedLeg, DialString, parse_enterprise
from softswitch.switch.states import ChannelState, Direction

if TYPE_CHECKING:
    from softswitch.switch.originate import Wish
    from softswitch.switch.session import Session

log = logging.getLogger(__name__)

MOST_FORWARDS = 70
"""Legs in a row that a call may make, so that a loop ends."""

RECURSE = {"user": "user_recurse_variables", "group": "group_recurse_variables"}
"""The variable that, being false, keeps an endpoint from handing variables to its legs."""

DEEPEST_NESTING = 10
"""Dial strings inside dial strings (``user/`` naming a group naming a user …)."""


_SHOWN = (
    "effective_caller_id_name",
    "effective_caller_id_number",
    "effective_ani",
    "effective_aniii",
)
"""What a caller shows to whom it calls, in place of what it is called itself."""


@dataclass(slots=True)
class LegPlan:
    """One leg to ring: endpoint, target and its own variables."""

    endpoint: str
    target: str
    variables: dict[str, str] = field(default_factory=dict)
    shares: bool = True
    """False if the variables of the whole attempt are not this leg's."""
    grouped: bool = False
    """Rung as a member of ``group/``: its ``group_context`` is where it may be transferred."""


@dataclass(frozen=True, slots=True)
class _Nesting:
    """What holds for the legs of a dial string that stands inside another one."""

    forked: bool
    """Other legs ring beside them."""
    depth: int = 0
    shares: bool = True
    """As in `LegPlan`; so is the next."""
    grouped: bool = False


async def leg_plans(
    wish: Wish, group: tuple[DialedLeg, ...], options: dict[str, str], *, forked: bool
) -> list[list[LegPlan]]:
    """The groups to ring for one group of a dial string.

    ``user/`` and ``group/`` stand for dial strings of their own: alone they keep their
    serial groups; beside other legs (``forked``, or in their group) the legs of their first
    group ring along. With ``user_recurse_variables=false`` (``group_…``) they hand nothing down
    to their legs.
    """
    return await _plans(wish, group, options, _Nesting(forked))


async def _plans(
    wish: Wish, group: tuple[DialedLeg, ...], options: dict[str, str], nesting: _Nesting
) -> list[list[LegPlan]]:
    if nesting.depth > DEEPEST_NESTING:
        raise CallFailed(HangupCause.INVALID_IE_CONTENTS, "a dial string refers to itself")
    single = len(group) == 1 and not nesting.forked
    plans: list[LegPlan] = []
    why: CallFailed | None = None
    for leg in group:
        endpoint = wish.switch.endpoints.get(leg.endpoint.lower())
        if endpoint is None or not hasattr(endpoint, "expand"):
            plan = LegPlan(leg.endpoint, leg.target, dict(leg.variables))
            plan.shares, plan.grouped = nesting.shares, nesting.grouped
            plans.append(plan)
            continue
        shared, own = options if nesting.shares else {}, leg.variables
        name = RECURSE.get(leg.endpoint.lower(), "")
        recurse = not is_false(own.get(name, shared.get(name)))
        if not recurse:
            shared, own = {}, {}
        try:
            nested = await _expand(endpoint.expand, leg.target, wish, shared, own)
        except CallFailed as failed:
            why = failed
            continue
        inside = _Nesting(
            forked=not single,
            depth=nesting.depth + 1,
            shares=nesting.shares and recurse,
            grouped=nesting.grouped or leg.endpoint.lower() == "group",
        )
        groups: list[list[LegPlan]] = []
        for inner in nested:
            groups += await _plans(wish, inner, options, inside)
        if single:
            return groups
        plans.extend(groups[0])
    if not plans and why is not None:
        raise CallFailed(why.cause, why.reason)
    return [plans]


async def _expand(
    expand: Callable[[str, Session | None, dict[str, str]], Awaitable[str]],
    target: str,
    wish: Wish,
    shared: dict[str, str],
    own: dict[str, str],
) -> list[tuple[DialedLeg, ...]]:
    """The groups of the dial string that a leg stands for, with all that their legs are given.

    ``shared`` are variables of the whole attempt, ``own`` those of the leg that stands for them.
    """
    variables = {**shared, **own}
    before = dict(variables)
    nested = _flatten(parse_enterprise(await expand(target, wish.parent, variables)))
    added = {name: value for name, value in variables.items() if before.get(name) != value}
    given = {**added, **nested.variables, **own}
    return [
        tuple(DialedLeg(item.endpoint, item.target, {**given, **item.variables}) for item in inner)
        for inner in nested.groups
    ]


def _flatten(strings: Sequence[DialString]) -> DialString:
    """One dial string for several independent ones: the first legs of each ring together."""
    if len(strings) == 1:
        return strings[0]
    together = tuple(
        DialedLeg(leg.endpoint, leg.target, {**string.variables, **leg.variables})
        for string in strings
        for leg in string.groups[0]
    )
    return DialString((together,))


def exported(parent: Session) -> dict[str, str]:
    """What ``export_vars`` of the caller names, as it is called on the legs rung for it."""
    names = parent.get("export_vars")
    if not names:
        return {}
    variables = {"export_vars": names}
    for name in names.split(","):
        bare = name.removeprefix("nolocal:").removeprefix("_nolocal_")
        value = parent.get(name) or parent.get(bare)
        if value:
            variables[bare] = value
    return variables


def leg_variables(plan: LegPlan, options: dict[str, str]) -> dict[str, str]:
    """All variables the new leg starts with.

    The leg's ``[]`` first, then those of the whole attempt (exported ones and the string's
    ``{}``), which win unless ``local_var_clobber`` turns that round.
    """
    variables: dict[str, str] = {}
    shared, own = options if plan.shares else {}, plan.variables
    if is_true(options.get("local_var_clobber")):
        shared, own = own, shared
    variables.update(own)
    variables.update(shared)
    refused = [name for name, value in variables.items() if "${" in value]
    if refused and not is_true(variables.get("origination_nested_vars")):
        for name in refused:
            log.critical("%s=%s is not set: it holds a reference", name, variables.pop(name))
    return variables


def make_session(wish: Wish, plan: LegPlan, options: dict[str, str]) -> Session:
    """A session for the leg, not started yet. Raises `CallFailed` where that cannot be."""
    switch = wish.switch
    endpoint = switch.endpoints.get(plan.endpoint.lower())
    if endpoint is None or hasattr(endpoint, "expand"):
        raise CallFailed(HangupCause.CHAN_NOT_IMPLEMENTED, f"no endpoint {plan.endpoint!r}")
    switch.admission.check_outbound()
    variables = leg_variables(plan, options)
    parent = wish.parent
    if parent is not None:
        forwards = _forwards(parent) - 1
        if forwards <= 0:
            raise CallFailed(HangupCause.EXCHANGE_ROUTING_ERROR, "too many forwards")
        variables["max_forwards"] = str(forwards)
    profile = _profile(wish, plan, variables)
    uuid = variables.get("origination_uuid") or switch.new_uuid()
    if switch.find(uuid) is not None:
        raise CallFailed(HangupCause.REQUESTED_CHAN_UNAVAIL, f"uuid {uuid} is in use")
    name, leg = endpoint.dial(plan.target, profile, parent, variables)
    name = variables.get("origination_channel_name") or name
    channel = Channel(uuid, name, Direction.OUTBOUND, profile, switch.now_us(), switch.watch)
    for key, value in variables.items():
        channel.variables.set(key, value)
    channel.variables.load({"is_outbound": "true", "originate_endpoint": plan.endpoint})
    session = switch.new_session(channel, leg)
    if device := plan.variables.get("device_id"):
        profile.set_field("device_id", device)
        switch.devices.attach(channel, device)
    external_id = variables.get("origination_external_id")
    if external_id:
        switch.also_known_as(session, external_id)
    channel.move(ChannelState.CS_INIT)
    if "origination_uuid" in variables and switch.bus.wants("CHANNEL_UUID"):
        # FreeSWITCH makes a channel under a name of its own first; here nothing had that one.
        switch.fire(session, "CHANNEL_UUID", first={"Old-Unique-ID": switch.new_uuid()})
    if parent is not None:
        _bond(parent, session)
    # FreeSWITCH names no running state here: the leg has none yet.
    switch.fire(session, "CHANNEL_OUTGOING", {"Channel-State": "CS_NONE"})
    return session


def _bond(parent: Session, session: Session) -> None:
    """Let both legs know each other from the first moment."""
    caller, called = parent.channel, session.channel
    called.originator = caller.uuid
    called.other_profile = ("originator", caller.profile)
    # What the caller speaks, or could: the same on both sides need not be translated.
    if caller.read_codec is not None:
        codec = "{}@{}h".format(*caller.read_codec)
    else:
        codec = caller.variables.get("ep_codec_string") or ""
    called.variables.load(
        {
            "originator": caller.uuid,
            "signal_bond": caller.uuid,
            "originating_leg_uuid": caller.uuid,
            "call_uuid": caller.call_uuid,
            "process_cdr": parent.get("process_cdr") or "",
            "originator_codec": codec,
            "switch_m_sdp": caller.variables.peek("switch_r_sdp") or "",
        }
    )
    caller.originatee = called.uuid
    item = f"{called.uuid};{called.profile.callee_id_name};{called.profile.callee_id_number}"
    known = caller.variables.peek("originated_legs")
    caller.variables.set("originated_legs", arrays.push(known, item))


def _forwards(parent: Session) -> int:
    text = parent.get("max_forwards") or ""
    return int(text) if text.isdigit() else MOST_FORWARDS


def _profile(wish: Wish, plan: LegPlan, variables: dict[str, str]) -> CallerProfile:
    """The caller profile of the new leg: whose name and number the called party sees."""
    parent = wish.parent
    destination = plan.target.rpartition("/")[2].partition("@")[0] or plan.target
    destination = destination.removeprefix("sips:").removeprefix("sip:")
    name = variables.get("origination_caller_id_name") or wish.caller_id_name
    number = variables.get("origination_caller_id_number") or wish.caller_id_number
    if parent is not None:
        caller = parent.channel.profile
        shown = parent.pick(_SHOWN)
        name = name or shown.get("effective_caller_id_name") or caller.caller_id_name
        number = number or shown.get("effective_caller_id_number") or caller.caller_id_number
        ani = variables.get("origination_ani") or shown.get("effective_ani") or caller.ani
        aniii = variables.get("origination_aniii") or shown.get("effective_aniii") or caller.aniii
        profile = caller.clone(
            destination_number=destination,
            caller_id_name=name or "",
            caller_id_number=number or "",
            ani=ani,
            aniii=aniii,
            transfer_source="",
            profile_index=1,
        )
    else:
        profile = CallerProfile(
            destination_number=destination,
            caller_id_name=name or "",
            caller_id_number=number or "",
            ani=variables.get("origination_ani") or "",
            aniii=variables.get("origination_aniii") or "",
        )
    profile.callee_id_name = _callee(variables, "name") or "Outbound Call"
    profile.callee_id_number = _callee(variables, "number") or destination
    privacy = variables.get("origination_privacy")
    if privacy:
        profile.screen_bit = "screen" in privacy
        profile.privacy_hide_name = "hide_name" in privacy
        profile.privacy_hide_number = "hide_number" in privacy
    profile.source = f"mod_{plan.endpoint.lower()}"
    if "dialed_user" in variables:
        profile.context = variables.get("user_context") or profile.context
    if plan.grouped:
        profile.context = variables.get("group_context") or profile.context
    return profile


def _callee(variables: dict[str, str], what: str) -> str | None:
    """The called party's ``name`` or ``number`` where the dial string gives one."""
    return variables.get(f"origination_callee_id_{what}") or variables.get(
        f"effective_callee_id_{what}"
    )
