"""Directory users as a destination."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import CallFailed
from softswitch.switch.originate import originate
from softswitch.switch.session import Session
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time

DIRECTORY = """<domain name="example.test"><params>
  <param name="dial-string" value="{x=${dialed_user}-${dialed_domain}}test/${leg}"/></params>
  <users>
  <user id="1"><params><param name="dial-var-colour" value="red"/></params>
    <variables><variable name="callgroup" value="sales"/></variables></user>
  <user id="2"><params>
    <param name="dial-string" value="[presence_id=mine]test/bob"/></params></user>
  <user id="3"><params><param name="dial-string"
    value="test/${eval(b${x:0:0})}${eval(ob)}"/></params></user>
  </users></domain><domain name="bare"><users><user id="1"/></users></domain>"""


async def ring(tmp_path: Path, dial_string: str, **variables: str) -> tuple[Session, Session]:
    """The caller's and the called leg after a short call."""
    async with bench(tmp_path, extension("100", f"bridge {dial_string}"), directory=DIRECTORY) as b:
        b.script("bob", "answer@1 hangup@2")
        session = await b.ended(b.call("100", variables={"leg": "bob", **variables}))
        return session, b.legs.legs["bob"].session


@pytest.mark.parametrize("target", ["user/1", "user/1@example.test", "USER/1"])
async def test_a_user_is_rung_by_the_dial_string_of_its_domain(tmp_path: Path, target: str) -> None:
    session, called = await ring(tmp_path, target)
    assert called.get("x") == "1-example.test"
    assert called.get("presence_id") == "1@example.test"
    for leg in (session, called):
        assert (leg.get("dialed_user"), leg.get("dialed_domain")) == ("1", "example.test")


async def test_variables_of_the_user_reach_its_leg(tmp_path: Path) -> None:
    _, called = await ring(tmp_path, "user/1")
    assert (called.get("colour"), called.get("callgroup")) == ("red", "sales")


async def test_a_presence_of_the_dial_strings_own_is_kept(tmp_path: Path) -> None:
    _, called = await ring(tmp_path, "user/2")
    assert called.get("presence_id") == "mine"


async def test_commands_in_a_dial_string_run(tmp_path: Path) -> None:
    _, called = await ring(tmp_path, "user/3")
    assert called.channel.name == "test/bob"


async def test_the_callers_patience_limits_the_ringing(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge user/1"), directory=DIRECTORY) as b:
        b.script("bob", "ring@1")
        session = b.call("100", variables={"leg": "bob", "call_timeout": "5"})
        await b.ended(session, within=6)
        assert session.get("originate_disposition") in ("NO_ANSWER", "ALLOTTED_TIMEOUT")


@pytest.mark.parametrize(
    ("target", "cause"),
    [
        ("user/9", "SUBSCRIBER_ABSENT"),
        ("user/1@nowhere", "SUBSCRIBER_ABSENT"),
        ("user/", "SUBSCRIBER_ABSENT"),
        ("user/1@bare", "MANDATORY_IE_MISSING"),
        ("user/1", "UNALLOCATED_NUMBER"),
    ],
)
async def test_a_user_who_cannot_be_rung_has_freeswitch_cause(
    tmp_path: Path, target: str, cause: str
) -> None:
    async with bench(tmp_path, directory=DIRECTORY) as b:
        with pytest.raises(CallFailed) as failed:
            await originate(b.switch, target)
        assert failed.value.cause.name == cause
