"""The session description in a message's body, alone or as one part of several (RFC 5621)."""

from __future__ import annotations

from email import message_from_bytes

from softswitch.sip.message import Message

SDP = "application/sdp"


def description_in(message: Message) -> str | None:
    """The description that a message carries; None where it carries none."""
    if not message.body:
        return None
    kind = message.content_type
    if kind == SDP:
        return message.body.decode("utf-8", "replace")
    if kind is None or not kind.startswith("multipart/"):
        return None
    header = f"Content-Type: {message.headers.get('Content-Type')}\r\n\r\n"
    for part in message_from_bytes(header.encode("utf-8", "replace") + message.body).walk():
        if part.get_content_type() == SDP:
            body = part.get_payload(decode=True)
            return body.decode("utf-8", "replace") if isinstance(body, bytes) else None
    return None
