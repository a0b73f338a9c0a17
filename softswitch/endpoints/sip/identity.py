"""Who calls: From, Remote-Party-ID, P-Asserted-Identity and Privacy (RFC 3325, RFC 3323)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.headers import quote
from softswitch.sip.message import Request
from softswitch.sip.uri import NameAddr, SipUri

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.switch.session import Session

_HIDING = frozenset(("id", "user", "header", "full"))
"""What a Privacy header says of a caller who does not want to be named."""


_TOLD = (
    ("Remote-Party-ID", "rpid"),
    ("P-Asserted-Identity", "pid"),
    ("P-Preferred-Identity", "pid"),
)
"""Headers that name the caller, the last one that is there above all; how each is called."""
_TELLING = frozenset(("Privacy", *(name for name, _ in _TOLD)))
"""Headers beside From that tell who calls."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller as the network names him."""

    address: NameAddr
    kind: str = ""
    """Which header told: ``rpid``, ``pid``, or empty for From."""
    hide_name: bool = False
    hide_number: bool = False


def identity_of(request: Request) -> Identity:
    """Who calls: a preferred or asserted identity goes before a Remote-Party-ID, that before From.

    A header that cannot be read, or that names no user, tells nothing.
    """
    address, kind = request.from_, ""
    if _TELLING.isdisjoint(request.headers.first):
        return Identity(address)
    words = _privacy(request)
    hide_name = hide_number = bool(words & _HIDING)
    for name, told in _TOLD:
        found = _address(request, name)
        if found is None or not found.uri.user:
            continue
        display = found.display or address.display
        address, kind = NameAddr(display, found.uri, found.parameters), told
        wish = (found.parameter("privacy") or "").lower() if told == "rpid" else ""
        hide_name = hide_name or wish in ("full", "name")
        hide_number = hide_number or wish in ("full", "uri")
    return Identity(address, kind, hide_name, hide_number)


def asserted_as(wish: str, request: Request) -> str:
    """The asserted identity as a variable has it (``p-asserted-id-parse``): its user, ``user@host``
    or the header ``verbatim``; empty where it cannot be read.
    """
    if wish == "verbatim":
        return request.headers.get("P-Asserted-Identity") or ""
    found = _address(request, "P-Asserted-Identity")
    user = found.uri.user if found is not None else None
    if found is None or not user:
        return ""
    return f"{user}@{found.uri.host}" if wish == "user-domain" else user


def _address(request: Request, name: str) -> NameAddr | None:
    values = request.headers.values(name)
    try:
        return NameAddr.parse(values[0]) if values else None
    except RemoteProtocolError:
        return None


def _privacy(request: Request) -> set[str]:
    return {word.strip().lower() for word in (request.headers.get("Privacy") or "").split(";")}


def connected_headers(session: Session, profile: Profile) -> list[tuple[str, str]]:
    """Tell a caller whom it reached: Remote-Party-ID or P-Asserted-Identity of our answers."""
    settings, caller = profile.settings, session.channel.profile
    if not settings.pass_callee_id or settings.caller_id_type == "none":
        return []
    number = (
        session.get("effective_callee_id_number")
        or caller.callee_id_number
        or caller.destination_number
    )
    name = session.get("effective_callee_id_name") or caller.callee_id_name or number
    return party_headers(profile, name, number)


def party_headers(profile: Profile, name: str, number: str) -> list[tuple[str, str]]:
    """A name and a number in the header that the profile's ``caller-id-type`` chooses."""
    address = _party(name, number, profile.domain)
    if profile.settings.caller_id_type == "none":
        return []
    if profile.settings.caller_id_type == "pid":
        return [("P-Asserted-Identity", address)]
    return [("Remote-Party-ID", f"{address};party=calling;privacy=off;screen=no")]


@lru_cache(maxsize=1024)
def _party(name: str, number: str, host: str) -> str:
    """The address of a party, its name always in quotes, as FreeSWITCH writes it."""
    return f"{quote(name)} <{SipUri(user=number, host=host)}>"
