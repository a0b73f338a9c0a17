"""Waiting: music, keys, patience, coming back, and what is told of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.modules.callcenter.support import agents, office, tiers
from tests.support.engine import far_end
from tests.support.switch import extension, verbs

ONE = {"agents": agents("a"), "tiers": tiers("a")}


async def test_a_caller_waits_with_music_until_an_agent_answers(tmp_path: Path) -> None:
    async with office(tmp_path, **ONE) as b:
        b.script("a", "ring@1 answer@3 hangup@10")
        one = b.call("help")
        await b.after(2)
        assert "answer" in verbs(one)
        assert {Path(what).stem for what in far_end(one.media).played} == {"music"}
        assert b.member.state.value == "Trying" and b.member.serving_agent == "a"
        assert one.get("cc_side") == "member" and one.get("cc_queue") == "help"
        assert one.get("cc_member_uuid") == b.member.uuid
        await b.after(2)
        agent = b.leg("a")
        assert one.peer is agent and b.member.state.value == "Answered"
        for name, value in (
            ("cc_side", "agent"),
            ("cc_queue", "help"),
            ("cc_agent", "a"),
            ("cc_agent_type", "callback"),
            ("cc_member_uuid", b.member.uuid),
            ("cc_member_session_uuid", one.uuid),
            ("cc_agent_bridged", "true"),
        ):
            assert agent.get(name) == value, name
        assert agent.channel.profile.caller_id_name == "Alice"
        await b.ended(one)
        assert one.get("cc_cause") == "answered" and one.get("cc_agent") == "a"
        assert one.get("cc_agent_uuid") == agent.uuid
        assert one.get("after") == "yes", "the dialplan goes on after the talk"
        assert b.center.members == {}
        assert b.actions("member-queue-start", "member-queue-end") == [
            "member-queue-start",
            "member-queue-end",
        ]
        end = b.told("member-queue-end")
        assert end["CC-Cause"] == "Terminated" and end["CC-Agent"] == "a"


async def test_who_hangs_up_has_abandoned_the_queue_and_nobody_rings_on(tmp_path: Path) -> None:
    async with office(tmp_path, **ONE) as b:
        b.script("a", "ring@1")
        one = await b.ended(b.call("help", script="hangup@5"))
        assert one.get("cc_cause") == "cancel" and one.get("cc_cancel_reason") == "BREAK_OUT"
        assert one.get("cc_queue_canceled_epoch") and one.get("after") is None
        await b.after(0.2)
        assert b.legs.legs["a"].cause is HangupCause.ORIGINATOR_CANCEL
        assert b.told("bridge-agent-fail")["CC-Hangup-Cause"] == "ORIGINATOR_CANCEL"
        assert b.agent("a").no_answer_count == 0 and b.agent("a").state.value == "Waiting"
        assert b.member.state.value == "Abandoned"
        end = b.told("member-queue-end")
        assert (end["CC-Cause"], end["CC-Cancel-Reason"]) == ("Cancel", "BREAK_OUT")
        assert b.told("members-count")["CC-Count"] == "0"
        assert b.center.queues["help"].calls_abandoned == 1
        await b.after(62)
        assert b.center.members == {}, "he is remembered for a minute"


@pytest.mark.parametrize("music", ["music.wav", ""])
async def test_a_key_leads_out_of_the_queue(tmp_path: Path, music: str) -> None:
    route = extension("keys", "set cc_exit_keys=*2", "callcenter help", "set after=yes")
    async with office(tmp_path, route, moh_sound=music) as b:
        one = await b.ended(b.call("keys", script="digit:5@2 digit:2@4 hangup@60"))
        assert one.get("cc_exit_key") == "2" and one.get("after") == "yes"
        assert one.get("cc_cancel_reason") == "EXIT_WITH_KEY"


async def test_a_caller_does_not_wait_for_ever(tmp_path: Path) -> None:
    async with office(tmp_path, max_wait_time="7") as b:
        one = b.call("help", script="hangup@60")
        await b.after(6)
        assert b.member.state.value == "Waiting"
        await b.after(2)
        assert one.get("cc_cancel_reason") == "TIMEOUT"
        await b.ended(one)
        assert one.get("after") == "yes"


async def test_who_is_being_connected_gets_one_more_chance(tmp_path: Path) -> None:
    async with office(tmp_path, max_wait_time="5", **ONE) as b:
        b.script("a", "ring@1 answer@8 hangup@20")
        one = b.call("help", script="hangup@60")
        await b.after(10)
        assert one.peer is b.leg("a")
        two = b.call("help", script="hangup@60")
        await b.after(7)
        assert two.get("cc_cancel_reason") == "TIMEOUT"


async def test_without_any_agent_a_caller_leaves_sooner(tmp_path: Path) -> None:
    params = {
        "max_wait_time_with_no_agent": "4",
        "max_wait_time_with_no_agent_time_reached": "3",
    }
    async with office(tmp_path, **ONE, **params) as b:
        b.script("a", "ring@1")
        one = b.call("help", script="hangup@60")
        await b.after(10)
        assert one.get("cc_cancel_reason") is None
        assert await b.config("agent set status a 'Logged Out'") == "+OK\n"
        await b.after(3)
        assert one.get("cc_cancel_reason") is None
        await b.after(3)
        assert one.get("cc_cancel_reason") == "NO_AGENT_TIMEOUT"


async def test_who_calls_again_gets_his_place_back(tmp_path: Path) -> None:
    async with office(tmp_path, abandoned_resume_allowed="true") as b:
        await b.ended(b.call("help", script="hangup@10"))
        first = b.member
        await b.after(5)
        two = b.call("help", caller="2000", script="hangup@200")
        one = b.call("help", script="hangup@200")
        await b.after(1)
        assert len(b.center.members) == 2
        assert one.get("cc_member_uuid") == first.uuid != two.get("cc_member_uuid")
        assert first.state.value == "Waiting" and first.rejoined_epoch > first.joined_epoch
        assert b.center.members_of("help")[0] is first
        assert b.actions("member-queue-resume") == ["member-queue-resume"]


async def test_otherwise_he_begins_anew(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        await b.ended(b.call("help", script="hangup@10"))
        b.call("help", script="hangup@200")
        await b.after(1)
        assert sorted(one.state.value for one in b.center.members.values()) == [
            "Abandoned",
            "Waiting",
        ]


async def test_scores_say_who_comes_first(tmp_path: Path) -> None:
    routes = (
        extension("vip", "set cc_base_score=100", "callcenter help"),
        extension("late", "answer", "sleep 20000", "callcenter help"),
    )
    async with office(tmp_path, *routes, time_base_score="system") as b:
        late = b.call("late", script="hangup@300")
        await b.after(5)
        usual = b.call("help", script="hangup@300")
        await b.after(20)
        vip = b.call("vip", script="hangup@300")
        await b.after(1)
        queued = [member.session for member in b.center.members_of("help")]
        assert queued == [vip, late, usual]


async def test_other_music_may_be_wished_for(tmp_path: Path) -> None:
    route = extension("own", "set cc_moh_override=other.wav", "callcenter help")
    async with office(tmp_path, route) as b:
        one = b.call("own", script="hangup@9")
        await b.after(2)
        assert {Path(what).stem for what in far_end(one.media).played} == {"other"}


async def test_music_that_cannot_be_played_is_silence(tmp_path: Path) -> None:
    async with office(tmp_path, moh_sound="gone.wav", **ONE) as b:
        b.script("a", "answer@5 hangup@9")
        one = b.call("help", script="hangup@60")
        await b.after(8)
        assert one.peer is b.leg("a")


async def test_an_announcement_is_laid_over_the_music_from_time_to_time(tmp_path: Path) -> None:
    params = {"announce_sound": "silence_stream://4000", "announce_frequency": "10"}
    async with office(tmp_path, **params) as b:
        one = b.call("help", script="hangup@60")
        heard = []
        for _ in range(5):
            await b.after(6)
            heard.append(len(one.bugs))
        # At 10 to 14 and 20 to 24 seconds.
        assert heard == [0, 1, 0, 1, 0]


async def test_a_queue_that_is_not_there_is_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with office(tmp_path, extension("odd", "callcenter nowhere", "set after=yes")) as b:
        one = await b.ended(b.call("odd"))
        assert one.get("after") == "yes" and "no queue 'nowhere'" in caplog.text
