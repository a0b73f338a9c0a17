"""What the calls of members show and carry."""

from __future__ import annotations

from pathlib import Path

from softswitch.modules.fifo.dialling import dial_string, variables
from softswitch.modules.fifo.queue import Member, Queue, Round, Waiting
from softswitch.modules.fifo.settings import Plan
from tests.modules.fifo.support import office

NAME, NUMBER = "origination_caller_id_name", "origination_caller_id_number"


def test_each_leg_is_tagged_with_its_member() -> None:
    members = [
        Member("user/1"),
        Member("{fifo_outbound_uuid=anne,x=1}user/2", timeout=20),
        Member("[y=2]user/3"),
    ]
    first = members[0].id
    assert dial_string(Queue("q"), members).split("]") == [
        f"[leg_timeout=60,fifo_outbound_uuid={first},fifo_name=q",
        "user/1,[leg_timeout=20,fifo_outbound_uuid=anne,fifo_name=q,fifo_outbound_uuid=anne,x=1",
        f"user/2,[leg_timeout=60,fifo_outbound_uuid={members[2].id},fifo_name=q,y=2",
        "user/3",
    ]


async def test_who_rings_for_a_caller_sees_him(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        given = {
            "fifo_export": "a, b,none",
            "a": "1",
            "b": "2",
            "rtp_use_codec_name": "opus",
            "rtp_use_codec_rate": "48000",
            "rtp_use_codec_ptime": "20",
        }
        one = b.call("in", caller="3000", variables=given, script="hangup@9")
        await b.after(1)
        (entry,) = b.queue.waiting
        round_ = Round(entry, [Member("user/1")])

        def carried(name: str = "", transcoding: bool = False) -> dict[str, str]:
            queue = Queue("sales", plan=Plan(outbound_name=name))
            return variables(queue, round_, "n", allow_transcoding=transcoding)

        found = carried()
        assert (found[NAME], found[NUMBER]) == (one.channel.profile.caller_id_name, "3000")
        assert (found["fifo_bridge_uuid"], found["fifo_originate_uuid"]) == (one.uuid, "n")
        assert (found["a"], found["b"], "none" in found) == ("1", "2", False)
        assert found["absolute_codec_string"] == "opus@20i@48000h,PCMU@20i,PCMA@20i"
        assert "absolute_codec_string" not in carried(transcoding=True)
        assert carried("Shop")[NAME] == f"(Shop) {one.channel.profile.caller_id_name}"
        assert carried("=Shop")[NAME] == "Shop"
        one.set("fifo_allow_transcoding", "true")
        assert "absolute_codec_string" not in carried()
        round_.members.append(Member(f"{{{NUMBER}=5}}user/2"))
        assert NUMBER not in carried() and NAME in carried()


def test_who_rings_for_whoever_is_first_sees_the_queue() -> None:
    round_ = Round(None, [Member("user/1")])
    found = variables(Queue("sales"), round_, "n", allow_transcoding=False)
    assert (found[NAME], found[NUMBER]) == ("Queue", "Queue: sales")
    named = Queue("sales", plan=Plan(outbound_name="Shop"))
    assert variables(named, round_, "n", allow_transcoding=False)[NUMBER] == "Queue: Shop"
    url = Round(Waiting(0, 0.0, None, "user/9"), [Member(f"{{{NAME}=X}}user/1")])
    assert NAME not in variables(named, url, "n", allow_transcoding=False)
