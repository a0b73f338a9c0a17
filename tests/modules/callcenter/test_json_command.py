"""``callcenter_config`` in JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.modules.callcenter.support import Office, agents, office, tiers


async def ask(b: Office, arguments: Any, **data: Any) -> dict[str, Any]:
    question = {"command": "callcenter_config", "data": {"arguments": arguments, **data}}
    answer: dict[str, Any] = json.loads(await b.switch.run_command(f"json {json.dumps(question)}"))
    return answer


async def test_agents_queues_members_and_tiers_are_listed(tmp_path: Path) -> None:
    async with office(
        tmp_path,
        agents=agents("a", "b"),
        tiers=tiers("b", "a") + '<tier agent="a" queue="other" level="3"/>',
        queues='<queue name="other"/>',
        tier_rule_wait_second="30",
    ) as b:
        b.script("b", "ring@1")
        one = b.call("help", caller="3000", script="hangup@9")
        await b.after(3)
        told = await ask(b, "Agent List")
        assert told["status"] == "success"
        first = told["response"][0]
        assert (first["name"], first["type"], first["calls_answered"]) == ("a", "callback", "0")
        queues = (await ask(b, "queue list"))["response"]
        assert [queue["name"] for queue in queues] == ["help", "other"]
        assert (queues[0]["tier_rule_wait_second"], queues[0]["tier_rules_apply"]) == (30, "false")
        assert "calls_answered" not in queues[0] and "agent_no_answer_status" in queues[0]
        (member,) = (await ask(b, "member list"))["response"]
        assert (member["session_uuid"], member["state"]) == (one.uuid, "Trying")
        assert int(member["score"]) >= 2
        assert (await ask(b, "queue list members", queue_name="help"))["response"] == [member]
        assert (await ask(b, "queue list members", queue_name="other"))["response"] == []
        found = (await ask(b, "tier list"))["response"]
        assert [(tier["queue"], tier["agent"]) for tier in found] == [
            ("help", "b"),
            ("help", "a"),
            ("other", "a"),
        ]
        found = (await ask(b, "queue list tiers", queue_name="other"))["response"]
        assert [(tier["agent"], tier["level"]) for tier in found] == [("a", "3")]
        found = (await ask(b, "queue list agents", queue_name="other"))["response"]
        assert [agent["name"] for agent in found] == ["a"]
        await b.ended(one)


async def test_what_is_not_understood_is_an_error(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        for arguments in ("", "agent", None, 5):
            told = await ask(b, arguments)
            assert (told["status"], told["response"]) == ("error", None)
        told = await ask(b, "queue list tiers")
        assert told["response"] == {"error": "Missing data attribute: queue_name"}
        await b.switch.modules.unload("mod_callcenter")
        told = await ask(b, "agent list")
        assert told["message"] == "Invalid request or non-existant command"
