"""The request that FreeSWITCH's mod_xml_curl makes, as portals written for it expect it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import quote, urlencode, urlsplit

from softswitch.switch.lookup import Inquiry

USER_AGENT = "freeswitch-xml/1.0"
"""What portals know mod_xml_curl by; some refuse anything else."""

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


def fields(inquiry: Inquiry, hostname: str, wanted: Collection[str] = ()) -> dict[str, str]:
    """The fields of the form: what is looked for, then all that is known or what is wanted."""
    names = {name.lower() for name in wanted}
    told = {
        name: value for name, value in inquiry.params.items() if not names or name.lower() in names
    }
    asked = {
        "hostname": hostname,
        "section": inquiry.section,
        "tag_name": inquiry.tag,
        "key_name": inquiry.key,
        "key_value": inquiry.value,
    }
    return asked | told | asked


def encode(form: Mapping[str, str]) -> str:
    """The fields as ``application/x-www-form-urlencoded``; spaces are ``%20``."""
    return urlencode(form, quote_via=quote, safe="")


def with_query(url: str, query: str) -> str:
    """The URL of a GET."""
    return f"{url}{'&' if '?' in url else '?'}{query}"


def expand_url(url: str, form: Mapping[str, str]) -> str:
    """``${name}`` replaced from the form, quoted, so that no value leads to another place."""
    return _VARIABLE.sub(lambda found: quote(form.get(found[1], ""), safe=""), url)


def shown(url: str) -> str:
    """A URL without what may be secret in it: log-in and query."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
