"""The application ``voicemail``."""

from __future__ import annotations

from softswitch.db.database import DatabaseError
from softswitch.dialplan.arguments import split
from softswitch.modules.voicemail.check import check
from softswitch.modules.voicemail.leave import leave
from softswitch.modules.voicemail.service import MODULE, service_of
from softswitch.registry import application
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.session import Session

_SYNTAX = "[check] [auth|auth_only] <profile> <domain> [<id>] [uuid]"


@application("voicemail", syntax=_SYNTAX, module=MODULE.name)
async def voicemail(session: Session, data: str) -> None:
    """Take a message for a user, or with ``check`` let a user hear his messages.

    ``auth`` lets him in without a password, ``auth_only`` does no more than ask for it.
    """
    service = service_of(session.switch)
    words = split(data, " ", 7)
    flags = set()
    while words and words[0].lower() in ("check", "auth", "auth_only"):
        flags.add(words.pop(0).lower())
    checks = bool(flags & {"check", "auth_only"})
    names = ("voicemail_profile_name", "voicemail_domain_name", "voicemail_id")
    words += [session.get(name) or "" for name in names[len(words) :]]
    if not words[0] or not words[1] or (not checks and not words[2]):
        session.log.error("voicemail: %s wanted, not %r", _SYNTAX, data)
        return
    profile = service.profile(words[0])
    if profile is None:
        known = ", ".join(service.profiles)
        session.log.error("voicemail: there is no profile %r, there are %s", words[0], known)
        return
    name = words[2]
    await session.answer()
    try:
        if not checks:
            await leave(service, session, profile, words[1], name)
            return
        await check(
            service,
            session,
            profile,
            words[1],
            name,
            authorized="auth" in flags,
            only_authorize="auth_only" in flags,
            uuid=words[3] if len(words) > 3 else "",
        )
    except DatabaseError as error:
        reason = f"there is no voicemail now: {error}"
        raise CallFailed(HangupCause.NORMAL_TEMPORARY_FAILURE, reason) from None
