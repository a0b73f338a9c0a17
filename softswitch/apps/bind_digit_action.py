"""Keys that do something: ``bind_digit_action clear_digit_action digit_action_set_realm``."""

from __future__ import annotations

from softswitch.dialplan.arguments import split
from softswitch.dialplan.pcre import PatternError
from softswitch.registry import ApplicationFlag, application
from softswitch.switch import bindings
from softswitch.switch.digit_machine import Binding
from softswitch.switch.session import Session

_TARGETS = ("self", "peer", "both")
_NO_MEDIA = ApplicationFlag.NO_MEDIA


@application(
    "bind_digit_action",
    syntax="<realm>,<digits|~regex>,<string>[,<value>][,<dtmf target leg>][,<event target leg>]",
    flags=_NO_MEDIA,
    module="mod_dptools",
)
async def bind_digit_action(session: Session, data: str) -> None:
    """Run an application or a command, or tell an event, when keys are pressed.

    ``<string>`` is ``exec:<app>``, ``exec[i]:<app>`` (the partner is not put on hold),
    ``api:<command>``, or a text that a CHANNEL_DATA event tells; ``<value>`` are the arguments.
    The legs are ``self``, ``peer`` or ``both``: whose keys count, and who does it. Of keys that
    also begin others, ``bind_digit_digit_timeout`` milliseconds (1500) decide, or a key of
    ``bda_terminators``; keys that mean nothing stay ordinary keys.
    """
    words = split(data, ",", 6)
    words += [""] * (6 - len(words))
    realm, digits, string, value, watched, runs_on = words
    watched, runs_on = watched.lower() or "self", runs_on.lower() or "self"
    if not (realm and digits and string) or not {watched, runs_on} <= set(_TARGETS):
        session.log.error(
            "bind_digit_action: <realm>,<digits|~regex>,<string>[,<value>][,self|peer|both]"
            "[,self|peer|both] wanted, not %r",
            data,
        )
        return
    try:
        binding = Binding.make(digits, string, value, runs_on)
    except PatternError as error:
        session.log.error("bind_digit_action: %s", error)
        return
    for watch in bindings.bindings_of(session).watches(watched):
        watch.machine.bind(realm, binding)
    bindings.changed(session)


@application(
    "clear_digit_action", syntax="<realm>|all[,target]", flags=_NO_MEDIA, module="mod_dptools"
)
async def clear_digit_action(session: Session, data: str) -> None:
    """Forget the keys of a realm, or all."""
    realm, target = _realm_and_target(data)
    if not realm or target not in _TARGETS:
        session.log.error("clear_digit_action: <realm>|all[,self|peer|both] wanted, not %r", data)
        return
    if session.bindings is None:
        return
    for watch in session.bindings.watches(target):
        watch.machine.clear(realm)
    bindings.changed(session)


@application(
    "digit_action_set_realm", syntax="<realm>[,<target>]", flags=_NO_MEDIA, module="mod_dptools"
)
async def digit_action_set_realm(session: Session, data: str) -> None:
    """Heed the keys of another realm."""
    realm, target = _realm_and_target(data)
    if not realm or target not in _TARGETS:
        session.log.error("digit_action_set_realm: <realm>[,self|peer|both], not %r", data)
        return
    for watch in bindings.bindings_of(session).watches(target):
        if realm not in watch.machine.realms:
            session.log.warning("digit_action_set_realm: nothing is bound in realm %r", realm)
        watch.machine.realm = realm
        watch.machine.take()
        watch.stop_timers()
    bindings.changed(session)


def _realm_and_target(data: str) -> tuple[str, str]:
    realm, _, target = data.partition(",")
    return realm.strip(), target.strip().lower() or "self"
