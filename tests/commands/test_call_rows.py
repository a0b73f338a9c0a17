from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.commands import call_rows
from tests.support.switch import bench, extension

CHANNELS = Path(__file__).resolve().parents[2] / "../shared/reference/freeswitch/recorded/channel"


async def test_a_channel_shows_what_it_does(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "set accountcode=77", "park")) as b:
        session = b.call("1")
        await b.after(1)
        table = call_rows.channels(b.switch)
        row = dict(zip(table.columns, table.rows[0], strict=True))
        assert row["uuid"] == session.uuid
        assert (row["application"], row["application_data"]) == ("park", "")
        assert (row["cid_name"], row["cid_num"], row["dest"]) == ("Alice", "1000", "1")
        assert (row["direction"], row["callstate"]) == ("inbound", "RINGING")
        assert row["accountcode"] == "77"
        assert row["state"] == "CS_EXECUTE"
        assert row["callee_name"] == row["call_uuid"] == ""
        session.hangup()
        await b.ended(session)


@pytest.mark.parametrize(
    ("like", "found"), [("alice", 1), ("1000", 1), ("test/", 1), ("nobody", 0), ("", 1)]
)
async def test_channels_are_found_by_a_part_of_them(tmp_path: Path, like: str, found: int) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        session = b.call("1")
        await b.after(1)
        assert len(call_rows.channels(b.switch, like).rows) == found
        session.hangup()
        await b.ended(session)


async def test_a_bridged_call_is_one_row_with_both_legs(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "bridge test/bob"), extension("2", "park")) as b:
        b.script("bob", "answer@1")
        bridged, alone = b.call("1"), b.call("2")
        await b.after(3)
        peer = bridged.peer
        assert peer is not None
        everything, talking = (
            call_rows.calls(b.switch, bridged_only=only) for only in (False, True)
        )
        assert len(everything.rows) == 2 and len(talking.rows) == 1
        row = dict(zip(talking.columns, talking.rows[0], strict=True))
        assert (row["uuid"], row["b_uuid"]) == (bridged.uuid, peer.uuid)
        assert row["b_state"] == "CS_EXCHANGE_MEDIA"
        assert (row["callee_name"], row["callee_num"]) == ("Outbound Call", "bob")
        assert row["callee_direction"] == row["b_callee_direction"] == "SEND"
        assert (row["b_sent_callee_name"], row["b_sent_callee_num"]) == ("Alice", "1000")
        assert row["call_uuid"] == bridged.uuid
        assert int(row["call_created_epoch"]) >= int(row["created_epoch"])
        for session in (bridged, alone):
            session.hangup()
            await b.ended(session)


@pytest.mark.skipif(not CHANNELS.exists(), reason="the recorded answers are not at hand")
@pytest.mark.parametrize(
    ("file", "detailed"),
    [("bridged_show_calls.txt", False), ("bridged_show_detailed_calls.txt", True)],
)
async def test_columns_are_freeswitchs(tmp_path: Path, file: str, detailed: bool) -> None:
    async with bench(tmp_path) as b:
        header = (CHANNELS / file).read_text().splitlines()[0]
        assert ",".join(call_rows.calls(b.switch, detailed=detailed).columns) == header
        header = (CHANNELS / "show_channels.txt").read_text().splitlines()[0]
        assert ",".join(call_rows.channels(b.switch).columns) == header
