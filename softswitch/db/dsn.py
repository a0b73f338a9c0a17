"""Which database a DSN names: FreeSWITCH's ``pgsql://`` form, a libpq URI or its key words."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_URI = ("postgresql://", "postgres://")
_WORD = re.compile(r"\s*(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|\S+)")


def connection_text(dsn: str) -> str:
    """What libpq takes, from ``pgsql://host=… dbname=…``, a URI or ``host=… dbname=…``.

    Empty for the embedded database (``sqlite://`` or nothing). Raises ValueError with a sentence
    for a database that we do not speak to.
    """
    text = dsn.strip()
    if not text or text.startswith("sqlite://"):
        return ""
    if text.startswith("pgsql://"):
        text = text.removeprefix("pgsql://").replace(";", " ")
        # Some write a URI's form behind FreeSWITCH's word.
        return text if "=" in text.partition("?")[0] else f"postgresql://{text}"
    if text.startswith(_URI) or _WORD.match(text):
        return text
    raise ValueError("this is no PostgreSQL; a DSN begins with pgsql:// or postgresql://")


def described(text: str) -> str:
    """Where the database of a `connection_text` is, in words that hold no password."""
    if text.startswith(_URI):
        parts = urlsplit(text)
        host, name = parts.hostname or "", unquote(parts.path.lstrip("/"))
    else:
        words = {key: value.strip("'") for key, value in _WORD.findall(text)}
        host, name = words.get("host", words.get("hostaddr", "")), words.get("dbname", "")
    return f"PostgreSQL {name or 'database'} at {host or 'this machine'}"
