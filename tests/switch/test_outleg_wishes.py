"""What a dial string says of the leg itself: its names, its privacy, what is handed down."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from softswitch.switch.originate import originate
from tests.support.switch import bench, extension

DIRECTORY = """<domain name="example.test">
<groups><group name="sales"><users>
<user id="1001"><params>
<param name="dial-string" value="[own=x]test/bob"/><param name="dial-var-greeting" value="hi"/>
</params><variables><variable name="user_context" value="inner"/></variables></user>
</users></group></groups></domain>"""


async def test_an_external_id_finds_the_leg(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        first = await originate(b.switch, "{origination_external_id=zzzz}null/x")
        second = await originate(b.switch, "{origination_external_id=zzzz}null/x")
        assert b.switch.find("zzzz") is first
        first.hangup()
        await b.ended(first)
        assert b.switch.find("zzzz") is None
        [hung_up] = [event for event in b.events if event.name == "CHANNEL_HANGUP"]
        assert hung_up.headers["Session-External-ID"] == "zzzz"
        assert b.switch.find(second.uuid) is second
        second.hangup()


@pytest.mark.parametrize(
    ("privacy", "flags"),
    [
        ("screen", (True, False, False)),
        ("hide_name:hide_number", (False, True, True)),
        ("hide_number", (False, False, True)),
        ("", (True, False, False)),
    ],
)
async def test_privacy_of_the_new_leg(
    tmp_path: Path, privacy: str, flags: tuple[bool, bool, bool]
) -> None:
    async with bench(tmp_path) as b:
        session = await originate(b.switch, f"{{origination_privacy={privacy}}}null/x")
        profile = session.channel.profile
        assert flags == (
            profile.screen_bit,
            profile.privacy_hide_name,
            profile.privacy_hide_number,
        )
        session.hangup()


@pytest.mark.parametrize("prefix", ["origination", "effective"])
async def test_the_called_party_may_be_named(tmp_path: Path, prefix: str) -> None:
    async with bench(tmp_path) as b:
        session = await originate(
            b.switch, f"{{{prefix}_callee_id_name=Bob,{prefix}_callee_id_number=7}}null/x"
        )
        profile = session.channel.profile
        assert (profile.callee_id_name, profile.callee_id_number) == ("Bob", "7")
        session.hangup()


@pytest.mark.parametrize(
    ("target", "variables", "handed"),
    [
        ("user/1001", "", True),
        ("user/1001", ",user_recurse_variables=false", False),
        ("group/sales", "", True),
        ("group/sales", ",group_recurse_variables=false", False),
        ("group/sales", ",user_recurse_variables=false", True),
    ],
)
async def test_users_and_groups_hand_variables_down(
    tmp_path: Path, target: str, variables: str, handed: bool
) -> None:
    async with bench(tmp_path, directory=DIRECTORY) as b:
        b.script("bob", "answer@1")
        session = await originate(b.switch, f"{{from_all=1{variables}}}[from_leg=2]{target}")
        assert (session.get("from_all") == "1") is handed
        assert (session.get("from_leg") == "2") is handed
        assert session.get("own") == "x"
        if target.startswith("user"):
            assert session.get("greeting") == "hi"
            assert session.channel.profile.context == "inner"
        session.hangup()


@pytest.mark.parametrize(
    ("dial_string", "allowed", "value"),
    [
        ("{a=${b}}null/1", "", None),
        ("{a=${b},origination_nested_vars=true}null/1", "", "${b}"),
        ("{a=${b}}null/1", "global", "${b}"),
    ],
)
async def test_references_in_values_are_refused_unless_wanted(
    tmp_path: Path,
    dial_string: str,
    allowed: str,
    value: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with bench(tmp_path) as b:
        if allowed:
            b.switch.globals["origination_nested_vars"] = "true"
        session = await originate(b.switch, dial_string)
        assert session.get("a") == value
        assert any(record.levelno == logging.CRITICAL for record in caplog.records) is not bool(
            value
        )
        session.hangup()


async def test_a_forked_dial_takes_the_first_group_of_a_user(tmp_path: Path) -> None:
    directory = DIRECTORY.replace("[own=x]test/bob", "test/busy|test/bob")
    async with bench(
        tmp_path,
        extension("100", "bridge user/1001"),
        extension("200", "set forked_dial=true", "bridge user/1001", "set went=on"),
        directory=directory,
    ) as b:
        b.script("busy", "hangup:NO_ANSWER@1")
        b.script("bob", "answer@1 hangup@3")
        assert (await b.ended(b.call("100"))).get("originate_disposition") == "SUCCESS"
        session = await b.ended(b.call("200"))
        assert session.get("originate_disposition") == "NO_ANSWER"


async def test_a_leg_may_be_named_after_its_caller(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "set push_channel_name=true", "bridge test/bob")
    ) as b:
        b.script("bob", "answer@1")
        session = b.call("100")
        await b.after(2)
        bob = b.legs.legs["bob"].session
        assert bob.channel.name == "test/1000__B"
        assert bob.get("sip_h_X-FS-Channel-Name") == "_test/1000"
        session.hangup()
