"""Routing: from a number to actions, and again by transfer."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch import routing
from softswitch.switch.causes import HangupCause
from softswitch.switch.originate import originate
from softswitch.switch.states import ChannelState
from tests.support.switch import bench, extension

OTHER = '<context name="other">' + extension("100", "set landed=other") + "</context>"


@pytest.mark.parametrize(
    ("number", "cause"),
    [("100", "NORMAL_CLEARING"), ("404", "NO_ROUTE_DESTINATION"), ("101", "NO_ROUTE_DESTINATION")],
)
async def test_a_call_without_a_route_is_refused(tmp_path: Path, number: str, cause: str) -> None:
    async with bench(tmp_path, extension("100", "answer"), extension("101")) as b:
        session = await b.ended(b.call(number))
        assert session.channel.hangup_cause.name == cause


async def test_a_call_is_routed_in_its_own_context(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "set landed=default"), contexts=OTHER) as b:
        assert (await b.ended(b.call("100", context="other"))).get("landed") == "other"
        assert (await b.ended(b.call("100"))).get("landed") == "default"
        lost = await b.ended(b.call("100", context="nowhere"))
        assert lost.channel.hangup_cause is HangupCause.NO_ROUTE_DESTINATION


@pytest.mark.parametrize(
    ("arguments", "landed"),
    [
        (("200",), "200"),
        (("100", "XML", "other"), "other"),
        (("set:landed=inline", "inline"), "inline"),
        (("404", "nonsense,XML:x"), None),
    ],
)
async def test_a_transfer_routes_again(
    tmp_path: Path, arguments: tuple[str, ...], landed: str | None
) -> None:
    async with bench(
        tmp_path, extension("100", "park"), extension("200", "set landed=200"), contexts=OTHER
    ) as b:
        session = b.call("100")
        await b.after(1)
        session.transfer(*arguments)
        await b.ended(session)
        assert session.get("landed") == landed
        note = session.get("transfer_history") or ""
        assert note.split(":")[2] == "bl_xfer"
        assert note == session.get("transfer_source")


async def test_a_transfer_forgets_the_talk_before_it(tmp_path: Path) -> None:
    plans = extension("100", "bridge test/bob"), extension("200", "park")
    async with bench(tmp_path, *plans) as b:
        b.script("bob", "answer@0")
        session = b.call("100", variables={"temp_hold_music": "silence"})
        await b.after(1)
        bob = session.peer
        assert bob is not None
        assert bob.get("signal_bond") == session.uuid
        session.transfer("200")
        for leg in (session, bob):
            assert leg.get("signal_bond") is None
        assert session.get("temp_hold_music") is None
        await b.after(1)
        session.hangup()
        await b.ended(session)


async def test_a_transfer_goes_where_force_transfer_says(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park"), contexts=OTHER) as b:
        session = b.call("100", variables={"force_transfer_context": "other"})
        await b.after(1)
        session.transfer("100")
        await b.ended(session)
        assert session.get("landed") == "other"
        assert session.channel.profile.rdnis == "100"
        assert session.channel.profile.profile_index == 2


async def test_a_loop_of_transfers_ends(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "transfer 100")) as b:
        for variables in ({}, {"max_session_transfers": "5"}):
            session = await b.ended(b.call("100", variables=variables))
            assert session.channel.hangup_cause is HangupCause.EXCHANGE_ROUTING_ERROR
            transfers = len(session.channel.profiles) - 1
            assert transfers == (4 if variables else routing.MOST_TRANSFERS - 1)


async def test_a_finished_call_cannot_be_transferred(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "answer")) as b:
        session = await b.ended(b.call("100"))
        session.transfer("100")
        assert len(session.channel.profiles) == 1


async def test_a_leg_we_rang_waits_for_its_owner_until_it_is_transferred(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "set landed=yes")) as b:
        b.script("bob", "answer@1")
        winner = await originate(b.switch, "test/bob")
        assert winner.channel.running_state is ChannelState.CS_CONSUME_MEDIA
        winner.transfer("100")
        await b.ended(winner)
        assert winner.get("landed") == "yes"


async def test_a_subroutine_runs_within_and_gives_the_call_back(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("100", "execute_extension 200", "set after=${destination_number}"),
        extension("200", "set within=${destination_number}", "execute_extension 404"),
    ) as b:
        session = await b.ended(b.call("100"))
        assert (session.get("within"), session.get("after")) == ("200", "100")


async def test_a_subroutine_that_transfers_does_not_come_back(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("100", "execute_extension 200", "set after=yes"),
        extension("200", "transfer 300", "set within=yes"),
        extension("300", "set landed=${destination_number}"),
    ) as b:
        session = await b.ended(b.call("100"))
        assert (session.get("within"), session.get("after")) == (None, None)
        assert session.get("landed") == "300"


async def test_subroutines_within_subroutines_end(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "set n=${n}x", "execute_extension 100")) as b:
        session = await b.ended(b.call("100"))
        assert len(session.get("n") or "") == routing.DEEPEST_EXECUTE_EXTENSION + 1


INLINE = """<extension name="x"><condition field="destination_number" expression="^100$">
  <action application="set" data="number=200" inline="true"/>{more}</condition>
  <condition field="${{number}}" expression="^200$"><action application="set" data="went=on"/>
  </condition></extension>"""


@pytest.mark.parametrize(
    ("more", "went", "cause"),
    [
        ("", "on", "NORMAL_CLEARING"),
        ('<action application="playback" data="x" inline="true"/>', "on", "NORMAL_CLEARING"),
        (
            '<action application="nonsense" inline="true"/>',
            None,
            "DESTINATION_OUT_OF_ORDER",
        ),
    ],
)
async def test_applications_that_may_run_while_the_dialplan_is_read(
    tmp_path: Path, more: str, went: str | None, cause: str
) -> None:
    async with bench(tmp_path, INLINE.format(more=more)) as b:
        session = await b.ended(b.call("100"))
        assert session.get("went") == went
        assert session.channel.hangup_cause.name == cause


async def test_a_call_s_time_zone_may_be_the_operator_s_own(tmp_path: Path) -> None:
    zones = (
        '<configuration name="timezones.conf"><timezones><zone name="Shop" value="SHP-9:30"/>'
        "</timezones></configuration>"
    )
    hour = '<extension name="t"><condition hour="{}"><action application="set" data="h={}"/>'
    plan = "".join(hour.format(h, h) + "</condition></extension>" for h in range(24))
    async with bench(tmp_path, plan, configuration=zones) as b:
        utc = int((await b.switch.run_command("strftime_tz UTC %H")).strip())
        minute = int((await b.switch.run_command("strftime_tz UTC %M")).strip())
        session = await b.ended(b.call("100", variables={"timezone": "Shop"}))
        expected = (utc * 60 + minute + 570) // 60 % 24
        assert session.get("h") == str(expected)
        assert await b.switch.run_command("strftime_tz Shop %H") == f"{expected:02}"


async def test_text_is_expanded_with_variables_and_commands(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        session = b.call("100", variables={"x": "1"})
        await b.after(1)
        text = "${x} ${domain} ${caller_id_number} ${eval(a ${x})} ${nonsense(x)}|"
        assert await session.expand(text) == "1 example.test 1000 a 1 |"
        assert await session.expand("plain") == "plain"
        session.hangup()


def plan(folder: Path, *extensions: str) -> Path:
    """A dialplan in a file of its own."""
    path = folder / "plan.xml"
    context = f'<context name="default">{"".join(extensions)}</context>'
    path.write_text(f'<section name="dialplan">{context}</section>')
    return path


async def test_a_dialplan_may_be_a_file_that_is_read_again_when_it_changes(
    tmp_path: Path,
) -> None:
    path = plan(tmp_path, extension("7", "set landed=first"))
    async with bench(tmp_path, extension("100", f"transfer 7 XML:{path}")) as b:
        assert (await b.ended(b.call("100"))).get("landed") == "first"
        plan(tmp_path, extension("7", "set landed=second-one"))
        assert (await b.ended(b.call("100"))).get("landed") == "second-one"


@pytest.mark.parametrize("content", [None, "", "<section name='dialplan'>", "<document/>"])
async def test_a_file_that_is_no_dialplan_is_skipped_and_told(
    tmp_path: Path, content: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "plan.xml"
    if content is not None:
        path.write_text(content)
    fallback = extension("7", "set landed=fallback")
    async with bench(tmp_path, extension("100", f"transfer 7 XML:{path},XML"), fallback) as b:
        assert (await b.ended(b.call("100"))).get("landed") == "fallback"
    assert str(path) in caplog.text


async def test_a_call_of_the_inline_dialplan_goes_on_in_xml_unless_told(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("100", "transfer transfer:200 inline"),
        extension("200", "set landed=200"),
    ) as b:
        assert (await b.ended(b.call("100"))).get("landed") == "200"


async def test_hooks_of_a_transfer_run_before_the_call_is_routed_again(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("100", "set execute_on_blind_transfer=set moved=yes", "transfer 200"),
        extension("200", "set landed=${moved}"),
    ) as b:
        assert (await b.ended(b.call("100"))).get("landed") == "yes"
