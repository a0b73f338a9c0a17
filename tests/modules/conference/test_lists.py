"""Lists byte for byte as a real FreeSWITCH answered for a room of two."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.modules.conference.support import Hall, hall
from tests.support.switch import extension

RECORDED = Path(__file__).resolve().parents[4] / "shared/reference/freeswitch/recorded/channel"
NAME = "3001-127.0.0.1"
_CHANGING = (
    (re.compile(r"sofia/internal/1000@127.0.0.1:5091|test/1000"), "<channel>"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"\b(sipp|Alice)\b"), "<name>"),
)


def recorded(name: str) -> str:
    """What FreeSWITCH answered; its console added a line end."""
    return mask((RECORDED / f"conf_conference_{name}.txt").read_text()).removesuffix("\n")


def mask(text: str) -> str:
    for pattern, word in _CHANGING:
        text = pattern.sub(word, text)
    return text


async def two(b: Hall) -> None:
    b.call("1", script="hangup@60")
    b.call("1", script="hangup@60")
    await b.after(2.5)


@pytest.mark.skipif(not RECORDED.exists(), reason="recorded answers are not here")
@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("list", "list"),
        ("list count", "list_count"),
        ("xml_list", "xml_list"),
        ("json_list", "json_list"),
        (f"{NAME} list", "3001-127.0.0.1_list"),
        (f"{NAME} list delim |", "3001-127.0.0.1_list_delim__"),
        (f"{NAME} get count", "3001-127.0.0.1_get_count"),
        ("nosuch list", "nosuch_list"),
        (f"{NAME} mute all", "3001-127.0.0.1_mute_all"),
        (f"{NAME} kick all", "3001-127.0.0.1_kick_all"),
    ],
)
async def test_answers_are_those_of_freeswitch(tmp_path: Path, words: str, name: str) -> None:
    async with hall(tmp_path, extension("1", f"conference {NAME}")) as b:
        await two(b)
        assert mask(await b.say(words)) == recorded(name)


async def test_what_members_are_is_listed(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call("3000+flags{moderator|mute|endconf}", script="hangup@60")
        await b.after(1)
        b.member(one).hold()
        await b.say("3000 record a.wav")
        await b.say("3000 lock")
        await b.say("3000 setvar a <b>")
        line = await b.say("3000 list")
        assert line.split(";")[5] == "hold|floor|moderator"
        assert "locked|running|answered" in await b.say("list summary")
        assert "|recording|" in await b.say("list summary")
        assert await b.say("3000 list pretty") == "1) Alice (1000)\n"
        assert await b.say("3000 list count") == "1"
        listed = json.loads(await b.say("3000 json_list compact"))
        assert listed == json.loads(await b.say("3000 json_list"))
        assert listed[0]["variables"] == {"a": "<b>"}
        recording, member = listed[0]["members"]
        assert (recording["type"], recording["record_path"]) == ("recording_node", "a.wav")
        assert member["flags"]["end_conference"] is True
        await b.say("3000 pause a.wav")
        one.channel.profile.caller_id_name = "Ann & Bob"
        xml = await b.say("3000 xml_list")
        assert '<variable name="a" value="&lt;b&gt;"/>' in xml
        assert "<is_moderator>true</is_moderator>" in xml
        assert '<record_path status="paused">a.wav</record_path>' in xml
        assert "<caller_id_name>Ann%20%26%20Bob</caller_id_name>" in xml


async def test_without_rooms_lists_are_empty(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        assert await b.say("json_list") == "[]"
        assert await b.say("xml_list") == '<?xml version="1.0"?>\n<conferences>\n</conferences>\n'
        assert await b.say("list summary") == "+OK No active conferences.\n"
