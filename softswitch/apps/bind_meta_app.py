"""Keys behind a meta key that run applications: ``bind_meta_app`` and ``unbind_meta_app``."""

from __future__ import annotations

from softswitch.dialplan.arguments import split
from softswitch.registry import ApplicationFlag, application
from softswitch.switch import bindings
from softswitch.switch.bindings import MetaBinding
from softswitch.switch.session import Session

_KEYS = "0123456789*#ABCD"


@application(
    "bind_meta_app",
    syntax="<key> [a|b|ab] [a|b|o|s|i|1] <app>[::<args>]",
    flags=ApplicationFlag.NO_MEDIA,
    module="mod_dptools",
)
async def bind_meta_app(session: Session, data: str) -> None:
    """Run an application when ``*`` and a key are pressed during the call.

    The second word says who may press: ``a`` this leg, ``b`` its partner. The third says where
    the application runs: ``a`` or ``b``, ``s`` the presser's leg, ``o`` the other one; with ``i``
    the partner is not put on hold meanwhile, with ``1`` it works once. ``bind_meta_key`` names
    another key than ``*``; pressed twice it passes to the other party. The second key must
    come within five seconds.
    """
    words = split(data, " ", 4)
    if len(words) != 4 or len(words[0]) != 1 or words[0].upper() not in _KEYS:
        session.log.error("bind_meta_app: <key> [a|b|ab] [a|b|o|s|i|1] <app> wanted, not %r", data)
        return
    key, who, flags = words[0].upper(), words[1].lower(), words[2].lower()
    if not set(who) <= set("ab") or not who:
        session.log.error("bind_meta_app: a, b or ab may press, not %r", words[1])
        return
    name, _, arguments = words[3].partition("::")
    runs_on = next((flag for flag in "sob" if flag in flags), "a")
    binding = MetaBinding(name, arguments, runs_on, "1" in flags, "i" in flags)
    bound = bindings.bindings_of(session)
    if "a" in who:
        bound.own.meta[key] = binding
    if "b" in who:
        bound.partner.meta[key] = binding
    bindings.changed(session)


@application(
    "unbind_meta_app", syntax="[<key>]", flags=ApplicationFlag.NO_MEDIA, module="mod_dptools"
)
async def unbind_meta_app(session: Session, data: str) -> None:
    """Undo `bind_meta_app` for one key or for all."""
    if session.bindings is None:
        return
    key = data.strip().upper()
    for watch in (session.bindings.own, session.bindings.partner):
        if key:
            watch.meta.pop(key, None)
        else:
            watch.meta.clear()
    bindings.changed(session)
