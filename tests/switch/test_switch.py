"""The switch: sessions, events, commands, reloads and the end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from softswitch import registry
from softswitch.config.errors import errors
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.commands import CommandCall
from tests.support.audio import tone, write_wav
from tests.support.sounds import FakeSource
from tests.support.switch import DOCUMENT, bench, extension


async def test_calls_are_hung_up_by_their_variables(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        red, blue = (b.call("100", variables={"colour": name}) for name in ("red", "blue"))
        assert b.switch.hangup_all(HangupCause.MANAGER_REQUEST, {"colour": "red"}) == 1
        assert (red.channel.up, blue.channel.up) == (False, True)
        assert b.switch.hangup_all(HangupCause.NORMAL_CLEARING) == 2


async def test_only_the_events_that_carry_variables_have_them(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "answer")) as b:
        await b.ended(b.call("100"))
        for event in b.events:
            has = any(name.startswith("variable_") for name in event.headers)
            assert has is (event.name not in ("CHANNEL_STATE", "CHANNEL_CALLSTATE"))


async def test_a_command_never_raises(tmp_path: Path) -> None:
    async def fail(call: CommandCall, arguments: str) -> str:
        raise {"busy": CallFailed(HangupCause.USER_BUSY), "": KeyError("x")}[arguments]

    async with bench(tmp_path) as b:
        registry.command("test_fail")(fail)
        try:
            assert await b.switch.run_command("test_fail busy") == "-ERR USER_BUSY\n"
            assert await b.switch.run_command("test_fail") == "-ERR KeyError: 'x'\n"
        finally:
            registry.command.remove("test_fail")
        assert (await b.switch.run_command("nonsense a")).endswith("Command not found!\n")
        assert (await b.switch.run_command("")).startswith("-ERR")


async def test_an_alias_stands_for_a_command_line(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.switch.aliases["say"] = "eval hello"
        assert "hello you" in await b.switch.run_command("say you")


def write(folder: Path, number: int, *, broken: bool = False) -> None:
    """A configuration whose dialplan, directory and globals all tell one number."""
    plan = (
        f'<context name="default">{extension("100", f"set dialplan={number}", "sleep 20")}'
        f"{extension('200', f'set later={number}')}</context>"
    )
    users = f"""<domain name="example.test"><users><user id="1"><params>
      <param name="dial-string" value="number/{number}"/></params></user></users></domain>"""
    text = DOCUMENT.format(configuration="", dialplan=plan, directory=users, languages="")
    if broken:
        text = text.replace("</document>", "")
    folder.mkdir(exist_ok=True)
    scratch = folder / "next"
    scratch.write_text(text)
    scratch.replace(folder / "freeswitch.xml")


async def test_a_reload_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """Calls come all the while; none finds nothing, or two generations mixed."""
    async with bench(tmp_path) as b:
        conf = b.switch.folders.conf
        write(conf, 0)
        await b.switch.reload()
        b.switch.admission.sessions_per_second = b.switch.admission.max_sessions = 1_000_000
        sessions = []

        def looks_whole() -> None:
            generation = b.switch.generation
            user = generation.directory.user("1", "example.test")
            assert user is not None
            found = generation.dialplan.find("default")
            assert found is not None
            number = user.dial_string.removeprefix("number/")
            assert found.extensions[0].conditions[0].actions[0].data == f"dialplan={number}"
            assert generation.configuration is b.switch.configuration.current

        for number in range(1, 6):
            write(conf, number, broken=number % 4 == 0)
            reload = b.switch.loop.create_task(b.switch.reload())
            while not reload.done():
                sessions.append(b.call("100"))
                looks_whole()
                for _ in range(100):
                    await asyncio.sleep(0)
            assert bool(errors(reload.result())) is (number % 4 == 0)
            await b.after(0.03)
        await b.after(1)
        seen = [session.get("dialplan") or "" for session in sessions]
        assert "" not in seen
        assert set(seen) >= {"0", "1", "3"}
        assert "4" not in seen
        assert seen == sorted(seen)


async def test_a_call_under_way_uses_the_new_generation_at_its_next_step(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        conf = b.switch.folders.conf
        write(conf, 1)
        await b.switch.reload()
        session = b.call("100")
        await b.after(0.01)
        write(conf, 2)
        await b.switch.reload()
        session.transfer("200")
        await b.ended(session)
        assert (session.get("dialplan"), session.get("later")) == ("1", "2")


async def test_a_task_that_fails_is_logged_and_forgotten(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise RuntimeError("broken")

    async with bench(tmp_path) as b:
        b.switch.own(b.switch.loop.create_task(fail(), name="errand"))
        assert b.switch.tasks == 1
        await b.after(0.1)
        assert b.switch.tasks == 0
        assert "errand failed" in caplog.text


async def test_the_end_waits_for_calls_then_cancels_what_is_left(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        session = b.call("100")
        await b.after(1)
        stuck = b.switch.loop.create_task(asyncio.sleep(3600))
        b.switch.own(stuck)
        began = b.switch.loop.time()
        await b.switch.shutdown()
        assert session.channel.hangup_cause is HangupCause.SYSTEM_SHUTDOWN
        assert "CHANNEL_DESTROY" in b.names(session)
        assert stuck.cancelled()
        assert b.switch.loop.time() - began < 1
        assert "SHUTDOWN" in b.names()


async def test_a_task_may_shut_the_switch_down(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        task = b.switch.loop.create_task(b.switch.shutdown())
        b.switch.own(task)
        began = b.switch.loop.time()
        await task
        assert b.switch.loop.time() == began


async def test_an_endpoint_that_does_not_stop_keeps_nobody_from_stopping(tmp_path: Path) -> None:
    class Stubborn:
        async def stop(self) -> None:
            raise RuntimeError("stuck")

    async with bench(tmp_path) as b:
        b.switch.endpoints["stubborn"] = Stubborn()
        await b.switch.shutdown()
        assert "closed" in repr(b.switch.engine)


@pytest.mark.parametrize(("rate", "folder"), [(8000, "8000"), (16000, "16000"), (0, "8000")])
async def test_sounds_are_those_of_the_rate_of_the_call(
    tmp_path: Path, rate: int, folder: str
) -> None:
    for name in ("8000", "16000"):
        (tmp_path / "sounds/a" / name).mkdir(parents=True)
        write_wav(tmp_path / f"sounds/a/{name}/b.wav", tone(440, 100, rate=int(name)), int(name))
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(1)
        if rate:
            session.channel.read_codec = ("X", rate, 0)
        source = await b.switch.open_source("a/b.wav", session)
        (part,) = source.parts
        assert isinstance(part, FakeSource)
        assert part.description.endswith(f"a/{folder}/b.wav")
        source.close()
        session.hangup()
        await b.ended(session)
