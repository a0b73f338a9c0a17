from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest

import softswitch
from softswitch.config.host import built_in_globals
from softswitch.reference.variables import USES, Standing, Variable, catalogue, find

SHARED = Path(__file__).resolve().parents[2] / "../shared"
BUILT = [
    (r"sip_(from|to|req|contact)_(user|host|uri|port)", '"{prefix}_{2}"'),
    (r"(\w+)_(stamp|epoch|uepoch)", '"{{name}}_{2}"'),
    (r"(execute_on|api_on)_(\w+)", '"{2}"'),
    (r"(origination_callee_id)_(name|number)", '"{1}_{{what}}"'),
    (r"(detect_\w+)_(hits|timeout)", '"{{name}}_{2}"'),
    (r"(DP_REGEX_MATCH)", '"{1}_{{number}}"'),
    (r"(deduplicate_dtmf_seen)_(\w+)", '"{2}"'),
]
"""Names that the source puts together, and the piece to look for."""
FIELDS = {"caller_id_name", "destination_number", "network_addr", "ring_total"}
"""Fields of the caller profile, which the reference lists beside variables."""
OTHER_MEANING = {"media_timeout", "rtp_secure_media_confirmed"}
"""Names of variables that are not here, which mean something else or are only shown."""


@lru_cache(maxsize=1)
def _source() -> str:
    root = Path(softswitch.__file__).parent
    texts = [
        path.read_text()
        for path in root.rglob("*.py")
        if path.parts[len(root.parts)] not in ("reference", "lint")
    ]
    return re.sub(
        r'"""[\s\S]*?"""', lambda found: " " if "\n\n" in found[0] else found[0], "".join(texts)
    )


@lru_cache(maxsize=1)
def _words() -> set[str]:
    """What stands between spaces or quotes."""
    return set(re.findall(r"""(?<=["'\s])[^"'\s]+(?=["'\s])""", _source()))


@lru_cache(maxsize=1)
def _literals() -> set[str]:
    """What stands between quotes alone."""
    return set(re.findall(r"""(?<=["'])[^"'\s]+(?=["'])""", _source()))


def _is_in_source(variable: Variable) -> bool:
    if variable.name in _words():
        return True
    for pattern, piece in BUILT:
        if found := re.fullmatch(pattern, variable.name):
            first, second = (*found.groups(), "")[:2]
            wanted = piece.replace("{{", "{").replace("}}", "}")
            wanted = wanted.replace("{1}", first).replace("{2}", second)
            return wanted in _source()
    return False


def test_each_variable_that_is_here_is_in_the_source() -> None:
    claimed = [v for v in catalogue().values() if v.here and v.use != "D"]
    assert len(claimed) > 300
    assert [v.name for v in claimed if not _is_in_source(v)] == []


def test_each_variable_that_is_not_here_is_in_no_source() -> None:
    absent = [v.name for v in catalogue().values() if not v.here and v.name not in OTHER_MEANING]
    assert set(absent) & _literals() == set(), (
        "take the minus away in variables.toml, then run scripts/make-docs"
    )


def test_each_entry_has_a_use_and_a_meaning() -> None:
    for variable in catalogue().values():
        assert variable.use in USES, variable
        assert variable.meaning, variable


def test_every_built_in_global_is_listed(tmp_path: Path) -> None:
    assert [n for n in built_in_globals(tmp_path, tmp_path) if n.lower() not in catalogue()] == []


def test_a_prefix_stands_for_all_names_that_begin_so() -> None:
    found = find("sip_h_X-Account")
    assert found is not None
    assert (found.name, found.is_prefix) == ("sip_h_", True)
    assert find("SIP_H_x") is found
    assert find("sip_hx") is None


def test_what_only_the_dialplan_sets_is_told_apart() -> None:
    assert catalogue()["uuid"].is_set
    assert not catalogue()["call_timeout"].is_set


def test_what_has_no_effect_says_why() -> None:
    silent = [v.name for v in catalogue().values() if not v.here and not v.reason]
    assert silent == []
    timer, webrtc = catalogue()["rtp_timer_name"], catalogue()["media_webrtc"]
    assert (timer.standing, webrtc.standing) == (Standing.ACCEPTED, Standing.ABSENT)
    assert timer.reason == "the engine has one clock"
    assert (timer.use, webrtc.use) == ("R", "R")
    assert catalogue()["uuid"].reason == ""


def test_each_variable_of_the_reference_is_in_the_catalogue() -> None:
    page = SHARED / "reference/freeswitch/variables.md"
    if not page.is_file():
        pytest.skip("the reference is not beside this tree")
    tables = page.read_text().partition("### Identity and routing")[2]
    rows = [line.split(" | ")[0] for line in tables.splitlines() if line.startswith("| ")]
    names = {name for row in rows for name in row.strip("| ").split(", ") if "_" in name}
    single = {name for name in names if name.replace("_", "").isalnum() and name[0] != "_"}
    assert len(single) > 200
    unknown = [name for name in single if find(name) is None and name.lower() not in FIELDS]
    assert sorted(unknown) == []
