from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.modules.voicemail.support import DOMAIN, Office, office


def answers(o: Office) -> list[dict[str, str]]:
    return [event.headers for event in o.bench.events if event.name == "MESSAGE_WAITING"]


async def ask(o: Office, account: str, **headers: str) -> None:
    o.bench.switch.publish("MESSAGE_QUERY", {"Message-Account": account, **headers})
    await asyncio.sleep(1)


@pytest.mark.parametrize("account", [f"sip:1000@{DOMAIN}", f"1000@{DOMAIN}", f"sips:1000@{DOMAIN}"])
async def test_who_asks_is_told_what_waits(tmp_path: Path, account: str) -> None:
    async with office(tmp_path) as o:
        await o.put("a")
        await ask(o, account, **{"VM-Sofia-Profile": "internal"})
        (answer,) = answers(o)
        assert answer["MWI-Messages-Waiting"] == "yes"
        assert answer["MWI-Message-Account"] == f"1000@{DOMAIN}"
        assert answer["MWI-Voice-Message"] == "1/0"
        assert answer["VM-Sofia-Profile"] == "internal"


@pytest.mark.parametrize("account", [f"sip:1000@{DOMAIN}", f"sip:9@{DOMAIN}", "", "sip:"])
async def test_nothing_is_said_where_nothing_waits(tmp_path: Path, account: str) -> None:
    async with office(tmp_path) as o:
        await ask(o, account)
        assert answers(o) == []


async def test_many_questions_are_answered_one_by_one(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        await o.put("a")
        await o.put("b", name="1001")
        for _ in range(50):
            for name in ("1000", "1001"):
                o.bench.switch.publish("MESSAGE_QUERY", {"Message-Account": f"sip:{name}@{DOMAIN}"})
        await asyncio.sleep(1)
        accounts = [answer["MWI-Message-Account"] for answer in answers(o)]
        assert sorted(accounts) == [f"1000@{DOMAIN}", f"1001@{DOMAIN}"]


async def test_a_question_that_cannot_be_answered_spoils_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as o:
        await o.put("a")
        find = o.service.find

        async def failing(address: str) -> object:
            if address.startswith("1001"):
                raise OSError("no disk")
            return await find(address)

        monkeypatch.setattr(o.service, "find", failing)
        o.bench.switch.publish("MESSAGE_QUERY", {"Message-Account": f"1001@{DOMAIN}"})
        await ask(o, f"1000@{DOMAIN}")
        assert len(answers(o)) == 1
        assert "the messages of" in caplog.text
