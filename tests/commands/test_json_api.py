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
        assert (await ask(b, "fsapi"))["message"] == "INVALID CMD"


async def test_an_application_runs_on_a_call(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "answer", "park")) as b:
        session = b.call("100")
        await b.after(1)
        answer = await ask(b, "execute", uuid=session.uuid, app="set", arg="x=1")
        assert answer["status"] == "success"
        await b.after(0.1)
        assert session.get("x") == "1"
        assert (await ask(b, "execute", uuid=session.uuid))["message"] == "INVALID APP"
        data = await ask(b, "channelData", uuid=session.uuid)
        assert data["response"]["variable_x"] == "1"
        assert "audio" in (await ask(b, "mediaStats", uuid=session.uuid))["response"]
        session.hangup()
        for command in ("execute", "channelData", "mediaStats"):
            gone = await ask(b, command, uuid=session.uuid, app="set")
            assert (gone["status"], gone["message"]) == ("error", "INVALID CALL REFERENCE")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("json", '-USAGE: {"command":"...","data":"..."}\n'),
        ("json {", "-ERR invalid json\n"),
        ("json 5", "-ERR invalid json\n"),
        (
            'json {"command":"what"}',
            '{"command":"what","status":"error",'
            '"message":"Invalid request or non-existent command"}',
        ),
    ],
)
async def test_what_means_nothing_is_told(tmp_path: Path, line: str, answer: str) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(line) == answer


async def test_an_answer_may_be_laid_out_for_reading(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        answer = await b.switch.run_command('json {"command":"x","format":"pretty"}')
        assert answer.startswith('{\n\t"command": "x"')
