from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension

OTHER = f'<context name="other">{extension("2", "set there=other")}</context>'


@pytest.mark.parametrize(
    ("data", "there"), [("2", "default"), ("2 XML other", "other"), ("2 XML", "default")]
)
async def test_transfer_routes_the_call_anew(tmp_path: Path, data: str, there: str) -> None:
    async with bench(
        tmp_path,
        extension("1", f"transfer {data}", "set after=yes"),
        extension("2", "set there=default"),
        contexts=OTHER,
    ) as b:
        session = await b.ended(b.call("1"))
        assert session.get("there") == there
        assert session.get("after") is None


async def test_the_inline_dialplan_runs_its_applications(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "transfer set:a=1,set:b=2 inline")) as b:
        session = await b.ended(b.call("1"))
        assert (session.get("a"), session.get("b")) == ("1", "2")


async def test_the_other_leg_is_transferred_and_this_one_goes_on(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("1", "bridge test/bob", "set after=yes"),
        extension("2", "set there=yes"),
    ) as b:
        b.script("bob", "answer@1")
        session = b.call("1")
        await b.after(2)
        peer = session.peer
        assert peer is not None
        await session.execute("transfer", "-bleg 2")
        await b.ended(peer)
        assert peer.get("there") == "yes"
        await b.ended(session)
        assert session.get("after") == "yes"


async def test_both_legs_can_be_transferred(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("1", "bridge test/bob"), extension("2", "set there=yes")
    ) as b:
        b.script("bob", "answer@1")
        session = b.call("1")
        await b.after(2)
        peer = session.peer
        assert peer is not None
        await session.execute("transfer", "-both 2")
        assert (await b.ended(session)).get("there") == "yes"
        assert (await b.ended(peer)).get("there") == "yes"


async def test_execute_extension_returns(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("1", "execute_extension 2 XML other", "set after=${there}"),
        contexts=OTHER,
    ) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "other"
        assert session.channel.profile.destination_number == "1"


async def test_execute_extension_of_nobody_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", "execute_extension 99", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert "execute_extension" in caplog.text


async def test_a_hangup_ends_an_executed_extension_and_what_follows(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("1", "execute_extension 2", "set after=yes"),
        extension("2", "sleep 9000", "set inner=yes"),
    ) as b:
        session = await b.ended(b.call("1", script="hangup@1"), within=1.5)
        assert session.get("after") is None and session.get("inner") is None


@pytest.mark.parametrize(
    "action", ["transfer", "transfer -bleg", "transfer -x 2", "execute_extension"]
)
async def test_bad_data_is_logged(
    tmp_path: Path, action: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", action, "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert f"{action.partition(' ')[0]}: " in caplog.text
