"""The bodies of NOTIFY: PIDF (RFC 3863), dialog-info (RFC 4235), message summaries (RFC 3842)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

from softswitch.endpoints.sip.presence.state import DialogState, Person
from softswitch.sip.uri import SipUri

PIDF = "application/pidf+xml"
DIALOG_INFO = "application/dialog-info+xml"
SUMMARY = "application/simple-message-summary"
FEATURES = "application/x-as-feature-event+xml"

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_CSTA = "http://www.ecma-international.org/standards/ecma-323/csta/ed3"
_BOUNDARY = "UniqueFeatureBoundary"
_FORWARDS = {
    "forwardImmediate": "forward_immediate",
    "forwardBusy": "forward_busy",
    "forwardNoAns": "forward_no_answer",
}
_RPIDS = frozenset(
    """away busy on-the-phone appointment holiday meal meeting permanent-absence vacation in-transit
    performance playing presentation shopping sleeping spectator steering travel tv watching
    working worship other""".split()
)
"""Activities of RFC 4480 §3.2."""
_NAMES = {"dnd": "busy", "busy": "busy", "hold": "on-the-phone", "on-the-phone": "on-the-phone"}


def presence(entity: str, dialogs: Iterable[DialogState], person: Person, *, there: bool) -> bytes:
    """A PIDF of a user; ``there`` is whether it is registered."""
    calls = list(dialogs)
    activity, note = _NAMES.get(person.rpid.lower(), person.rpid.lower()), person.status
    if calls:
        first = calls[0]
        activity = "on-the-phone"
        verb = "Talk" if first.state == "confirmed" else "Ring" if first.recipient else "Call"
        note = "hold" if first.held else f"{verb} {first.number or first.name}".strip()
    opened = there if person.open is None else person.open
    basic = "open" if opened or calls else "closed"
    note = note or ("Available" if basic == "open" else "Unavailable")
    shown = f"<rpid:{activity}/>" if activity in _RPIDS else ""
    return (
        f"{_HEAD}<presence xmlns='urn:ietf:params:xml:ns:pidf'"
        " xmlns:dm='urn:ietf:params:xml:ns:pidf:data-model'"
        " xmlns:rpid='urn:ietf:params:xml:ns:pidf:rpid'"
        f" entity={quoteattr(entity)}>\n"
        f" <tuple id='t1'><status><basic>{basic}</basic></status></tuple>\n"
        " <dm:person id='p1'>"
        f"<rpid:activities>{shown}</rpid:activities><dm:note>{_text(note)}</dm:note>"
        "</dm:person>\n</presence>\n"
    ).encode()


def dialog_info(
    entity: str, dialogs: Iterable[DialogState], version: int, *, partial: bool
) -> bytes:
    """A dialog-info document; a partial one has only what changed."""
    state = "partial" if partial else "full"
    lines = [
        f'{_HEAD}<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="{version}"'
        f' state="{state}" entity={quoteattr(entity)}>\n'
    ]
    lines += [_dialog(entity, each) for each in dialogs]
    return ("".join(lines) + "</dialog-info>\n").encode()


def _dialog(entity: str, dialog: DialogState) -> str:
    direction = "recipient" if dialog.recipient else "initiator"
    attributes = f'id={quoteattr(dialog.uuid)} direction="{direction}"'
    for name, value in (
        ("call-id", dialog.call_id),
        ("local-tag", dialog.local_tag),
        ("remote-tag", dialog.remote_tag),
    ):
        if value:
            attributes += f" {name}={quoteattr(value)}"
    remote = ""
    if dialog.number or dialog.name:
        uri = str(SipUri(user=dialog.number or None, host=entity.rpartition("@")[2] or "invalid"))
        display = f" display={quoteattr(_text(dialog.name, attribute=True))}" if dialog.name else ""
        remote = (
            f"<remote><identity{display}>{escape(uri)}</identity>"
            f"<target uri={quoteattr(uri)}/></remote>"
        )
    rendering = "no" if dialog.held else "yes"
    return (
        f"<dialog {attributes}><state>{dialog.state}</state>"
        f"<local><identity>{escape(entity)}</identity><target uri={quoteattr(entity)}>"
        f'<param pname="+sip.rendering" pvalue="{rendering}"/></target></local>'
        f"{remote}</dialog>\n"
    )


def message_summary(account: str, headers: Mapping[str, str]) -> bytes:
    """A message summary from the MWI- headers of MESSAGE_WAITING; without them nothing waits."""
    told = {name[4:]: value for name, value in headers.items() if name[:4].upper() == "MWI-"}
    if not told:
        told = {"Messages-Waiting": "no", "Message-Account": account}
    return "".join(f"{name}: {_line(value)}\r\n" for name, value in told.items()).encode()


def features(device: str, states: Mapping[str, str]) -> tuple[str, bytes]:
    """What a phone is told of do-not-disturb and forwarding, as BroadSoft's phones read it.

    One feature is a document, several are as many parts of a body, none is no body.
    """
    parts = []
    if "doNotDisturbOn" in states:
        parts.append(_feature("DoNotDisturbEvent", device, doNotDisturbOn=states["doNotDisturbOn"]))
    for kind, name in _FORWARDS.items():
        if f"{name}_enabled" in states:
            told = {
                "forwardingType": kind,
                "forwardStatus": states[f"{name}_enabled"],
                "forwardTo": states.get(name, ""),
            }
            if kind == "forwardNoAns" and "ringCount" in states:
                told["ringCount"] = states["ringCount"]
            parts.append(_feature("ForwardingEvent", device, **told))
    if len(parts) < 2:
        return FEATURES, "".join(parts).encode()
    text = "".join(
        f"--{_BOUNDARY}\r\nContent-Type: {FEATURES}\r\n"
        f"Content-Length: {len(part.encode())}\r\n\r\n{part}\r\n"
        for part in parts
    )
    return f'multipart/mixed; boundary="{_BOUNDARY}"', f"{text}--{_BOUNDARY}--\r\n".encode()


def _feature(name: str, device: str, **told: str) -> str:
    values = {"device": device, **told}
    inside = "".join(f"<{key}>{_text(value)}</{key}>" for key, value in values.items())
    return f'{_HEAD}<{name} xmlns="{_CSTA}">{inside}</{name}>\n'


def _text(value: str, *, attribute: bool = False) -> str:
    clean = "".join(c if c >= " " and not 0xD800 <= ord(c) <= 0xDFFF else " " for c in value)
    return clean if attribute else escape(clean)


def _line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")
