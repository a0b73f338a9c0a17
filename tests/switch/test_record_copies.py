"""Records of called legs in variables of the caller."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from softswitch.switch.session import Session
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


class Keeper:
    """A reporter that keeps the variables of each call at its end."""

    def __init__(self) -> None:
        self.variables: dict[str, dict[str, str]] = {}

    def began(self, session: Any) -> None: ...

    def answered(self, session: Any) -> None: ...

    async def ended(self, session: Session, *, wanted: bool) -> None:
        self.variables[session.uuid] = dict(session.channel.variables)


@pytest.mark.parametrize("who_ends", ["answer@1 hangup@2", "answer@1"])
async def test_the_callers_record_has_that_of_the_leg_it_was_bridged_to(
    tmp_path: Path, who_ends: str
) -> None:
    actions = ("set hangup_after_bridge=true", "bridge {copy_xml_cdr=true,mark=ü&x}test/bob")
    async with bench(tmp_path, extension("1", *actions)) as b:
        keeper = Keeper()
        b.switch.reporters.append(keeper)
        b.script("bob", who_ends)
        call = b.call("1")
        await b.after(1.5)
        called = call.peer
        assert called is not None
        await b.after(1)
        call.hangup()
        await b.ended(call)
        kept = keeper.variables[call.uuid]
        root = etree.fromstring(kept["b_leg_cdr"])
        assert not kept["b_leg_cdr"].startswith("<?xml")
        assert root.findtext("variables/uuid") == called.uuid
        assert root.findtext("variables/mark") == "%C3%BC%26x"
        assert root.findtext("variables/hangup_cause") == "NORMAL_CLEARING"
        assert root.findtext("variables/billsec") in ("1", "2")
        assert kept[f"b_leg_cdr_{called.uuid}"] == kept["b_leg_cdr"]


async def test_the_dialplan_goes_on_with_the_copy(tmp_path: Path) -> None:
    actions = ("bridge {copy_json_cdr=true,mark=a b}test/bob", "park")
    async with bench(tmp_path, extension("1", *actions)) as b:
        b.script("bob", "answer@1 hangup@2")
        call = b.call("1")
        await b.after(4)
        record = json.loads(call.get("b_leg_cdr") or "")
        assert record["variables"]["mark"] == "a%20b"
        assert record["variables"]["hangup_cause"] == "NORMAL_CLEARING"
        assert record["callflow"]
        call.hangup()


async def test_a_called_leg_that_goes_on_has_a_record_so_far(tmp_path: Path) -> None:
    wish = "{copy_xml_cdr=true,park_after_bridge=true}"
    async with bench(tmp_path, extension("1", f"bridge {wish}test/bob")) as b:
        keeper = Keeper()
        b.switch.reporters.append(keeper)
        b.script("bob", "answer@1")
        call = b.call("1")
        await b.after(1.5)
        called = call.peer
        assert called is not None
        call.hangup()
        await b.ended(call)
        root = etree.fromstring(keeper.variables[call.uuid]["b_leg_cdr"])
        assert called.channel.up
        assert root.findtext("variables/hangup_cause") is None
        called.hangup()


async def test_nothing_is_copied_unasked(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "set copy_xml_cdr=true", "bridge test/bob")) as b:
        b.script("bob", "answer@1 hangup@2")
        call = await b.ended(b.call("1"))
        # It is the called leg that has to have the variable.
        assert call.get("b_leg_cdr") is None


async def test_legs_that_failed_are_counted_over_all_attempts(tmp_path: Path) -> None:
    actions = (
        "set failed_xml_cdr_prefix=lost",
        "set continue_on_fail=true",
        "bridge test/busy,test/deaf|test/busy",
        "bridge test/bob",
        "park",
    )
    async with bench(tmp_path, extension("1", *actions)) as b:
        b.script("busy", "hangup:USER_BUSY@1")
        b.script("deaf", "hangup:NO_USER_RESPONSE@2")
        b.script("bob", "answer@1 hangup@2")
        call = b.call("1")
        await b.after(8)
        assert call.get("lost_total") == "3"
        causes = [
            etree.fromstring(call.get(f"lost_{number}") or "").findtext("variables/hangup_cause")
            for number in (1, 2, 3)
        ]
        assert causes == ["USER_BUSY", "NO_USER_RESPONSE", "USER_BUSY"]
        assert call.get("b_leg_cdr") is None and call.get("lost_4") is None
        call.hangup()


async def test_a_caller_that_gives_up_has_the_records_of_whom_it_rang(tmp_path: Path) -> None:
    actions = ("set failed_json_cdr_prefix=lost", "bridge test/deaf")
    async with bench(tmp_path, extension("1", *actions)) as b:
        keeper = Keeper()
        b.switch.reporters.append(keeper)
        b.script("deaf", "ring@1")
        call = b.call("1")
        await b.after(2)
        call.hangup()
        await b.ended(call)
        kept = keeper.variables[call.uuid]
        assert kept["lost_total"] == "1"
        assert json.loads(kept["lost_1"])["variables"]["hangup_cause"] == "ORIGINATOR_CANCEL"


@pytest.mark.parametrize("format", ["xml", "json"])
async def test_what_a_far_end_says_is_not_expanded_with_the_copy(
    tmp_path: Path, format: str
) -> None:
    actions = (f"bridge {{copy_{format}_cdr=true}}test/bob", "park")
    async with bench(tmp_path, extension("1", *actions)) as b:
        b.script("bob", "answer@1 hangup@2")
        call = b.call("1")
        await b.after(1.5)
        called = call.peer
        assert called is not None
        called.channel.profile.callee_id_name = "$${hostname} ${uuid}"
        await b.after(2)
        text = call.get("b_leg_cdr") or ""
        assert "${" not in text
        if format == "xml":
            name = etree.fromstring(text).findtext("callflow/caller_profile/callee_id_name")
        else:
            name = json.loads(text)["callflow"][0]["caller_profile"]["callee_id_name"]
        assert name == "$${hostname} ${uuid}"
        call.hangup()
