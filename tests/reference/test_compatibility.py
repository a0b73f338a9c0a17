from __future__ import annotations

import re
from pathlib import Path

import pytest

import softswitch
from softswitch import registry
from softswitch.lint.check import load_owners
from softswitch.modules.event_socket.names import NAMES
from softswitch.reference.compatibility import Standing, find, known
from softswitch.switch.modules import BUILT_IN

SHARED = Path(__file__).resolve().parents[2] / "../shared"
TABLES = SHARED / "reference/freeswitch/apps-and-api.md"
REGISTRIES = {"applications": registry.application, "commands": registry.command}
NOT_NAMES = {
    "App", "Command", "TDD", "apps", "video_*", "uuid_video_*", "vm_fsdb_*", "http_*", "rotate",
    "tone", "tdd", "_unmask", "_pause", "_resume", "_stop_dtmf", "_stop_fax_detect", "spandsp",
}  # fmt: skip
"""Words in the tables' first column that name nothing by themselves."""


@pytest.mark.parametrize("kind", REGISTRIES)
def test_all_that_is_registered_is_listed_and_all_that_is_listed_as_here_is(kind: str) -> None:
    load_owners()
    here = {entry.name.lower() for entry in REGISTRIES[kind]}
    listed = known()[kind]
    absent = {name for name, item in listed.items() if item.standing is Standing.ABSENT}
    assert sorted(here - listed.keys()) == []
    assert sorted(here & absent) == []
    assert sorted(listed.keys() - absent - here) == []


@pytest.mark.parametrize("kind", REGISTRIES)
def test_what_is_partial_or_absent_says_what_or_why(kind: str) -> None:
    for item in known()[kind].values():
        if item.standing in (Standing.PARTIAL, Standing.ABSENT):
            assert item.note, item
        if item.standing is Standing.OWN:
            assert not item.note, item


def test_a_name_is_found_without_case() -> None:
    found = find("applications", "RXFAX")
    assert found is not None
    assert (found.name, found.module, found.standing) == (
        "rxfax", "mod_spandsp", Standing.ABSENT,
    )  # fmt: skip
    assert find("applications", "nosuch") is None


def test_modules_that_are_here_are_not_listed_as_missing() -> None:
    load_owners()
    here = BUILT_IN | {entry.name for entry in registry.module}
    listed = known()["modules"]
    assert sorted(here & listed.keys()) == []
    assert all(item.note for item in listed.values())


@pytest.mark.skipif(not TABLES.exists(), reason="the tables of FreeSWITCH are not at hand")
def test_all_that_the_tables_of_freeswitch_name_is_listed() -> None:
    listed = {"1": "applications", "2": "applications", "3": "commands", "4": "commands"}
    missing = [
        word
        for section in re.split(r"^## ", TABLES.read_text(), flags=re.MULTILINE)
        for word in _first_column(section)
        if section[:1] in listed and word not in NOT_NAMES and not find(listed[section[:1]], word)
    ]
    assert missing == []


def _first_column(section: str) -> list[str]:
    words: list[str] = []
    for line in section.splitlines():
        if line.startswith("|") and not line.startswith("|--"):
            cell = re.split(r"(?<!\\)\|", line)[1]
            cell = re.sub(r"\([^)]*\)|\[[^]]*\]|`[^`]*`", " ", cell)
            words += re.findall(r"[A-Za-z_][A-Za-z0-9_*]*", cell)
    return words


def test_events_that_nothing_here_knows_are_listed_and_those_listed_are_not_fired() -> None:
    source = Path(softswitch.__file__).parent
    text = "\n".join(path.read_text("utf-8") for path in source.rglob("*.py"))
    listed = known()["events"].values()
    absent = {item.name for item in listed if item.standing is Standing.ABSENT}
    unknown = [name for name in NAMES if name != "ALL" and f'"{name}"' not in text]
    assert sorted(set(unknown) - absent) == []
    fired = {name for name in absent if re.search(rf'\b(fire|publish)\([^()]*"{name}"', text)}
    assert sorted(fired) == []
    assert [name for name in absent if "::" in name and f'"{name}"' in text] == []
    assert all(item.note for item in listed)
