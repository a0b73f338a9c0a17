"""Text turned into other text: ``escape url_encode toupper md5 coalesce replace …``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from urllib.parse import unquote

from softswitch.commands.reply import split_marked, usage
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.event_text import url_encode as encode

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", " ": "\\s", "$": "\\$"}


@command("echo", syntax="<data>", module="mod_commands")
async def echo(call: CommandCall, arguments: str) -> str:
    """Give the arguments back."""
    return arguments


@command("escape", syntax="<data>", module="mod_commands")
async def escape(call: CommandCall, arguments: str) -> str:
    """Escape line ends, tabs, blanks and dollars with a backslash."""
    return "".join(_ESCAPES.get(character, character) for character in arguments)


@command("url_encode", syntax="<string>", module="mod_commands")
async def url_encode(call: CommandCall, arguments: str) -> str:
    """Percent-encode a text."""
    return encode(arguments)


@command("url_decode", syntax="<string>", module="mod_commands")
async def url_decode(call: CommandCall, arguments: str) -> str:
    """Decode a percent-encoded text."""
    return unquote(arguments, errors="surrogateescape")


@command("toupper", syntax="<string>", module="mod_commands")
async def toupper(call: CommandCall, arguments: str) -> str:
    """Turn a text into upper case."""
    return _bytewise(arguments, bytes.upper)


@command("tolower", syntax="<string>", module="mod_commands")
async def tolower(call: CommandCall, arguments: str) -> str:
    """Turn a text into lower case."""
    return _bytewise(arguments, bytes.lower)


def _bytewise(text: str, change: Callable[[bytes], bytes]) -> str:
    """Change ASCII letters and nothing else."""
    return change(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


@command("sql_escape", syntax="<string>", module="mod_commands")
async def sql_escape(call: CommandCall, arguments: str) -> str:
    """Double the single quotes of a text."""
    return arguments.replace("'", "''")


@command("quote_shell_arg", syntax="<data>", module="mod_commands")
async def quote_shell_arg(call: CommandCall, arguments: str) -> str:
    """Quote a text so that a shell takes it as one word."""
    if not arguments:
        return ""
    return "'" + arguments.replace("'", "'\\''") + "'"


@command("md5", syntax="<data>", module="mod_commands")
async def md5(call: CommandCall, arguments: str) -> str:
    """Show the MD5 sum of a text."""
    return _digest(hashlib.md5, arguments)


@command("sha1", syntax="<data>", module="mod_commands")
async def sha1(call: CommandCall, arguments: str) -> str:
    """Show the SHA-1 sum of a text."""
    return _digest(hashlib.sha1, arguments)


def _digest(algorithm: Callable[..., hashlib._Hash], text: str) -> str:
    if not text:
        return "!err!"
    encoded = text.encode("utf-8", "surrogateescape")
    return algorithm(encoded, usedforsecurity=False).hexdigest()


@command("coalesce", syntax="[^^<delim>]<value1>,<value2>,...", module="mod_commands")
async def coalesce(call: CommandCall, arguments: str) -> str:
    """Give the first of several values that is not empty; ``^^:`` in front parts them by colons."""
    delimiter = ","
    if arguments.startswith("^^"):
        delimiter, arguments = arguments[2:3], arguments[3:]
    words = split(arguments, delimiter, 256) if delimiter else []
    return next((word for word in words if word), "") if words else usage("coalesce")


@command("replace", syntax="<data>|<string1>|<string2>", module="mod_commands")
async def replace(call: CommandCall, arguments: str) -> str:
    """Replace each occurrence of a text by another.

    ``m:~`` or ``m:/`` in front makes ``~`` or ``/`` the separator.
    """
    words = split_marked(arguments, 3)
    if len(words) < 3:
        return "-ERR"
    # Replacing nothing by something has no end: the text stays as it is.
    return words[0].replace(words[1], words[2]) if words[1] else words[0]
