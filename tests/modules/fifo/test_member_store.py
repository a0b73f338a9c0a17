from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.modules.fifo.application import queues_of
from softswitch.modules.fifo.queue import Member
from tests.modules.fifo.support import Office, office


def members(b: Office) -> dict[str, list[Member]]:
    queues = queues_of(b.switch)
    assert queues is not None
    return {queue.name: list(queue.members.values()) for queue in queues if queue.members}


async def test_members_that_commands_added_outlive_a_restart(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        for words in (
            "sales test/a 2 40 7 0 3",
            "sales test/b",
            "help test/{x=1}c",
            "help test/d",
        ):
            assert await b.switch.run_command(f"fifo_member add {words}") == "+OK\n"
        await b.switch.run_command("fifo_member add sales test/a 4 50 8 0 2")
        await b.switch.run_command("fifo_member del help test/d")
        await b.switch.run_command("fifo_member del nowhere test/d")
    async with office(tmp_path) as b:
        found = members(b)
        assert sorted(found) == ["help", "sales"]
        assert [one.dial_string for one in found["help"]] == ["test/{x=1}c"]
        first = next(one for one in found["sales"] if one.dial_string == "test/a")
        assert (first.simo, first.timeout, first.lag, first.taking_calls) == (4, 50, 8, 2)
        assert first.expires_at is None and first.load.in_use == 0
        # He is rung as if he had been added just now.
        b.script("b", "ring@1 answer@2")
        await b.switch.run_command("fifo_member del sales test/a")
        one = b.call("in", script="hangup@9")
        await b.after(3)
        assert one.peer is not None


async def test_who_was_added_for_a_while_goes_when_it_is_over(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        await b.switch.run_command("fifo_member add sales test/a 1 40 7 100")
        await b.switch.run_command("fifo_member add sales test/b 1 40 7 1")
        await b.after(2)
    async with office(tmp_path) as b:
        [found] = members(b)["sales"]
        assert found.dial_string == "test/a"
        assert found.expires_at == pytest.approx(b.switch.loop.time() + 98, abs=1)


async def test_nobody_is_left_where_that_is_asked_for(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        await b.switch.run_command("fifo_member add sales test/a")
        assert await b.switch.run_command("fifo reparse") == "+OK\n"
        assert list(members(b)) == ["sales"]
        assert await b.switch.run_command("fifo reparse del_all") == "+OK\n"
        assert members(b) == {}
    async with office(tmp_path) as b:
        assert members(b) == {}
        await b.switch.run_command("fifo_member add sales test/a")
    async with office(tmp_path, settings="delete-all-outbound-member-on-startup") as b:
        assert members(b) == {}


async def test_queues_work_where_the_database_cannot_be_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "db").write_text("in the way")
    async with office(tmp_path) as b:
        assert "members are not kept" in caplog.text
        assert await b.switch.run_command("fifo_member add sales test/a") == "+OK\n"
        assert list(members(b)) == ["sales"]
        assert await b.switch.run_command("fifo_member del sales test/a") == "+OK\n"
