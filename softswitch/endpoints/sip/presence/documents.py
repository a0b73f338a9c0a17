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


def features(device: str, states: Mapping[str, str]) -> bytes:
    """What a phone is told of do-not-disturb and forwarding, as BroadSoft's phones read it."""
    lines = [_HEAD]
    dnd = states.get("doNotDisturbOn")
    if dnd is not None:
        lines.append(
            '<DoNotDisturbEvent xmlns="http://www.ecma-international.org/standards/ecma-323/csta/ed3">'
            f"<device>{_text(device)}</device><doNotDisturbOn>{_text(dnd)}</doNotDisturbOn>"
            "</DoNotDisturbEvent>\n"
        )
    for kind, name in (
        ("forwardImmediate", "forward_immediate"),
        ("forwardBusy", "forward_busy"),
        ("forwardNoAns", "forward_no_answer"),
    ):
        enabled = states.get(f"{name}_enabled")
        if enabled is None:
            continue
        lines.append(
            '<ForwardingEvent xmlns="http://www.ecma-international.org/standards/ecma-323/csta/ed3">'
            f"<device>{_text(device)}</device><forwardingType>{kind}</forwardingType>"
            f"<forwardStatus>{_text(enabled)}</forwardStatus>"
            f"<forwardTo>{_text(states.get(name, ''))}</forwardTo></ForwardingEvent>\n"
        )
    return "".join(lines).encode()


def _text(value: str, *, attribute: bool = False) -> str:
    clean = "".join(c if c >= " " and not 0xD800 <= ord(c) <= 0xDFFF else " " for c in value)
    return clean if attribute else escape(clean)


def _line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")
