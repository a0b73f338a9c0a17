"""What a key sets off, beside the talk."""

from __future__ import annotations

from pathlib import Path

from softswitch.switch.bound_action import asking, holding, run_api, run_application
from tests.switch.test_bindings import kept, talk


async def test_keys_are_the_application_s_while_it_asks(tmp_path: Path) -> None:
    async with talk(tmp_path) as (_, caller, _called):
        with asking(caller), asking(caller):
            assert kept(caller)
            caller.on_digit("1", 100, "rtp")
        assert not kept(caller)
        digit = caller.digits.take()
        assert digit is not None and digit.digit == "1"


async def test_the_partner_hears_the_holder_s_music(tmp_path: Path) -> None:
    async with talk(tmp_path, "set hold_music=tone_stream://%(100,0,440)") as (b, caller, called):
        with holding(called, caller):
            await b.after(0.1)
            assert called.application_log[-1][:2] == (
                "endless_playback",
                "tone_stream://%(100,0,440)",
            )
        await b.after(0.3)
        with holding(None, caller):
            await b.after(0.1)
        assert len(called.application_log) == 1


async def test_an_application_runs_while_the_two_stay_together(tmp_path: Path) -> None:
    async with talk(tmp_path) as (b, caller, called):
        task = run_application(caller, "sleep", "500", hold_partner=True)
        await b.after(1)
        assert task.done() and caller.peer is called


async def test_a_command_s_answer_is_kept(tmp_path: Path) -> None:
    async with talk(tmp_path) as (b, caller, _):
        run_api(caller, "echo", "${uuid}", "answer_of_it")
        await b.after(0.1)
        assert caller.get("answer_of_it") == caller.uuid
