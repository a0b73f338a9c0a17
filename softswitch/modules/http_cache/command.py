"""``http_get http_tryget http_prefetch http_put http_remove_cache http_clear_cache``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import split
from softswitch.modules.http_cache.cache import FetchError, HttpCache
from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.modules.http_cache.module import HttpFiles

MODULE: Loadable[HttpFiles] = Loadable("mod_http_cache")


def _cache(call: CommandCall) -> HttpCache:
    return MODULE.part(call.switch, lambda module: module.cache)


@command("http_get", syntax="<url>", module=MODULE.name)
async def http_get(call: CommandCall, arguments: str) -> str:
    """The path of a copy of a file of a web server, fetched if need be."""
    cache, url = _cache(call), arguments.strip()
    if not url:
        return "-USAGE: <url>\n"
    try:
        return str(await cache.get(url))
    except FetchError as error:
        return f"-ERR {error}\n"


@command("http_tryget", syntax="<url>", module=MODULE.name)
async def http_tryget(call: CommandCall, arguments: str) -> str:
    """The path of a copy, only if it is there already."""
    cache, url = _cache(call), arguments.strip()
    if not url:
        return "-USAGE: <url>\n"
    path = cache.known(url)
    return str(path) if path is not None else "-ERR not cached\n"


@command("http_prefetch", syntax="<url>", module=MODULE.name)
async def http_prefetch(call: CommandCall, arguments: str) -> str:
    """Begin to fetch a file for later."""
    module = MODULE.running(call.switch)
    if not arguments.strip():
        return "-USAGE: <url>\n"
    return "+OK\n" if module.prefetch(arguments.strip()) else "-ERR too many files wait\n"


@command("http_put", syntax="<url> <file>", module=MODULE.name)
async def http_put(call: CommandCall, arguments: str) -> str:
    """Send a file to a web server by PUT."""
    cache, words = _cache(call), split(arguments, " ", 2)
    if len(words) != 2:
        return "-USAGE: <url> <file>\n"
    try:
        await cache.put(words[0], Path(words[1]))
    except FetchError as error:
        return f"-ERR {error}\n"
    return "+OK\n"


@command("http_remove_cache", syntax="<url>", module=MODULE.name)
async def http_remove_cache(call: CommandCall, arguments: str) -> str:
    """Forget the copy of one file."""
    cache = _cache(call)
    return "+OK\n" if cache.remove(arguments.strip()) else "-ERR not cached\n"


@command("http_clear_cache", syntax="", module=MODULE.name)
async def http_clear_cache(call: CommandCall, arguments: str) -> str:
    """Forget all copies."""
    cache = _cache(call)
    cache.clear()
    return "+OK\n"
