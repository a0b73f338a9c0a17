"""Questions and answers in JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.switch import Bench, bench, extension


async def ask(b: Bench, command: str, **data: object) -> dict[str, Any]:
    question = json.dumps({"command": command, "data": data})
    answer: dict[str, Any] = json.loads(await b.switch.run_command(f"json {question}"))
    assert answer["command"] == command and answer["data"] == data
    return answer


async def test_the_status_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        session = b.call("100")
        answer = await ask(b, "status")
        assert answer["status"] == "success"
        told = answer["response"]
        assert told["systemStatus"] == "ready"
        assert told["sessions"]["count"]["active"] == 1
        assert told["sessions"]["count"]["limit"] == 1000
        assert told["uptime"]["years"] == 0
        session.hangup()


async def test_any_command_runs(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        answer = await ask(b, "fsapi", cmd="toupper", arg="abc")
        assert answer["response"] == {"message": "ABC"}
        assert (await ask(b, "fsapi", cmd="hostname"))["status"] == "success"
        for wrong in ("", "nosuch"):
            answer = await ask(b, "fsapi", cmd=wrong)
            assert (answer["status"], answer["response"]) == ("error", {"message": "INVALID CALL"})


async def test_an_application_runs_on_a_call(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "answer", "park")) as b:
        session = b.call("100")
        await b.after(1)
        answer = await ask(b, "execute", uuid=session.uuid, app="set", arg="x=1")
        assert answer["status"] == "success"
        assert answer["response"] == {"channelName": session.channel.name}
        await b.after(0.1)
        assert session.get("x") == "1"
        wrong = await ask(b, "execute", uuid=session.uuid)
        assert wrong["response"] == {"response": "INVALID INPUT"}
        told = (await ask(b, "channelData", uuid=session.uuid))["response"]["channelData"]
        assert told["variables"]["x"] == "1" and told["channel_data"]["direction"] == "inbound"
        more = await ask(b, "execute", uuid=session.uuid, app="set", arg="y=1", extendedData="true")
        assert "channelData" in more["response"]
        session.set("rtp_audio_in_packet_count", "7")
        session.set("rtp_audio_in_mos", "4.50")
        session.set("rtp_audio_verdict", "fine")
        told = (await ask(b, "mediaStats", uuid=session.uuid, channelData=True))["response"]
        assert {"in_packet_count": 7, "in_mos": 4.5}.items() <= told["audio"].items()
        assert "verdict" not in told["audio"] and "channelData" in told
        session.hangup()
        for command in ("execute", "channelData", "mediaStats"):
            gone = await ask(b, command, uuid=session.uuid, app="set")
            assert gone["status"] == "error"
            assert gone["message"] == "The command returned an error"
            assert gone["response"] == {"response": "Session does not exist"}
            gone = await ask(b, command, app="set")
            assert gone["response"] == {"response": "INVALID INPUT"}


NOTHING = '"status":"error","message":"Invalid request or non-existant command","response":null}\n'


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("json", "-ERR No JSON supplied.\n"),
        ("json {", "-ERR Parse error.\n"),
        ("json 5", "-ERR Parse error.\n"),
        ('json {"command":"what","data":""}', '{"command":"what","data":"",' + NOTHING),
        ('json {"command":"status"}', '{"command":"status",' + NOTHING),
    ],
)
async def test_what_means_nothing_is_told(tmp_path: Path, line: str, answer: str) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(line) == answer


async def test_an_answer_may_be_laid_out_for_reading(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        answer = await b.switch.run_command('json {"command":"x","format":"pretty"}')
        assert answer.startswith('{\n\t"command": "x"')
