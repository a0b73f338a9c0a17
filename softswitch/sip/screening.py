"""What is done with a request before any machine sees it (RFC 3261 §8.2, §17.2.3, §18.2)."""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple

from softswitch.sip.flow import Flow, default_port
from softswitch.sip.headers import Via, split_list
from softswitch.sip.message import Request
from softswitch.sip.transaction import TransactionKey

_KNOWN_METHODS = frozenset(
    {
        *("INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "REGISTER", "PRACK", "UPDATE", "INFO"),
        *("MESSAGE", "REFER", "SUBSCRIBE", "NOTIFY", "PUBLISH"),
    }
)


_OF_METHOD = {"REFER": frozenset({"norefersub", "tdialog"})}
"""Extensions that mean something in one method alone: no Supported names them (RFC 4488, 4538)."""


class Refusal(NamedTuple):
    """The final response to a request that no user gets to see."""

    status: int
    reason: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


def screen(request: Request, allowed: Set[str], supported: Set[str]) -> Refusal | None:
    """Whether we can do what is asked at all: method, URI scheme, extensions (§8.2.1–§8.2.2)."""
    method = request.method
    if method not in allowed:
        return Refusal(405 if method in _KNOWN_METHODS else 501)
    if request.uri[:4].lower() not in ("sip:", "sips", "tel:"):
        return Refusal(416)
    if "Require" in request.headers.first:
        known = supported | _OF_METHOD.get(method, frozenset())
        unknown = [tag for tag in request.headers.values("Require") if tag.lower() not in known]
        if unknown:
            return Refusal(420, None, (("Unsupported", ", ".join(unknown)),))
    return None


def server_key(request: Request, method: str) -> TransactionKey:
    """What tells server transactions apart; for ACK it is that of its INVITE.

    Branches alone should do (§17.2.3), but clients that count them begin anew when started again.
    """
    via = request.top_via
    branch = via.parameters.get("branch")
    if method == "ACK":
        method = "INVITE"
    if branch is not None and branch[:7] == "z9hG4bK" and len(branch) > 7:
        return (branch, via.host, via.port, request.call_id, request.cseq.number, method)
    # RFC 2543 clients do not make their branches unique (§17.2.3).
    return (
        branch,
        via.host,
        via.port,
        request.call_id,
        request.from_tag,
        request.cseq.number,
        request.uri,
        method,
    )


def mark_source(request: Request, flow: Flow) -> None:
    """Note in the topmost Via where the request came from (§18.2.1, RFC 3581 §4).

    Raises RemoteProtocolError where the Via is malformed.
    """
    via = request.top_via
    host, port = flow.remote
    wants_port = "rport" in via.parameters
    if not wants_port and via.host == host and "received" not in via.parameters:
        return
    parameters = dict(via.parameters)
    if wants_port:
        parameters["rport"] = str(port)
    # §25.1 has no brackets around an IPv6 address here; RFC 5118 §4.5 tells to send none.
    parameters["received"] = host
    marked = str(Via(via.transport, via.host, via.port, parameters))
    value = request.headers.first.get("Via") or ""
    if "," in value:
        marked = ", ".join([marked, *split_list(value)[1:]])
    request.headers.replace_first("Via", marked)


def response_flow(request: Request, flow: Flow) -> Flow:
    """Where responses go: back by the flow (§18.2.2, RFC 3581 §4).

    The exception is a client on UDP that does not ask for that (no ``rport``) and whose Via has its
    true address with another port: it listens there.
    """
    if flow.transport != "udp":
        return flow
    via = request.top_via
    port = via.port or default_port("udp")
    host, source_port = flow.remote
    if port == source_port or via.host != host or "rport" in via.parameters:
        return flow
    return flow._replace(remote=(host, port))
