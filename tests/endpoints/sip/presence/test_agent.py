"""Watchers of users: told of calls, of what scripts say, once for a storm, over a restart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import softswitch.endpoints.sip.presence.commands  # noqa: F401 - registers what is tested
from softswitch.db.sqlite import SqliteDatabase
from softswitch.endpoints.sip.presence.agent import bare
from softswitch.endpoints.sip.presence.store import MIGRATIONS, WatcherStore
from softswitch.sip.message import Request
from softswitch.switch.causes import HangupCause
from tests.endpoints.sip.presence.watching import MANAGED, dialogs, is_partial, told, watch
from tests.support.sip_bench import BOB, element_of, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

BRIDGE = extension(
    "1001", f"bridge {{presence_id=1001@example.test}}sofia/internal/1001@{BOB[0]}:{BOB[1]}"
)
CAROL = ("192.0.2.30", 5060)


@pytest.mark.parametrize(
    ("address", "resource"),
    [("sip:A@B;x=1", "a@b"), ("1000@x", "1000@x"), ("sips:a@b", "a@b"), ("", "")],
)
def test_an_address_is_made_bare(address: str, resource: str) -> None:
    assert bare(address) == resource


async def test_a_call_is_told_from_ringing_to_its_end(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, profile=MANAGED) as running:
        carol = running.party("1002", CAROL)
        answer, first = await watch(running, carol, "1001")
        assert answer.headers.get("Expires") == "600"
        assert first is not None and not is_partial(first) and dialogs(first) == []
        assert first.headers.get("Event") == "dialog"
        _, alice = await running.invite("1001")
        running.bob.answer(running.bob.request("INVITE"), 180)
        ringing = await told(running, carol)
        assert is_partial(ringing) and dialogs(ringing) == [("recipient", "early")]
        assert "sip:1000@example.test" in ringing.body.decode()
        (bob,) = [each for each in running.switch.sessions.values() if each is not alice]
        bob.on_answer()
        talking = await told(running, carol)
        assert dialogs(talking) == [("recipient", "confirmed")]
        alice.hangup()
        gone = await told(running, carol)
        assert dialogs(gone) == [("recipient", "terminated")]
        versions = [
            re.search(r'version="(\d+)"', each.body.decode())
            for each in (first, ringing, talking, gone)
        ]
        assert [int(found[1]) for found in versions if found] == [0, 1, 2, 3]


async def test_a_storm_of_changes_is_told_once(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("9", "park"), profile=MANAGED) as running:
        carol = running.party("1002", CAROL)
        await watch(running, carol, "1000")
        for _ in range(20):
            running.alice.ask("INVITE", "9", sdp())
        await running.settle(0.1)
        first = carol.request("NOTIFY")
        assert len(dialogs(first)) == 20
        for session in list(running.switch.sessions.values()):
            session.hangup()
        # The first is not answered yet: nothing more goes out.
        await running.settle(0.2)
        assert not [each for each in carol.received if getattr(each, "method", "") == "NOTIFY"]
        carol.answer(first, 200)
        last = await told(running, carol)
        assert {state for _, state in dialogs(last)} == {"terminated"}


async def test_presence_is_told_as_pidf(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("9", "answer", "park"), profile=MANAGED) as running:
        carol = running.party("1002", CAROL)
        _, first = await watch(running, carol, "1000", "presence")
        assert first is not None and b"<basic>closed</basic>" in first.body
        await running.register(running.alice)
        assert b"<basic>open</basic>" in (await told(running, carol)).body
        _, session = await running.call("9")
        text = (await told(running, carol)).body
        assert b"on-the-phone" in text and b"Talk 9" in text
        session.hangup()
        assert b"on-the-phone" not in (await told(running, carol)).body
        command = "presence in 1000@example.test away Out to lunch"
        assert await running.switch.run_command(command) == "Event Sent"
        text = (await told(running, carol)).body
        assert b"<rpid:away/>" in text and b"Out to lunch" in text
        answer = await running.switch.run_command("sofia_presence_data rpid 1000@example.test")
        assert answer == "away"


async def test_presence_that_is_what_it_was_is_not_told_again(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=MANAGED) as running:
        carol = running.party("1002", CAROL)
        await watch(running, carol, "1000", "presence")
        running.sip.presence.changed("1000@example.test")
        await running.settle(1)
        assert carol.received == []
        await running.register(running.alice)
        assert b"<basic>open</basic>" in (await told(running, carol)).body


@pytest.mark.parametrize(
    ("settings", "ringing", "held"),
    [
        ({}, [("initiator", "early")], []),
        ({"presence-disable-early": "true"}, [], []),
        ({"presence-hold-state": "early"}, [("initiator", "early")], [("initiator", "early")]),
    ],
)
async def test_what_is_shown_is_the_profiles_choice(
    tmp_path: Path,
    settings: dict[str, str],
    ringing: list[tuple[str, str]],
    held: list[tuple[str, str]],
) -> None:
    settings = {**MANAGED, **settings}
    rings = extension("9", "ring_ready", "sleep 2000", "answer", "park")
    async with sip_bench(tmp_path, rings, profile=settings) as running:
        carol = running.party("1002", CAROL)
        await watch(running, carol, "1000")
        await running.invite("9")
        if ringing:
            assert dialogs(await told(running, carol)) == ringing
        await running.settle(2.1)
        answer = running.alice.response(200)
        running.alice.ack(answer)
        assert dialogs(await told(running, carol)) == [("initiator", "confirmed")]
        running.alice.ask("INVITE", "", sdp(4000, "0", "a=sendonly"), within=answer)
        running.alice.ack(running.alice.response(200))
        await running.settle(0.1)
        seen = [dialogs(each) for each in carol.received if isinstance(each, Request)]
        assert seen == ([held] if held else [[("initiator", "confirmed")]])
        running.session.hangup()


async def test_scripts_light_lamps(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=MANAGED) as running:
        carol = running.party("1002", CAROL)
        await watch(running, carol, "flow+dnd")
        headers = {
            "proto": "flow",
            "from": "flow+dnd@example.test",
            "Unique-ID": "lamp-1",
            "answer-state": "confirmed",
            "Presence-Call-Direction": "outbound",
        }
        running.switch.publish("PRESENCE_IN", headers)
        assert dialogs(await told(running, carol)) == [("initiator", "confirmed")]
        # Who subscribes later sees the lamp lit too.
        dave = running.party("1003", ("192.0.2.31", 5060))
        _, first = await watch(running, dave, "flow+dnd")
        assert first is not None and dialogs(first) == [("initiator", "confirmed")]
        running.switch.publish("PRESENCE_IN", {**headers, "answer-state": "terminated"})
        assert dialogs(await told(running, carol)) == [("initiator", "terminated")]


async def test_places_are_watched_by_their_kind(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, profile=MANAGED) as running:
        carol = running.party("1002", CAROL)
        running.switch.globals["domain"] = "example.test"
        _, alice = await running.invite("1001")
        lots = running.switch.parking
        lots.park("office", "6001", alice)
        _, first = await watch(running, carol, "park+6001")
        assert first is not None and dialogs(first) == [("recipient", "confirmed")]
        lots.leave("office", "6001", alice)
        assert dialogs(await told(running, carol)) == [("recipient", "terminated")]
        lots.park("office", "6001", alice)
        assert dialogs(await told(running, carol)) == [("recipient", "confirmed")]
        # A user of the same name is somebody else.
        dave = running.party("1003", ("192.0.2.31", 5060))
        _, other = await watch(running, dave, "6001")
        assert other is not None and dialogs(other) == []
        lots.leave("office", "6001", alice)
        alice.hangup()
        await told(running, carol)


async def test_a_watcher_leaves_or_is_lost(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=MANAGED) as running:
        carol = running.party("1002", CAROL)
        answer, _ = await watch(running, carol, "1000")
        assert len(list(running.sip.presence)) == 1
        _, last = await watch(running, carol, "1000", within=answer, expires="0")
        assert last is not None
        assert last.headers.get("Subscription-State") == "terminated;reason=timeout"
        assert running.events("PRESENCE_OUT")
        assert not list(running.sip.presence) and not running.switch.presence.watched
        await watch(running, carol, "1000", expires="60")
        await running.settle(61)
        assert (await told(running, carol)).headers.get("Subscription-State") == (
            "terminated;reason=timeout"
        )
        await watch(running, carol, "1000")
        running.switch.publish(
            "PRESENCE_IN", {"from": "1000@example.test", "Unique-ID": "u", "answer-state": "early"}
        )
        await running.settle(0.1)
        carol.answer(carol.request("NOTIFY"), 481)
        await running.settle()
        assert not list(running.sip.presence)


async def test_watchers_go_on_after_a_restart(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("9", "park"), profile=MANAGED) as running:
        database = SqliteDatabase(tmp_path / "presence.db", MIGRATIONS)
        running.sip.presence.store = WatcherStore(database)
        carol = running.party("1002", CAROL)
        answer, first = await watch(running, carol, "1000")
        assert first is not None
    database.flush().result(10)
    async with sip_bench(tmp_path / "again", extension("9", "park")) as running:
        carol = running.party("1002", CAROL)
        running.sip.presence.store = WatcherStore(database)
        running.sip.presence.load(running.sip.presence.store.read(0.0))
        assert await running.sip.stop_profile("internal")
        element = element_of(running)
        assert await running.sip.start_profile(element) is None
        again = await told(running, carol)
        assert again.cseq.number > first.cseq.number
        assert again.call_id == answer.call_id and not is_partial(again)
        await running.invite("9")
        assert dialogs(await told(running, carol)) == [("initiator", "early")]
        running.session.hangup(HangupCause.NORMAL_CLEARING)
        await told(running, carol)
    database.close()


async def test_calls_of_nobody_watched_make_no_events(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("9", "park"), profile=MANAGED) as running:
        before = running.switch.presence.told
        running.switch.bus._by_name.pop("ALL", None)
        await running.invite("9")
        assert running.switch.presence.told == before
        running.session.hangup()
