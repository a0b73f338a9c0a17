"""What a leg starts with: variables, caller id and its bond to the caller."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.originate import originate
from softswitch.switch.session import Session
from tests.support.switch import Bench, bench, extension


async def ring(b: Bench, dial_string: str, **variables: str) -> Session:
    """Let Alice, with these variables, ring a dial string; the leg that bob got."""
    b.script("bob", "answer@1 hangup@2")
    session = b.call("100", variables={"dial": dial_string, **variables})
    await b.ended(session)
    return b.legs.legs["bob"].session


PLAN = extension("100", "bridge ${dial}")


@pytest.mark.parametrize(
    ("dial_string", "variables", "name", "number"),
    [
        ("test/bob", {}, "Alice", "1000"),
        (
            "test/bob",
            {"effective_caller_id_name": "A", "effective_caller_id_number": "1"},
            "A",
            "1",
        ),
        ("{origination_caller_id_name=B}test/bob", {"effective_caller_id_name": "A"}, "B", "1000"),
        ("[origination_caller_id_number=2]test/bob", {}, "Alice", "2"),
        (
            "{origination_caller_id_number=3}[origination_caller_id_number=2]test/bob",
            {},
            "Alice",
            "3",
        ),
    ],
)
async def test_whose_name_and_number_the_called_party_sees(
    tmp_path: Path, dial_string: str, variables: dict[str, str], name: str, number: str
) -> None:
    async with bench(tmp_path, PLAN) as b:
        profile = (await ring(b, dial_string, **variables)).channel.profile
        assert (profile.caller_id_name, profile.caller_id_number) == (name, number)
        assert (profile.callee_id_name, profile.callee_id_number) == ("Outbound Call", "bob")


async def test_further_fields_of_the_profile_may_be_chosen(tmp_path: Path) -> None:
    options = (
        "{origination_ani=77,origination_aniii=8,origination_privacy=hide_name:hide_number,"
        "origination_callee_id_name=Bob,origination_callee_id_number=5,"
        "origination_channel_name=mine/x,origination_uuid=my-own}"
    )
    async with bench(tmp_path, PLAN) as b:
        leg = await ring(b, f"{options}test/bob")
        profile = leg.channel.profile
        assert (profile.ani, profile.aniii) == ("77", "8")
        assert profile.privacy_hide_name and profile.privacy_hide_number
        assert (profile.callee_id_name, profile.callee_id_number) == ("Bob", "5")
        assert (leg.channel.name, leg.uuid) == ("mine/x", "my-own")
        assert profile.source == "mod_test"


async def test_a_chosen_uuid_is_told_before_the_leg_goes_out(tmp_path: Path) -> None:
    async with bench(tmp_path, PLAN) as b:
        await ring(b, "{origination_uuid=my-own}test/bob")
        await ring(b, "test/bob")
        told = [one for one in b.events if one.name in ("CHANNEL_UUID", "CHANNEL_OUTGOING")]
        assert [one.name for one in told] == [
            "CHANNEL_UUID",
            "CHANNEL_OUTGOING",
            "CHANNEL_OUTGOING",
        ]
        headers = told[0].headers
        assert headers["Unique-ID"] == "my-own" != headers["Old-Unique-ID"]
        assert headers["variable_origination_uuid"] == "my-own"


async def test_a_leg_without_a_caller_has_the_arguments_or_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.script("bob", "answer@1")
        for arguments, expected in (
            ({}, ("", "0000000000")),
            ({"caller_id_name": "C", "caller_id_number": "9"}, ("C", "9")),
        ):
            winner = await originate(b.switch, "test/bob", **arguments)  # type: ignore[arg-type]
            profile = winner.channel.profile
            assert (profile.caller_id_name, profile.caller_id_number) == expected
            winner.hangup()


async def test_a_uuid_that_is_in_use_is_refused(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        b.script("bob", "answer@1")
        session = b.call("100")
        with pytest.raises(CallFailed) as failed:
            await originate(b.switch, f"{{origination_uuid={session.uuid}}}test/bob")
        assert failed.value.cause is HangupCause.REQUESTED_CHAN_UNAVAIL


@pytest.mark.parametrize(
    ("dial_string", "value"),
    [
        ("test/bob", "exported"),
        ("[x=leg]test/bob", "exported"),
        ("{x=string}test/bob", "string"),
        ("{x=string}[x=leg]test/bob", "string"),
        ("{local_var_clobber=true,x=string}[x=leg]test/bob", "leg"),
        ("{local_var_clobber=true}[x=leg]test/bob", "leg"),
        ("<x=all>{x=string}test/bob", "string"),
    ],
)
async def test_which_of_several_values_wins(tmp_path: Path, dial_string: str, value: str) -> None:
    async with bench(tmp_path, PLAN) as b:
        leg = await ring(b, dial_string, export_vars="x", x="exported")
        assert leg.get("x") == value


async def test_what_flows_in_from_the_caller_and_what_does_not(tmp_path: Path) -> None:
    async with bench(tmp_path, PLAN) as b:
        leg = await ring(
            b,
            "{progress_timeout=9}test/bob",
            **{
                "export_vars": "both,nolocal:only_b",
                "both": "1",
                "nolocal:only_b": "2",
                "language": "de",
                "progress_timeout": "50",
                "process_cdr": "a_only",
                "call_timeout": "30",
                "own": "3",
                "max_forwards": "10",
            },
        )
        peek = leg.channel.variables.peek
        assert (peek("both"), peek("only_b"), peek("language")) == ("1", "2", "de")
        assert (peek("process_cdr"), peek("progress_timeout")) == ("a_only", "9")
        assert (peek("call_timeout"), peek("own")) == (None, None)
        assert peek("max_forwards") == "9"
        assert peek("originate_endpoint") == "test"
        assert peek("originator") == peek("signal_bond") == peek("originating_leg_uuid")
        assert leg.channel.call_uuid == peek("originator")


async def test_exported_variables_steer_the_attempt(tmp_path: Path) -> None:
    async with bench(tmp_path, PLAN) as b:
        b.script("silent", "")
        variables = {"export_vars": "nolocal:originate_timeout", "nolocal:originate_timeout": "5"}
        session = b.call("100", variables={"dial": "test/silent", **variables})
        await b.ended(session, within=6)
        assert session.get("originate_disposition") == "NO_ANSWER"


async def test_a_dial_string_that_refers_to_itself_ends(tmp_path: Path) -> None:
    directory = """<domain name="example.test"><users><user id="1"><params>
      <param name="dial-string" value="user/1@example.test"/></params></user></users></domain>"""
    async with bench(tmp_path, directory=directory) as b:
        with pytest.raises(CallFailed) as failed:
            await originate(b.switch, "user/1")
        assert failed.value.cause is HangupCause.INVALID_IE_CONTENTS


USERS = """<domain name="example.test"><users>
  <user id="one"><params><param name="dial-string" value="[a=1]test/busy|test/bob"/></params></user>
  <user id="two"><params><param name="dial-string" value="test/bob:_:test/busy"/></params>
  <variables><variable name="user_context" value="elsewhere"/></variables></user>
  </users></domain>"""


@pytest.mark.parametrize(
    ("dial_string", "answered"),
    [
        ("user/one", True),
        ("user/one,test/busy", False),
        ("user/nobody|test/bob", True),
        ("user/nobody,test/bob", True),
        ("test/bob,user/nobody", True),
        ("user/nobody|user/nobody", False),
        ("user/two", True),
    ],
)
async def test_users_inside_dial_strings(tmp_path: Path, dial_string: str, answered: bool) -> None:
    async with bench(tmp_path, directory=USERS) as b:
        b.script("busy", "hangup:USER_BUSY@1")
        b.script("bob", "answer@2")
        if answered:
            winner = await originate(b.switch, dial_string)
            assert winner is b.legs.legs["bob"].session
            if dial_string == "user/two":
                assert winner.channel.profile.context == "elsewhere"
            winner.hangup()
        else:
            with pytest.raises(CallFailed) as failed:
                await originate(b.switch, dial_string)
            wanted = "SUBSCRIBER_ABSENT" if "nobody" in dial_string else "USER_BUSY"
            assert failed.value.cause.name == wanted
