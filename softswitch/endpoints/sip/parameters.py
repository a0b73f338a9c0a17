"""What parameters of an INVITE's addresses, and some seldom headers, tell the dialplan."""

from __future__ import annotations

from email.utils import mktime_tz, parsedate_tz
from typing import TYPE_CHECKING

from softswitch.dialplan.expansion import is_harmless
from softswitch.sip.headers import unquote

if TYPE_CHECKING:
    from softswitch.sip.message import Request
    from softswitch.sip.uri import NameAddr, SipUri

_SEPARATORS = str.maketrans("", "", "-.()")
"""What makes a number of a tel URI easier to read, and means nothing (RFC 3966 §5.1.1)."""
_TAKEN = frozenset(("tag", "user", "user_stripped", "host", "port", "uri", "display"))
"""What of From and To has a variable of its own, which no parameter may replace."""
_OURS = frozenset(("params", "domain", "cseq", "stamp"))
"""Names behind ``sip_invite_`` that have a meaning; all others that have one contain ``_``."""


def number_of(uri: SipUri) -> str:
    """Whom a URI names: its user without parameters, a tel URI's number without separators."""
    user = (uri.user or "").partition(";")[0]
    return user.translate(_SEPARATORS) if uri.scheme == "tel" else user


def line_type(uri: SipUri) -> str:
    """The kind of line that calls (``isup-oli``), as digits; empty where it is not told."""
    digits = uri.parameters.get("isup-oli") or ""
    return digits if digits.isdecimal() and digits.isascii() and len(digits) <= 4 else ""


def parameters_told(request: Request) -> dict[str, str]:
    """``sip_from_NAME`` and ``sip_to_NAME`` of the parameters behind both addresses, but their
    tags; ``sip_name_params`` of those inside of the caller's user.
    """
    found = {**_of("sip_from_", request.from_), **_of("sip_to_", request.to)}
    _, semicolon, inside = (request.from_.uri.user or "").partition(";")
    if semicolon:
        found["sip_name_params"] = inside
    return found


def _of(prefix: str, address: NameAddr) -> dict[str, str]:
    if _TAKEN.issuperset(address.parameters):
        return {}
    return {
        f"{prefix}{name}": unquote(value or "")
        for name, value in address.parameters.items()
        if name not in _TAKEN and is_harmless(name)
    }


def user_parameters(request: Request) -> dict[str, str]:
    """``sip_req_user`` and ``sip_invite_NAME`` of a dialled user such as ``123;cpc=payphone``."""
    user, *rest = (request.request_uri.user or "").split(";")
    found = {}
    for item in rest:
        name, equals, value = item.partition("=")
        if name and "_" not in name and name not in _OURS and is_harmless(name):
            found[f"sip_invite_{name}"] = value if equals else "true"
    return {"sip_req_user": user, **found} if rest else {}


def headers_told(request: Request) -> dict[str, str]:
    """Variables of Accept-Language, Date and Geolocation."""
    first, found = request.headers.first, {}
    if "Accept-Language" in first:
        found.update(_languages(request))
    if date := first.get("Date"):
        when = parsedate_tz(date)
        if when is not None:
            found["sip_date_epoch_time"] = str(mktime_tz(when))
    for name, header in (
        ("sip_geolocation", "Geolocation"),
        ("sip_geolocation_error", "Geolocation-Error"),
    ):
        if value := first.get(header):
            found[name] = value
    return found


def _languages(request: Request) -> dict[str, str]:
    found: dict[str, str] = {}
    number = 0
    for item in request.headers.values("Accept-Language"):
        language, _, tail = item.partition(";")
        if not language.strip():
            continue
        found.setdefault("sip_accept_language", language.strip())
        found[f"sip_accept_language_{number}_value"] = language.strip()
        kind, _, weight = tail.partition("=")
        if kind.strip().lower() == "q":
            found[f"sip_accept_language_{number}_q"] = weight.strip()
        number += 1
    if number:
        found["sip_accept_language_count"] = str(number)
    return found
