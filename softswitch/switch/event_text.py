"""Events as text: plain headers, JSON and XML, as the event socket and ``uuid_dump`` show them."""

from __future__ import annotations

import json as _json
import re
from functools import lru_cache
from xml.sax.saxutils import escape

from softswitch.dialplan import arrays
from softswitch.switch.events import Event

# What is written as it is; an escape that stands in the text already is one of them.
_PLAIN_TEXT = re.compile(r"(?:[!$'()*,\-./0-9A-Z_a-z~]|%[0-9A-F]{2})*")
_TO_ESCAPE = re.compile(rb"%(?![0-9A-F]{2})|[^!$'()*,\-./0-9A-Z_a-z~%]")
_NOT_A_TAG = re.compile(r"[^\w.\-:]")


def url_encode(text: str) -> str:
    """``text`` with ``%XX`` for all that could be mistaken; escapes in it stay as they are."""
    if _PLAIN_TEXT.fullmatch(text):
        return text
    encoded = _TO_ESCAPE.sub(lambda found: b"%%%02X" % found.group()[0], _bytes(text))
    return encoded.decode("ascii")


def _bytes(text: str) -> bytes:
    # Half a surrogate, which JSON can bring in, must not stop what everybody else reads.
    return text.encode("utf-8", "replace")


def plain(event: Event) -> str:
    """``Name: value`` lines with encoded values, then the body as it is."""
    lines = [_plain_line(name, value) for name, value in event.headers.items()]
    if event.body:
        lines.append(f"Content-Length: {len(_bytes(event.body))}\n\n{event.body}")
    else:
        lines.append("\n")
    return "".join(lines)


def unencoded(event: Event) -> str:
    """``Name: [value]`` lines for reading, values as they are."""
    lines = [f"{name}: [{value}]\n" for name, value in event.headers.items()]
    return "".join(lines) + "\n"


@lru_cache(maxsize=8192)
def _plain_line(name: str, value: str) -> str:
    # Most headers of a channel repeat from event to event.
    return f"{name}: {url_encode(value) if value else '_undef_'}\n"


_encoder = _json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def json(event: Event) -> str:
    """One object; arrays of several elements become lists, the body is ``_body``."""
    members = [
        _json_member(name, value) if type(value) is str else _json_array(name, value)
        for name, value in event.headers.items()
    ]
    if event.body:
        if "Content-Length" not in event.headers:
            members.append(_json_member("Content-Length", str(len(_bytes(event.body)))))
        members.append(f'"_body":{_encoder.encode(event.body)}')
    return f"{{{','.join(members)}}}"


@lru_cache(maxsize=8192)
def _json_member(name: str, value: str) -> str:
    if value.startswith(arrays.PREFIX):
        return _json_array(name, value)
    return f"{_encoder.encode(name)}:{_encoder.encode(value)}"


def _json_array(name: str, value: str) -> str:
    # One element is told as a text, as FreeSWITCH does. Not kept: its array equals that text.
    found = arrays.elements(value)
    said = found if len(found) > 1 else (*found, value)[0]
    return f"{_encoder.encode(name)}:{_encoder.encode(said)}"


def xml(event: Event) -> str:
    """One ``<event>`` with its headers, encoded as in plain text; elements of an array repeat."""
    lines = ["<event>\n  <headers>\n"]
    for name, value in event.headers.items():
        if type(value) is not str or value.startswith(arrays.PREFIX):
            lines += [_xml_line(name, item) for item in arrays.elements(value) or (value,)]
        else:
            lines.append(_xml_line(name, value))
    lines.append("  </headers>\n")
    if event.body:
        lines.append(f"  <Content-Length>{len(_bytes(event.body))}</Content-Length>\n")
        lines.append(f"  <body>{escape(event.body)}</body>\n")
    lines.append("</event>\n")
    return "".join(lines)


@lru_cache(maxsize=8192)
def _xml_line(name: str, value: str) -> str:
    tag = _NOT_A_TAG.sub("_", name)
    return f"    <{tag}>{url_encode(value)}</{tag}>\n"
