"""What goes on to the partner's far end as it came: INFO, MESSAGE, NOTIFY, REFER (``proxy-…``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.sip.events import ResponseReceived, TransactionFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from softswitch.endpoints.sip.leg import SipLeg
    from softswitch.sip.identity import ExtraHeaders
    from softswitch.sip.message import Request
    from softswitch.sip.non_invite_server import NonInviteServer

_ACCEPTED = {"INFO": 200, "MESSAGE": 202, "NOTIFY": 200}
_COPIED = (
    *("Content-Type", "Content-Disposition", "Event", "Subscription-State"),
    *("Refer-To", "Referred-By", "Refer-Sub"),
)


class PassedOn:
    """A request that its sender waits to be answered as the partner's far end answers it."""

    def __init__(self, leg: SipLeg, transaction: NonInviteServer, request: Request) -> None:
        self._leg = leg
        self._transaction = transaction
        self._request = request

    def __repr__(self) -> str:
        return f"<PassedOn {self._request.method} of {self._leg!r}>"

    def handle(self, event: ResponseReceived | TransactionFailed) -> None:
        """The partner's far end has answered; of its silence nothing is told (RFC 4320 §4.2)."""
        profile = self._leg.profile
        if isinstance(event, ResponseReceived) and event.final:
            response = event.response
            copied = _of(response.headers, ("Refer-Sub", "Retry-After"))
            profile.respond(
                self._transaction, self._request, response.status, response.reason, headers=copied
            )
        profile.pump()


def pass_on(leg: SipLeg, transaction: NonInviteServer, request: Request) -> bool:
    """Send a request within a call to the partner's far end, where that is wanted.

    False where it is not, or where there is no partner by SIP: then it is for us.
    """
    partner = _partner(leg)
    if partner is None or not _wanted(leg, request):
        return False
    relayed = request.method == "REFER" or _tells_of_passed_refer(leg, request)
    _send(partner, request, PassedOn(leg, transaction, request) if relayed else None)
    if request.method == "REFER":
        partner.tells_referrals = True
    if not relayed:
        leg.profile.respond(transaction, request, _ACCEPTED[request.method])
    return True


def _wanted(leg: SipLeg, request: Request) -> bool:
    settings, session = leg.profile.settings, leg.session
    match request.method:
        case "INFO":
            kinds = settings.proxy_info_content_types
            return (
                settings.proxy_info
                or session.is_true("sip_proxy_info")
                or _names(kinds, request.content_type or "")
            )
        case "MESSAGE":
            return settings.proxy_message or session.is_true("sip_proxy_message")
        case "NOTIFY":
            package = (request.headers.get("Event") or "").partition(";")[0].strip()
            return _tells_of_passed_refer(leg, request) or _names(
                settings.proxy_notify_events, package
            )
        case "REFER":
            return settings.proxy_refer or settings.proxy_refer_replaces
        case _:
            return False


def _names(setting: str, what: str) -> bool:
    """Whether a list of a profile has it; ``all`` has everything."""
    known = setting.lower().replace(",", " ").split()
    return bool(what) and ("all" in known or what.lower() in known)


def _tells_of_passed_refer(leg: SipLeg, request: Request) -> bool:
    """Whether a NOTIFY tells what became of a REFER that was passed on to that far end."""
    return (
        request.method == "NOTIFY"
        and leg.tells_referrals
        and request.content_type == "message/sipfrag"
    )


def _partner(leg: SipLeg) -> SipLeg | None:
    """The leg one talks to, if it is one by SIP and answered."""
    peer = leg.session.peer
    partner = peer.leg if peer is not None else None
    if not isinstance(partner, type(leg)) or partner.usage is None or partner.gone:
        return None
    return partner if partner.answered else None


def _send(partner: SipLeg, request: Request, user: PassedOn | None) -> None:
    usage, profile = partner.usage, partner.profile
    assert usage is not None, "a partner has a dialog"
    headers = [*_of(request.headers, _COPIED), *_unknown(request)]
    if request.method in ("NOTIFY", "REFER"):
        headers.append(("Contact", usage.contact_header()))
    transaction = usage.request_in_dialog(request.method, headers, request.body, now=profile.now())
    if user is not None:
        transaction.user = user
    profile.pump()


def _of(headers: Iterable[tuple[str, str]], names: tuple[str, ...]) -> ExtraHeaders:
    return tuple((name, value) for name, value in headers if name in names)


def _unknown(request: Request) -> ExtraHeaders:
    """Headers of the far ends' own: what no standard names passes unread."""
    return tuple((name, value) for name, value in request.headers if name[:2] in ("X-", "x-"))
