from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from softswitch.switch.states import CallState
from tests.support.engine import far_end
from tests.support.switch import bench, extension, verbs

PARKED = extension("1", "park")
THERE = extension("2", "set there=yes", "park")


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        ("", HangupCause.NORMAL_CLEARING),
        (" USER_BUSY", HangupCause.USER_BUSY),
        (" 17", HangupCause.USER_BUSY),
    ],
)
async def test_uuid_kill_hangs_up(tmp_path: Path, cause: str, expected: HangupCause) -> None:
    async with bench(tmp_path, PARKED) as b:
        session = b.call("1")
        await b.after(0.1)
        assert await b.switch.run_command(f"uuid_kill {session.uuid}{cause}") == "+OK\n"
        await b.ended(session)
        assert session.channel.hangup_cause is expected


async def test_calls_are_answered_rung_and_opened_from_outside(tmp_path: Path) -> None:
    async with bench(tmp_path, PARKED) as b:
        session = b.call("1")
        await b.after(0.1)
        for verb in ("uuid_ring_ready", "uuid_pre_answer", "uuid_answer"):
            assert await b.switch.run_command(f"{verb} {session.uuid}") == "+OK\n"
        assert verbs(session) == ["ring", "pre_answer", "answer"]
        assert session.channel.answered
        session.hangup()
        await b.ended(session)


async def test_uuid_bridge_joins_two_calls(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        first, second = b.call("1"), b.call("1", caller="1001")
        await b.after(1)
        answer = await b.switch.run_command(f"uuid_bridge {first.uuid} {second.uuid}")
        assert answer == f"+OK {second.uuid}\n"
        await b.after(1)
        assert first.peer is second
        assert far_end(first.media).connected_to is far_end(second.media)
        told = [
            (event.headers["Unique-ID"], event.headers["Application-Data"])
            for event in b.events
            if event.headers.get("Application") == "uuid_bridge"
        ]
        assert told == [(first.uuid, second.uuid), (second.uuid, first.uuid)]
        first.hangup()
        await b.ended(first)
        await b.ended(second)


@pytest.mark.parametrize(
    ("options", "first_there", "second_there"),
    [("", "yes", None), ("-bleg ", None, "yes"), ("-both ", "yes", "yes")],
)
async def test_uuid_transfer_moves_the_legs_it_names(
    tmp_path: Path, options: str, first_there: str | None, second_there: str | None
) -> None:
    async with bench(tmp_path, extension("1", "bridge test/bob", "park"), THERE) as b:
        b.script("bob", "answer@1")
        session = b.call("1")
        await b.after(2)
        peer = session.peer
        assert peer is not None
        assert await b.switch.run_command(f"uuid_transfer {session.uuid} {options}2") == "+OK\n"
        await b.after(1)
        assert (session.get("there"), peer.get("there")) == (first_there, second_there)
        for one in (session, peer):
            one.hangup()
            await b.ended(one)


@pytest.mark.parametrize("follows", [True, False])
async def test_recordings_follow_the_partner_that_uuid_transfer_moves(
    tmp_path: Path, follows: bool
) -> None:
    async with bench(tmp_path, extension("1", "bridge test/bob", "park"), THERE) as b:
        b.script("bob", "answer@1")
        session = b.call("1")
        await b.after(2)
        peer = session.peer
        assert peer is not None
        session.set("recording_follow_transfer", str(follows).lower())
        await session.execute("record_session", f"{tmp_path}/call.wav")
        assert await b.switch.run_command(f"uuid_transfer {session.uuid} -bleg 2") == "+OK\n"
        await b.after(1)
        assert peer.get("there") == "yes"
        assert (len(session.recordings), len(peer.recordings)) == ((0, 1) if follows else (1, 0))
        for one in (session, peer):
            one.hangup()
            await b.ended(one)


async def test_uuid_dual_transfer_sends_the_legs_to_two_places(tmp_path: Path) -> None:
    other = f'<context name="other">{extension("3", "set there=other", "park")}</context>'
    async with bench(tmp_path, extension("1", "bridge test/bob"), THERE, contexts=other) as b:
        b.script("bob", "answer@1")
        session = b.call("1")
        await b.after(2)
        peer = session.peer
        assert peer is not None
        line = f"uuid_dual_transfer {session.uuid} 2 3/XML/other"
        assert await b.switch.run_command(line) == "+OK\n"
        await b.after(1)
        assert (session.get("there"), peer.get("there")) == ("yes", "other")
        for one in (session, peer):
            one.hangup()
            await b.ended(one)


async def test_uuid_park_takes_a_call_out_of_what_it_does(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "sleep 60000", "set after=yes")) as b:
        session = b.call("1")
        await b.after(1)
        assert await b.switch.run_command(f"uuid_park {session.uuid}") == "+OK\n"
        await b.after(100)
        assert session.channel.state.name == "CS_PARK"
        session.hangup()
        await b.ended(session)
        assert session.get("after") is None


async def test_uuid_hold_holds_and_takes_back(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(1)
        run = b.switch.run_command
        assert await run(f"uuid_hold {session.uuid}") == "+OK Success\n"
        assert session.channel.callstate is CallState.HELD
        assert await run(f"uuid_hold off {session.uuid}") == "+OK Success\n"
        assert session.channel.callstate is CallState.ACTIVE
        await run(f"uuid_hold toggle {session.uuid}")
        await run(f"uuid_hold toggle {session.uuid}")
        assert verbs(session)[1:] == ["hold", "unhold", "hold", "unhold"]
        session.hangup()
        await b.ended(session)


async def test_calls_are_sent_elsewhere(tmp_path: Path) -> None:
    async with bench(tmp_path, PARKED) as b:
        session = b.call("1")
        await b.after(0.1)
        run = b.switch.run_command
        assert await run(f"uuid_redirect {session.uuid} sip:a@b") == "+OK:sip:a@b\n"
        assert await run(f"uuid_deflect {session.uuid} sip:c@d") == "+OK:sip:c@d\n"
        assert verbs(session)[:2] == ["redirect sip:a@b", "deflect sip:c@d"]
        session.hangup()
        await b.ended(session)


async def test_hupall_ends_all_calls_or_those_that_match(tmp_path: Path) -> None:
    async with bench(tmp_path, PARKED) as b:
        red, blue = (b.call("1", variables={"colour": name}) for name in ("red", "blue"))
        await b.after(0.1)
        answer = await b.switch.run_command("hupall USER_BUSY colour red")
        assert answer == "+OK hangup all channels matching [colour]=[red] with cause: USER_BUSY\n"
        await b.ended(red)
        assert red.channel.hangup_cause is HangupCause.USER_BUSY and blue.channel.up
        assert "is no hang-up cause" in await b.switch.run_command("hupall NOSUCH")
        await b.switch.run_command("hupall")
        await b.ended(blue)
        assert blue.channel.hangup_cause is HangupCause.MANAGER_REQUEST


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("uuid_kill x", "-ERR No such channel!\n"),
        ("uuid_pre_answer x", "-ERROR\n"),
        ("uuid_ring_ready x", "-ERROR\n"),
        ("uuid_answer", "-ERROR\n"),
        ("uuid_pre_answer", "-ERROR\n"),
        ("uuid_park", "-ERR No such channel!\n"),
        ("uuid_bridge x y z", "-ERR Invalid uuid\n"),
        ("uuid_hold x", "-ERR Operation failed\n"),
        ("uuid_dual_transfer x 1 2", "-ERR No such channel!\n"),
        ("uuid_deflect x sip:a@b", "-ERR No such channel x!\n"),
        ("uuid_redirect x sip:a@b", "-ERR No such channel x!\n"),
    ],
)
async def test_calls_that_are_not_there_are_told(tmp_path: Path, line: str, answer: str) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(line) == answer


@pytest.mark.parametrize(
    "name",
    """uuid_kill uuid_ring_ready uuid_bridge uuid_transfer uuid_dual_transfer uuid_hold
    uuid_deflect uuid_redirect""".split(),
)
async def test_without_arguments_the_usage_is_told(tmp_path: Path, name: str) -> None:
    async with bench(tmp_path) as b:
        assert (await b.switch.run_command(name)).startswith("-USAGE: ")


async def test_an_unknown_cause_kills_all_the_same(tmp_path: Path) -> None:
    async with bench(tmp_path, PARKED) as b:
        session = b.call("1")
        await b.after(0.1)
        answer = await b.switch.run_command(f"uuid_kill {session.uuid} NOSUCH")
        assert answer == "+OK\n"
        await b.ended(session)
        assert session.channel.hangup_cause is HangupCause.NORMAL_CLEARING


async def test_a_call_may_run_on_when_it_is_hung_up(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "sleep 60000", "set late=yes")) as b:
        session = b.call("100")
        await b.after(1)
        assert await b.switch.run_command(f"uuid_zombie_exec {session.uuid}") == (
            "+OK MMM Brains...\n"
        )
        session.hangup()
        await b.ended(session)
        assert session.get("late") == "yes"
        answer = await b.switch.run_command(f"uuid_zombie_exec {session.uuid}")
        assert answer == "-ERR no such session\n"
        assert await b.switch.run_command("uuid_zombie_exec") == answer
