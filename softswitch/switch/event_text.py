"""Events as text: plain headers, JSON and XML, as the event socket and ``uuid_dump`` show them."""

from __future__ import annotations

import json as _json
from urllib.parse import quote
from xml.sax.saxutils import escape

from softswitch.dialplan import arrays
from softswitch.switch.events import Event

_SAFE = "!$'()*,/"
"""Characters beside letters, digits and ``-._~`` that header values keep."""


def url_encode(text: str) -> str:
    """Percent-encode what a header value may not hold, in FreeSWITCH's selection."""
    return quote(text, safe=_SAFE)


def plain(event: Event) -> str:
    """``Name: value`` lines with encoded values, a blank line, then the body if there is one."""
    lines = [f"{name}: {url_encode(value)}\n" for name, value in event.headers.items()]
    if event.body is not None:
        lines.append(f"Content-Length: {len(event.body.encode())}\n\n{event.body}")
    else:
        lines.append("\n")
    return "".join(lines)


def json(event: Event) -> str:
    """One JSON object; arrays are lists, the body is ``_body``."""
    headers: dict[str, str | list[str]] = {}
    for name, value in event.headers.items():
        elements = arrays.elements(value) if value.startswith(arrays.PREFIX) else ()
        headers[name] = list(elements) if elements else value
    if event.body is not None:
        headers["Content-Length"] = str(len(event.body.encode()))
        headers["_body"] = event.body
    return _json.dumps(headers, ensure_ascii=False, separators=(",", ":"))


def xml(event: Event) -> str:
    """An ``<event>`` element with its headers, encoded as in plain text, and its body."""
    lines = ["<event>\n  <headers>\n"]
    for name, value in event.headers.items():
        lines.append(f"    <{name}>{escape(url_encode(value))}</{name}>\n")
    if event.body is not None:
        lines.append(f"    <Content-Length>{len(event.body.encode())}</Content-Length>\n")
    lines.append("  </headers>\n")
    if event.body is not None:
        lines.append(f"  <body>{escape(event.body)}</body>\n")
    lines.append("</event>\n")
    return "".join(lines)
