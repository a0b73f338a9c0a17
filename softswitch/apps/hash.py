"""Shared memory of the dialplan: ``hash db group``."""

from __future__ import annotations

from softswitch.registry import ApplicationFlag, application
from softswitch.switch.hash_store import Path
from softswitch.switch.session import Session

_NO_MEDIA = ApplicationFlag.NO_MEDIA


@application(
    "hash",
    syntax="[insert|insert_ifempty|delete|delete_ifmatch]/<realm>/<key>/<val>",
    flags=_NO_MEDIA,
    module="mod_hash",
)
async def hash_(session: Session, data: str) -> None:
    """Insert or delete a value of the hash table that all calls share."""
    store = session.switch.stores.hash
    match Path.parse(data):
        case Path("insert", realm, key, value) if key and value:
            store.insert(realm, key, value)
        case Path("insert_ifempty", realm, key, value) if key and value:
            store.insert_if_empty(realm, key, value)
        case Path("delete", realm, key) if key:
            store.delete(realm, key)
        case Path("delete_ifmatch", realm, key, value) if key and value:
            store.delete_if_match(realm, key, value)
        case _:
            session.log.error("hash: <verb>/<realm>/<key>[/<val>] wanted, not %r", data)


@application("db", syntax="[insert|delete]/<realm>/<key>/<val>", flags=_NO_MEDIA, module="mod_db")
async def db(session: Session, data: str) -> None:
    """Insert or delete a value of the database that all calls share."""
    store = session.switch.stores.database
    match Path.parse(data):
        case Path("insert", realm, key, value) if key and value:
            store.insert(realm, key, value)
        case Path("delete", realm, key) if key:
            store.delete(realm, key)
        case _:
            session.log.error("db: [insert|delete]/<realm>/<key>/<val> wanted, not %r", data)


@application("group", syntax="[insert|delete]:<group name>:<val>", flags=_NO_MEDIA, module="mod_db")
async def group(session: Session, data: str) -> None:
    """Add a dial string to a group of them, or take it out."""
    verb, _, rest = data.partition(":")
    name, _, url = rest.partition(":")
    groups = session.switch.stores.groups
    if verb == "insert" and name and url:
        groups.insert(name, url)
    elif verb == "delete" and name and url:
        groups.delete(name, url)
    else:
        session.log.error("group: [insert|delete]:<group name>:<val> wanted, not %r", data)
