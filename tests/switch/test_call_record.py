from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from lxml import etree

from softswitch.switch.call_record import cut_off, document, to_json, to_xml
from tests.support.switch import bench, extension

RECORDED = Path(__file__).parents[2].parent / "shared/reference/freeswitch/recorded/cdr"


class Keeper:
    """A reporter that keeps the document of each call."""

    def __init__(self) -> None:
        self.documents: list[dict[str, Any]] = []

    def began(self, session: Any) -> None: ...

    def answered(self, session: Any) -> None: ...

    async def ended(self, session: Any, *, wanted: bool) -> None:
        self.documents.append(document(session))


@pytest.fixture
async def bridged(tmp_path: Path) -> dict[str, Any]:
    """The document of a caller who was transferred and bridged."""
    async with bench(
        tmp_path,
        extension("1", "set more=x", "transfer 2"),
        extension("2", "set hangup_after_bridge=true", "bridge test/bob", name="two"),
    ) as b:
        b.script("bob", "answer@1 hangup@2")
        keeper = Keeper()
        b.switch.reporters.append(keeper)
        call = await b.ended(b.call("1", variables={"nasty": "a<b>&\x01\ud800c"}))
        [found] = [d for d in keeper.documents if d["variables"]["uuid"] == call.uuid]
        return found


async def test_it_has_all_that_freeswitchs_record_has(bridged: dict[str, Any]) -> None:
    root = etree.fromstring(to_xml(bridged).encode())
    assert [child.tag for child in root] == [
        "channel_data",
        "call-stats",
        "variables",
        "app_log",
        "callflow",
        "callflow",
    ]
    assert root.get("core-uuid") and root.get("switchname")
    assert root.findtext("channel_data/state") == "CS_REPORTING"
    assert root.findtext("channel_data/state_number") == "11"
    assert root.findtext("variables/hangup_cause") == "NORMAL_CLEARING"
    logged = [each.get("app_name") for each in root.iterfind("app_log/application")]
    assert logged == ["set", "transfer", "set", "bridge"]
    newest, oldest = root.findall("callflow")
    assert (newest.get("profile_index"), oldest.get("profile_index")) == ("2", "1")
    extension = newest.find("extension")
    assert extension is not None
    assert (extension.get("name"), extension.get("number")) == ("two", "2")
    assert [each.get("app_name") for each in extension] == ["set", "bridge"]
    assert newest.findtext("caller_profile/destination_number") == "2"
    assert newest.findtext("caller_profile/originatee/originatee_caller_profile/uuid")
    assert oldest.find("caller_profile/originatee") is None
    assert int(newest.findtext("times/bridged_time") or 0) > 0
    assert int(oldest.findtext("times/transfer_time") or 0) > 0


async def test_values_are_encoded_and_nothing_breaks_the_xml(bridged: dict[str, Any]) -> None:
    root = etree.fromstring(to_xml(bridged).encode())
    assert unquote(root.findtext("variables/nasty") or "").startswith("a<b>&\x01")


async def test_json_holds_the_same_encoded_or_not(bridged: dict[str, Any]) -> None:
    encoded = to_json(bridged, encode_values=True)["variables"]["nasty"]
    assert encoded.startswith("a%3Cb%3E%26%01")
    assert to_json(bridged, encode_values=False)["variables"]["nasty"].startswith("a<b>&")


async def test_the_application_log_may_be_left_out(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "set disable_app_log=true", "hangup")) as b:
        keeper = Keeper()
        b.switch.reporters.append(keeper)
        await b.ended(b.call("1"))
    assert "app_log" not in keeper.documents[0]


def test_a_call_that_was_cut_off_has_what_is_known() -> None:
    variables = {"uuid": "u", "direction": "inbound", "odd name": "1", "9": "2"}
    root = etree.fromstring(to_xml(cut_off(variables, "core", "host")).encode())
    assert root.findtext("variables/uuid") == "u"
    assert root.findtext("variables/odd_name") == "1"
    assert root.findtext("variables/_9") == "2"


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded documents are not here")
def test_the_elements_of_a_recorded_document_are_ours(bridged: dict[str, Any]) -> None:
    recorded = etree.parse(RECORDED / "bridged_a_leg.cdr.xml").getroot()
    ours = etree.fromstring(to_xml(bridged).encode())
    for path in ("callflow/times", "callflow/caller_profile"):
        there, here = recorded.find(path), ours.find(path)
        assert there is not None and here is not None
        missing = {each.tag for each in there} - {each.tag for each in here}
        assert missing <= {"origination"}, path
