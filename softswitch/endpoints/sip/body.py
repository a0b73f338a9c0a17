"""The bodies of messages: a session description, alone or as one part of several (RFC 5621)."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes

from softswitch.dialplan import arrays
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.headers import parameters
from softswitch.sip.message import Message, Request

SDP = "application/sdp"
MOST_PARTS = 16
"""Parts of one body that are looked at."""


def description_in(message: Message) -> str | None:
    """The description that a message carries; None where it carries none."""
    if not message.body:
        return None
    kind = message.content_type
    if kind == SDP:
        return message.body.decode("utf-8", "replace")
    for part, body in _parts(message):
        if part == SDP:
            return body.decode("utf-8", "replace")
    return None


def offered_in(request: Request) -> str | None:
    """The description that an INVITE or UPDATE offers; None where it offers nothing.

    Raises RemoteProtocolError: 415 for a body that must be understood and is not (RFC 3261
    §8.2.3), 406 where the answer would not be taken (§20.1).
    """
    if not accepts(request, SDP):
        raise RemoteProtocolError(406, "Not Acceptable")
    if not request.body:
        return None
    encoding = request.headers.get("Content-Encoding") or "identity"
    text = description_in(request) if encoding.strip().lower() == "identity" else None
    if text is None and not _is_optional(request):
        raise RemoteProtocolError(415, "Unsupported Media Type")
    return text


def refusal_headers(status: int) -> list[tuple[str, str]]:
    """What a refusal by `offered_in` says of what would be taken."""
    accepted = ("Accept", SDP)
    return {406: [accepted], 415: [accepted, ("Accept-Encoding", "identity")]}.get(status, [])


def accepts(request: Request, kind: str) -> bool:
    """Whether the sender takes bodies of that type; one that does not say so takes all."""
    if "Accept" not in request.headers.first:
        return True
    kinds = [item.partition(";")[0].strip().lower() for item in request.headers.values("Accept")]
    return not kinds or not {kind, "*/*", f"{kind.partition('/')[0]}/*"}.isdisjoint(kinds)


def _is_optional(request: Request) -> bool:
    """Whether the sender says that its body may be ignored (RFC 3204 §6)."""
    _, _, tail = (request.headers.get("Content-Disposition") or "").partition(";")
    return bool(tail.strip()) and (parameters(tail).get("handling") or "").lower() == "optional"


def further_parts(message: Message) -> list[str]:
    """The other parts of a body, each as ``type:text``; what is no text is left out."""
    found = []
    for kind, body in _parts(message):
        if kind == SDP:
            continue
        try:
            found.append(f"{kind}:{body.decode()}")
        except UnicodeDecodeError:
            continue
    return found


def with_parts(sdp: str, more: str, token: Callable[[], str]) -> tuple[str, bytes]:
    """Type and text of a body with a description and the parts of an array of ``type:text``."""
    parts = [item for item in arrays.elements(more) or (more,) if ":" in item]
    if not parts:
        return SDP, sdp.encode()
    boundary = token()
    text = ""
    for item in [f"{SDP}:{sdp}", *parts]:
        kind, _, body = item.partition(":")
        text += f"--{boundary}\r\nContent-Type: {kind.strip()}\r\n\r\n{body}\r\n"
    return f"multipart/mixed;boundary={boundary}", f"{text}--{boundary}--\r\n".encode()


def _parts(message: Message) -> list[tuple[str, bytes]]:
    kind = message.content_type
    if kind is None or not kind.startswith("multipart/"):
        return []
    header = f"Content-Type: {message.headers.get('Content-Type')}\r\n\r\n"
    whole = message_from_bytes(header.encode("utf-8", "replace") + message.body)
    found: list[tuple[str, bytes]] = []
    for part in whole.walk():
        body = part.get_payload(decode=True)
        if isinstance(body, bytes) and len(found) < MOST_PARTS:
            found.append((part.get_content_type(), body))
    return found
