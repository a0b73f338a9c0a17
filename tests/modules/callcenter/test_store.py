from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.callcenter.support import agents, office, tiers


async def test_what_commands_added_outlives_a_restart(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        for words in (
            "agent add a callback",
            "agent set contact a test/a",
            "agent set status a Available",
            "agent set wrap_up_time a 7",
            "agent add gone callback",
            "tier add help a 2 3",
            "tier add help gone",
            "agent del gone",
        ):
            assert await b.config(words) == "+OK\n"
        b.script("a", "answer@1 hangup@5")
        await b.ended(b.call("help"))
        last = b.agent("a").last_bridge_end
    async with office(tmp_path) as b:
        assert list(b.center.agents) == ["a"]
        agent = b.agent("a")
        assert (agent.contact, agent.status.value, agent.wrap_up_time) == ("test/a", "Available", 7)
        assert (agent.calls_answered, agent.last_bridge_end) == (1, last)
        tier = b.center.tiers["help"]["a"]
        assert (tier.level, tier.position, tier.state.value) == (2, 3, "Ready")
        b.script("a", "ring@1 answer@2")
        agent.last_bridge_end = 0
        one = b.call("help", script="hangup@9")
        await b.after(3)
        assert one.peer is b.leg("a")


async def test_the_file_goes_before_what_was_kept(tmp_path: Path) -> None:
    one = agents("a")
    async with office(tmp_path, agents=one, tiers=tiers("a")) as b:
        await b.config("agent set status a 'On Break'")
        await b.config("agent set busy_delay_time a 9")
        await b.config("tier set level help a 5")
    async with office(tmp_path, agents=one, tiers=tiers("a")) as b:
        assert b.agent("a").status.value == "Available"
        assert b.agent("a").busy_delay_time == 9, "the file says nothing of it"
        assert b.center.tiers["help"]["a"].level == 1


async def test_who_was_waiting_may_come_back_after_a_restart(tmp_path: Path) -> None:
    params = {"abandoned_resume_allowed": "true"}
    async with office(tmp_path, **params) as b:
        b.call("help")
        await b.after(5)
        uuid, joined = b.member.uuid, b.member.joined_epoch
    async with office(tmp_path, **params) as b:
        assert b.member.state.value == "Abandoned"
        one = b.call("help", script="hangup@9")
        await b.after(1)
        assert one.get("cc_member_uuid") == uuid
        assert b.member.joined_epoch == joined


async def test_who_was_served_or_whose_queue_is_gone_is_forgotten(tmp_path: Path) -> None:
    queues = '<queue name="sales"/>'
    async with office(tmp_path, queues=queues, agents=agents("a"), tiers=tiers("a")) as b:
        b.script("a", "answer@1")
        b.call("help")
        await b.after(4)
        assert b.member.state.value == "Answered"
        await b.config("agent add x callback")
        await b.config("tier add sales x")
        store = b.center.store
        assert store is not None
        b.center.store = None  # Nothing more is kept, as when the process dies.
        await store.close()
    async with office(tmp_path) as b:
        assert b.center.members == {}


@pytest.mark.parametrize(
    ("setting", "left"),
    [
        ("truncate-agents-on-load", (["a"], ["a", "b"])),
        ("truncate-tiers-on-load", (["a", "b"], ["a"])),
    ],
)
async def test_nobody_is_left_where_that_is_asked_for(
    tmp_path: Path, setting: str, left: tuple[list[str], list[str]]
) -> None:
    settings = f'<param name="{setting}" value="true"/>'
    async with office(tmp_path, agents=agents("a"), tiers=tiers("a")) as b:
        await b.config("agent add b callback")
        await b.config("tier add help b")
    for _ in range(2):
        async with office(tmp_path, settings=settings, agents=agents("a"), tiers=tiers("a")) as b:
            assert (sorted(b.center.agents), sorted(b.center.tiers["help"])) == left


async def test_queues_work_where_the_database_cannot_be_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "db").write_text("in the way")
    async with office(tmp_path, agents=agents("a"), tiers=tiers("a")) as b:
        assert "are not kept" in caplog.text
        b.script("a", "answer@1 hangup@9")
        one = b.call("help")
        await b.after(3)
        assert one.peer is b.leg("a")
