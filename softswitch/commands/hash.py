"""Shared memory on request: ``hash hash_dump db group``."""

from __future__ import annotations

from softswitch.commands.reply import OK
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.hash_store import Path
from softswitch.switch.limits import key_of

_SYNTAX = "insert|insert_ifempty|select|delete|delete_ifmatch/realm/key[/value]"
_DUMP_SYNTAX = "all|limit|db [<realm>]"
_JOINERS = {"order": "|", "multi": ":_:"}


@command(
    "hash",
    syntax="[insert|delete|select]/<realm>/<key>/<value>",
    module="mod_hash",
)
async def hash_(call: CommandCall, arguments: str) -> str:
    """Read and write the hash table that all calls share."""
    store = call.switch.stores.hash
    match Path.parse(arguments):
        case Path("insert", realm, key, value) if key and value:
            store.insert(realm, key, value)
            return OK
        case Path("insert_ifempty", realm, key, value) if key and value:
            inserted = store.insert_if_empty(realm, key, value)
            return OK if inserted else "-ERR key already exists\n"
        case Path("delete", realm, key) if key:
            return OK if store.delete(realm, key) else "-ERR Not found\n"
        case Path("delete_ifmatch", realm, key, value) if key and value:
            if store.select(realm, key) is None:
                return "-ERR Not found\n"
            return OK if store.delete_if_match(realm, key, value) else "-ERR Doesn't match\n"
        case Path("select", realm, key) if key:
            return store.select(realm, key) or ""
    return f"-ERR Usage: hash {_SYNTAX}\n"


@command("hash_dump", syntax=_DUMP_SYNTAX, module="mod_hash")
async def hash_dump(call: CommandCall, arguments: str) -> str:
    """List what limits and the hash table hold."""
    words = split(arguments, " ", 4)
    kind = words[0] if words else ""
    if kind not in ("all", "limit", "db"):
        return f"Usage: {_DUMP_SYNTAX}\n"
    lines = []
    if kind in ("all", "limit"):
        for resource, usage_ in call.switch.limits.hash:
            lines.append(
                f"L/{key_of(*resource)}/{usage_.total}/{usage_.rate}/{usage_.interval}/0\n"
            )
    if kind in ("all", "db"):
        realm = words[1] if len(words) == 2 else None
        for name, key, value in call.switch.stores.hash.items(realm):
            lines.append(f"D/{name}_{key}/{value}\n")
    return "".join(lines)


@command("db", syntax="[insert|delete|select|exists|count|list]/<realm>/<key>/<value>",
         module="mod_db")  # fmt: skip
async def db(call: CommandCall, arguments: str) -> str:
    """Read and write the database that all calls share."""
    store = call.switch.stores.database
    match Path.parse(arguments):
        case Path("insert", realm, key, value) if realm and key and value:
            store.insert(realm, key, value)
            return "+OK"
        case Path("delete", realm, key) if key:
            store.delete(realm, key)
            return "+OK"
        case Path("delete", realm) if realm:
            store.delete_realm(realm)
            return "+OK"
        case Path("select", realm, key) if realm and key:
            return store.select(realm, key) or ""
        case Path("exists", realm, key) if realm and key:
            return "false" if store.select(realm, key) is None else "true"
        case Path("count", realm, ""):
            return str(len(store.keys(realm) if realm else store.realms()))
        case Path("list", realm, ""):
            return ",".join(store.keys(realm) if realm else store.realms())
    return "!err!"


@command("group", syntax="[insert|delete|call]:<group name>:<url>", module="mod_db")
async def group(call: CommandCall, arguments: str) -> str:
    """Add dial strings to a group, take them out, or join them for a bridge.

    ``call:<group>`` rings all at once, ``call:<group>:order`` one after the other.
    """
    verb, _, rest = arguments.partition(":")
    verb = verb.lower()
    name, _, value = rest.partition(":")
    groups = call.switch.stores.groups
    if verb == "insert" and name and value:
        groups.insert(name, value)
        return "+OK"
    if verb == "delete" and name and value:
        groups.delete(name, value)
        return "+OK"
    if verb == "call" and name:
        return _JOINERS.get(value.lower(), ",").join(groups.members(name))
    return "!err!"
