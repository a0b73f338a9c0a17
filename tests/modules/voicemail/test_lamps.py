from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from softswitch.modules.voicemail.settings import Profile
from softswitch.modules.voicemail.store import Message
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
        assert answer["MWI-Message-Account"] == account
        assert answer["MWI-Voice-Message"] == "1/0 (0/0)"
        assert answer["Sofia-Profile"] == "internal"


@pytest.mark.parametrize("account", [f"sip:1000@{DOMAIN}", f"sip:9@{DOMAIN}"])
async def test_where_nothing_waits_lamps_are_put_out(tmp_path: Path, account: str) -> None:
    async with office(tmp_path) as o:
        await ask(o, account, **{"VM-Call-ID": "a"})
        (answer,) = answers(o)
        assert answer["MWI-Messages-Waiting"] == "no"
        assert answer["MWI-Message-Account"] == account
        assert answer["Call-ID"] == "a"
        assert "MWI-Voice-Message" not in answer


@pytest.mark.parametrize("account", ["", "sip:", "1000"])
async def test_what_is_no_account_is_not_answered(tmp_path: Path, account: str) -> None:
    async with office(tmp_path) as o:
        await ask(o, account)
        assert answers(o) == []


async def test_all_profiles_are_asked_until_one_has_messages(tmp_path: Path) -> None:
    settings = '</profile><profile name="other">'
    async with office(tmp_path, settings=settings) as o:
        other = await o.service.find(f"other/1000@{DOMAIN}")
        assert other is not None
        await other.store.add(Message("1000", DOMAIN, "u", 1, "Bob", "3000", "/x.wav", 4))
        await ask(o, f"1000@{DOMAIN}")
        (answer,) = answers(o)
        assert answer["MWI-Voice-Message"] == "1/0 (0/0)"


async def test_many_questions_are_answered_one_by_one(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        await o.put("a")
        await o.put("b", name="1001")
        for _ in range(50):
            for name in ("1000", "1001"):
                o.bench.switch.publish("MESSAGE_QUERY", {"Message-Account": f"sip:{name}@{DOMAIN}"})
        await asyncio.sleep(1)
        accounts = [answer["MWI-Message-Account"] for answer in answers(o)]
        assert sorted(accounts) == [f"sip:1000@{DOMAIN}", f"sip:1001@{DOMAIN}"]


async def test_a_question_that_cannot_be_answered_spoils_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as o:
        await o.put("a")
        mailbox = o.service.mailbox

        async def failing(profile: Profile, domain: str, name: str) -> object:
            if name == "1001":
                raise OSError("no disk")
            return await mailbox(profile, domain, name)

        monkeypatch.setattr(o.service, "mailbox", failing)
        o.bench.switch.publish("MESSAGE_QUERY", {"Message-Account": f"1001@{DOMAIN}"})
        await ask(o, f"1000@{DOMAIN}")
        assert len(answers(o)) == 1
        assert "the messages of" in caplog.text


async def test_only_the_profile_of_the_domain_may_be_asked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mode = '<settings><param name="message-query-exact-match" value="true"/></settings>'
    for name, answered in ((DOMAIN, "yes"), ("elsewhere", "no")):
        settings = f'</profile><profile name="{name}">'
        async with office(tmp_path / name, settings=settings, mode=mode) as o:
            box = await o.service.find(f"{name}/1000@{DOMAIN}")
            assert box is not None
            await box.store.add(Message("1000", DOMAIN, "a", 1, "Bob", "3000", "/none", 4))
            await ask(o, f"1000@{DOMAIN}")
            assert [one["MWI-Messages-Waiting"] for one in answers(o)] == [answered]
    assert f"no profile is named like the domain {DOMAIN}" in caplog.text
