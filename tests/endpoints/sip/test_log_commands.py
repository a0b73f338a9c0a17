"""How much SIP says to the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from softswitch.endpoints.sip.log_commands import debug, log_level

PARTS = ("softswitch.sip", "softswitch.net", "softswitch.endpoints.sip")


@pytest.fixture(autouse=True)
def _levels_as_before() -> Iterator[None]:
    before = {name: logging.getLogger(name).level for name in PARTS}
    yield
    debug(["none"])
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def test_a_part_that_freeswitch_names_is_one_of_ours() -> None:
    told = log_level(["NTA", "7"])
    assert told == "Sofia log level for component [NTA] has been set to [7]"
    assert logging.getLogger("softswitch.sip").level == logging.DEBUG
    assert log_level(["nta"]) == "Sofia-sip loglevel for [nta] is [9]"


def test_all_parts_at_once() -> None:
    log_level(["all", "0"])
    assert {logging.getLogger(name).level for name in PARTS} == {logging.WARNING}


@pytest.mark.parametrize("level", ["x", "-1", "10", "1.5"])
def test_what_is_no_level(level: str) -> None:
    assert log_level(["nta", level]) == "-ERR the level is a number from 0 to 9\n"


def test_without_a_part_nothing_is_told() -> None:
    assert log_level([]) == ""


def test_debugging_is_told_as_it_stands() -> None:
    assert debug(["sla"]).endswith("presence: off sla: on\n")
    assert debug([]) == "+OK Debugging summary: presence: off sla: on\n"
