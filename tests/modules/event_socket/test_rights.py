from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from softswitch import registry
from softswitch.modules.event_socket.names import parse_names
from softswitch.modules.event_socket.rights import UNLIMITED, Rights, rights_of

registry.discover("softswitch.commands")


def _user(**params: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in params.items()}
    return SimpleNamespace(param=lambda name, default="": named.get(name, default))


def test_a_user_without_parameters_may_do_everything() -> None:
    rights, headers = rights_of(_user())
    assert rights == UNLIMITED
    assert headers == [("Allowed-Events", "all"), ("Allowed-API", "all"), ("Allowed-LOG", "true")]


def test_lists_are_split_at_spaces_where_there_are_any_and_else_at_commas() -> None:
    rights, headers = rights_of(
        _user(esl_allowed_events="DTMF CUSTOM a::b", esl_allowed_api="status,show")
    )
    assert rights.events == parse_names(["DTMF", "CUSTOM", "a::b"])
    assert rights.commands == {"status", "show"}
    assert headers[0] == ("Allowed-Events", "DTMF CUSTOM a::b")


def test_an_empty_list_allows_nothing() -> None:
    rights, _ = rights_of(_user(esl_allowed_events="", esl_allowed_api=""))
    assert not rights.allows_command("status")
    assert rights.allowed_events(parse_names(["DTMF"])) is None


def test_logs_are_a_right_too() -> None:
    rights, headers = rights_of(_user(esl_allowed_log="false"))
    assert not rights.log
    assert headers[2] == ("Allowed-LOG", "false")


@pytest.mark.parametrize(
    ("allowed", "asked", "got"),
    [
        ("ALL", "DTMF", "DTMF"),
        ("DTMF HEARTBEAT", "DTMF", "DTMF"),
        ("DTMF", "DTMF HEARTBEAT", None),
        ("DTMF", "ALL", None),
        ("CUSTOM a::b", "CUSTOM a::b", "CUSTOM a::b"),
        ("CUSTOM a::b", "CUSTOM c::d", None),
        ("CUSTOM", "CUSTOM c::d", None),
        ("DTMF", "CUSTOM a::b", None),
    ],
)
def test_events(allowed: str, asked: str, got: str | None) -> None:
    rights = Rights(events=parse_names(allowed.split()))
    expected = None if got is None else parse_names(got.split())
    assert rights.allowed_events(parse_names(asked.split())) == expected


@pytest.mark.parametrize(
    ("allowed", "line", "may"),
    [
        ("all", "shutdown", True),
        ("status", "status", True),
        ("status", "STATUS", True),
        ("status", "fsctl shutdown", False),
        ("status", "", False),
        ("bgapi status", "bgapi status", True),
        ("bgapi", "bgapi fsctl shutdown", False),
        ("sched_api status", "sched_api +5 none status", True),
        ("sched_api status", "sched_api +5 none hupall", False),
        ("expand", "expand uuid:x hupall", False),
        ("eval", "eval ${hupall(NORMAL_CLEARING)}", False),
        ("eval", "eval ${domain}", True),
    ],
)
def test_commands_and_what_they_run_in_turn(allowed: str, line: str, may: bool) -> None:
    assert Rights(commands=frozenset(allowed.split())).allows_command(line) is may
