"""``directory.conf``: the profiles of dial by name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from softswitch.config.document import Configuration
from softswitch.config.element import Element
from softswitch.config.errors import CODES, Finding, Severity
from softswitch.config.params import Unit, param, read_params
from softswitch.config.validators import register_validator

CODES.update({"V902": "a key of the directory means two things at once"})

FILE = "directory.conf"
ORDERS = ("last_name", "first_name", "first_and_last_name")
KEYS = tuple("0123456789*#")


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """A profile of ``directory.conf``."""

    place: ClassVar[str] = "a <profile>"

    next_key: str = param("next-key", "6", choices=KEYS, help="the next entry; so do others")
    prev_key: str = param("prev-key", "4", choices=KEYS, help="the entry before")
    select_name_key: str = param("select-name-key", "1", choices=KEYS, help="takes the entry")
    new_search_key: str = param("new-search-key", "3", choices=KEYS, help="searches again")
    terminator_key: str = param("terminator-key", "#", choices=KEYS, help="ends the letters")
    switch_order_key: str = param(
        "switch-order-key", "*", choices=KEYS, help="asks for the other name"
    )
    search_order: str = param(
        "search-order", "last_name", choices=ORDERS, help="which name is asked for at first"
    )
    digit_timeout: float = param(
        "digit-timeout",
        3.0,
        unit=Unit.MILLISECONDS,
        minimum=0,
        maximum=30000,
        help="how long a key may take",
    )
    min_search_digits: int = param(
        "min-search-digits", 3, minimum=0, help="letters that are needed"
    )
    max_menu_attempts: int = param(
        "max-menu-attempts", 3, minimum=0, help="searches until it is over"
    )
    max_result: int = param("max-result", 5, minimum=0, help="most entries told; 0 any number")
    use_number_alias: bool = param(
        "use-number-alias", False, help="tell and dial the number-alias of a user who has one"
    )
    accepted: ClassVar[tuple[str, ...]] = ("odbc-dsn", "dbname", "debug")
    """Names are searched in memory."""


def read_profiles(
    configuration: Configuration,
) -> tuple[dict[str, ProfileSettings], list[Finding]]:
    """Each profile by its name, and what is wrong with them."""
    element = configuration.configuration(FILE)
    block = element.find("profiles") if element else None
    # Of a database, which <settings> may name, there is no need.
    findings: list[Finding] = []
    profiles: dict[str, ProfileSettings] = {}
    for written in block.findall("profile") if block else ():
        settings, wrong = read_params(written, ProfileSettings)
        profiles.setdefault(written.get("name", ""), settings)
        findings += [*wrong, *_double_keys(written, settings)]
    return profiles, findings


def _double_keys(profile: Element, settings: ProfileSettings) -> list[Finding]:
    """Keys with two meanings, among those that count at one time."""
    while_listening = (
        settings.select_name_key,
        settings.next_key,
        settings.prev_key,
        settings.new_search_key,
    )
    while_spelling = (settings.terminator_key, settings.switch_order_key)
    return [
        profile.finding(
            "V902", f"the key {key} means two things", "choose another", Severity.WARNING
        )
        for keys in (while_listening, while_spelling)
        for key, count in Counter(keys).items()
        if count > 1
    ]


def _problems(configuration: Configuration) -> list[Finding]:
    return read_profiles(configuration)[1]


register_validator("configuration", _problems)
