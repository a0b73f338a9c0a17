"""The party that answers and says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import CallFailed
from softswitch.switch.originate import originate
from tests.support.engine import far_end
from tests.support.switch import bench, extension, verbs

pytestmark = pytest.mark.virtual_time


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ("x=1", 0),
        ("null_auto_answer_delay=2000", 2),
        ("null_auto_answer_delay=90000,originate_timeout=100", 60),
        ("null_auto_answer_delay=2000,null_pre_answer=true", 0),
        ("null_auto_answer_delay=2000,null_pre_answer=true,ignore_early_media=true", 2),
    ],
)
async def test_it_answers_by_itself(tmp_path: Path, variables: str, seconds: float) -> None:
    async with bench(tmp_path) as b:
        begun = b.switch.loop.time()
        session = await originate(b.switch, f"{{{variables}}}null/test")
        assert b.switch.loop.time() - begun == pytest.approx(seconds, abs=0.1)
        assert session.channel.name == "null/test"
        assert session.channel.answered is ("pre_answer=true" not in variables or seconds == 2)
        assert far_end(session.media).parameters is not None
        session.hangup()


@pytest.mark.parametrize(
    ("dial_string", "cause"),
    [
        ("{null_enable_auto_answer=false,originate_timeout=9}null/x", "NO_ANSWER"),
        ("{null_hangup_cause=user_busy}null/x", "USER_BUSY"),
        ("null/cause-CALL_REJECTED", "CALL_REJECTED"),
    ],
)
async def test_it_fails_as_it_is_told(tmp_path: Path, dial_string: str, cause: str) -> None:
    async with bench(tmp_path) as b:
        with pytest.raises(CallFailed) as failed:
            await originate(b.switch, dial_string)
        assert failed.value.cause.name == cause


@pytest.mark.parametrize(
    ("actions", "asked"),
    [([], ["pre_answer", "answer"]), (["set null_no_pre_answer=true"], ["answer"])],
)
async def test_its_caller_has_early_media(
    tmp_path: Path, actions: list[str], asked: list[str]
) -> None:
    dialled = "bridge {null_auto_answer_delay=500}null/x"
    async with bench(tmp_path, extension("100", *actions, dialled)) as b:
        session = b.call("100")
        await b.after(1)
        assert verbs(session) == asked
        session.hangup()
