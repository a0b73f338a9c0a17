"""Who can be found by name: users of the directory, their names as keys of a phone."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from softswitch.config.params import read_boolean
from softswitch.directory.user import Domain, User, look_up

_KEYPAD = {
    letter: key
    for key, letters in enumerate("ABC DEF GHI JKL MNO PQRS TUV WXYZ".split(), 2)
    for letter in letters
}

_SPELLED_OUT = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d"})
"""Letters that Unicode does not take apart into one of the alphabet and an accent."""


def keys_of(name: str) -> str:
    """The keys that spell a name (ITU-T E.161): Müller is 685537.

    A letter with an accent is dialled without it, a digit by itself; blanks and signs are not
    dialled at all.
    """
    plain = unicodedata.normalize("NFKD", name.lower().translate(_SPELLED_OUT)).upper()
    return "".join(
        str(_KEYPAD[sign]) if sign in _KEYPAD else sign
        for sign in plain
        if sign in _KEYPAD or (sign.isascii() and sign.isdigit())
    )


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """Somebody who can be found; in the order in which several are told."""

    last_name: str
    first_name: str
    extension: str
    full_name: str
    tells_extension: bool = True
    """Whether the caller is told the number."""
    last_keys: str = ""
    first_keys: str = ""


def entry_of(user: User, *, use_number_alias: bool = False) -> Entry | None:
    """The entry of a user; None for one who has no name or does not want to be found.

    The name is ``directory_full_name``, else ``effective_caller_id_name``. What stands behind its
    last blank is the last name; a single word is both.
    """
    if not read_boolean(user.param("directory-visible", "true")):
        return None
    name = look_up(user.variables, "directory_full_name", "")
    name = (name or look_up(user.variables, "effective_caller_id_name", "")).strip()
    if not name:
        return None
    first, _, last = name.rpartition(" ")
    first = first.strip() or last
    return Entry(
        last,
        first,
        (user.number_alias if use_number_alias else "") or user.id,
        name,
        bool(read_boolean(user.param("directory-exten-visible", "true"))),
        keys_of(last),
        keys_of(first),
    )


def entries_of(
    domain: Domain, *, group: str | None = None, use_number_alias: bool = False
) -> tuple[Entry, ...]:
    """All who can be found in a domain or one of its groups, in order."""
    users: Iterable[User] = domain.users.values()
    if group is not None:
        chosen = domain.group(group)
        users = chosen.members if chosen is not None else ()
    found = (entry_of(user, use_number_alias=use_number_alias) for user in users)
    return tuple(sorted({entry for entry in found if entry is not None}))


def matching(entries: Iterable[Entry], order: str, keys: str) -> list[Entry]:
    """The entries whose ``last_name``, ``first_name`` or either begins with these keys."""
    return [
        entry
        for entry in entries
        if (order != "first_name" and entry.last_keys.startswith(keys))
        or (order != "last_name" and entry.first_keys.startswith(keys))
    ]
