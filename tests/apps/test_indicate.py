"""What the dialplan says to phones, in the core's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.leg import ScriptedLeg
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


@pytest.mark.parametrize(
    ("application", "said"),
    [
        ("send_info news", "Information(body='news', content_type='')"),
        ("send_display Bob|42", "Display(name='Bob', number='42', asked=True)"),
        ("send_display 42", "Display(name='42', number='42', asked=True)"),
    ],
)
async def test_it_is_said_to_the_leg(tmp_path: Path, application: str, said: str) -> None:
    async with bench(tmp_path, extension("1", "answer", application, "park")) as b:
        session = b.call("1")
        await b.after(1)
        assert isinstance(session.leg, ScriptedLeg)
        assert said in session.leg.verbs
        session.hangup()
        await b.ended(session)


@pytest.mark.parametrize(
    ("wish", "hidden"),
    [
        ("on", (True, True)),
        ("full", (True, True)),
        ("true", (True, True)),
        ("name", (True, False)),
        ("no", (False, False)),
        ("number", (False, True)),
        ("off", (False, False)),
        ("nonsense", (False, False)),
    ],
)
async def test_a_caller_hides(tmp_path: Path, wish: str, hidden: tuple[bool, bool]) -> None:
    async with bench(tmp_path, extension("1", f"privacy {wish}", "bridge test/bob")) as b:
        b.script("bob", "answer@1")
        session = b.call("1")
        await b.after(2)
        assert session.peer is not None
        for profile in (session.channel.profile, session.peer.channel.profile):
            assert (profile.privacy_hide_name, profile.privacy_hide_number) == hidden
        session.hangup()
        await b.ended(session)


async def test_name_and_number_are_hidden_one_after_the_other(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "privacy name", "privacy number")) as b:
        profile = (await b.ended(b.call("1"))).channel.profile
        assert profile.privacy_hide_name and profile.privacy_hide_number


@pytest.mark.parametrize(("word", "succeeded"), [("false", False), ("", False), ("true", True)])
async def test_the_outcome_goes_to_whoever_transferred(
    tmp_path: Path, word: str, succeeded: bool
) -> None:
    transferred = extension("2", f"blind_transfer_ack {word}", "park")
    async with bench(tmp_path, extension("1", "park"), transferred) as b:
        referrer, other = b.call("1"), b.call("1")
        other.set("blind_transfer_uuid", referrer.uuid)
        await b.after(1)
        other.transfer("2")
        await b.after(1)
        assert isinstance(referrer.leg, ScriptedLeg)
        assert f"TransferOutcome(succeeded={succeeded})" in referrer.leg.verbs
        for session in (referrer, other):
            session.hangup()
            await b.ended(session)
