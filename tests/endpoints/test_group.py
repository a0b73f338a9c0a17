"""Groups of users as a destination."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.originate import originate
from tests.support.switch import bench

pytestmark = pytest.mark.virtual_time

DIRECTORY = """<domain name="example.test"><groups><group name="sales"><users>
  <user id="1"><params><param name="dial-string" value="test/one"/></params></user>
  <user id="2"><params><param name="dial-string" value="test/two"/></params></user>
  </users></group></groups></domain>"""


@pytest.mark.parametrize(
    ("target", "seconds"),
    [("sales", 2), ("sales@example.test", 2), ("sales+A", 2), ("sales+F", 3), ("sales+E", 2)],
)
async def test_its_members_ring_together_or_in_turn(
    tmp_path: Path, target: str, seconds: float
) -> None:
    async with bench(tmp_path, directory=DIRECTORY) as b:
        b.script("one", "hangup:USER_BUSY@1")
        b.script("two", "answer@2")
        began = b.switch.loop.time()
        winner = await originate(b.switch, f"group/{target}")
        assert winner is b.legs.legs["two"].session
        assert b.switch.loop.time() - began == pytest.approx(seconds, abs=0.1)
        winner.hangup()


@pytest.mark.parametrize("target", ["nobody", "sales@nowhere", ""])
async def test_a_group_that_is_not_there_cannot_be_rung(tmp_path: Path, target: str) -> None:
    async with bench(tmp_path, directory=DIRECTORY) as b:
        with pytest.raises(CallFailed) as failed:
            await originate(b.switch, f"group/{target}")
        assert failed.value.cause is HangupCause.DESTINATION_OUT_OF_ORDER


@pytest.mark.parametrize(
    ("target", "context"), [("group/sales", "inside"), ("user/1", "default"), ("test/x", "default")]
)
async def test_its_legs_may_belong_to_a_context(tmp_path: Path, target: str, context: str) -> None:
    async with bench(tmp_path, directory=DIRECTORY) as b:
        for name in ("one", "two", "x"):
            b.script(name, "answer@1")
        winner = await originate(b.switch, f"{{group_context=inside}}{target}")
        assert winner.channel.profile.context == context
        winner.hangup()
