"""The switch as users start and stop it, with the configuration that ships."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path

import pytest

from softswitch.media.engine import MediaEngine
from softswitch.switch.kept_store import FILE
from tests.support.patience import PATIENCE
from tests.support.process import phone_of, shipped_switch
from tests.support.server import until

pytestmark = pytest.mark.slow


async def test_it_says_where_it_is_and_what_to_dial(tmp_path: Path) -> None:
    async with shipped_switch(tmp_path) as switch:
        assert f"127.0.0.1:{switch.sip_port} UDP/TCP" in switch.log
        assert f"127.0.0.1:{switch.console_port}" in switch.log
        assert "1000 to 1019 at 127.0.0.1" in switch.log
        assert str(tmp_path / "data" / "secrets.xml") in switch.log
        assert "9196 echo" in switch.log
        assert "PROBLEM" not in switch.log
        assert switch.resident_kilobytes < 100_000


async def test_a_second_start_costs_little_and_keeps_the_secrets(tmp_path: Path) -> None:
    async with shipped_switch(tmp_path) as switch:
        password = switch.password
        assert len(password) >= 16
    secrets = tmp_path / "data" / "secrets.xml"
    assert secrets.stat().st_mode & 0o777 == 0o600
    async with shipped_switch(tmp_path) as switch:
        assert switch.password == password
        assert switch.processor_seconds < 5.0


async def test_a_user_registers_and_calls_with_the_generated_password(
    tmp_path: Path, engine: MediaEngine
) -> None:
    async with shipped_switch(tmp_path) as switch, await phone_of(engine, switch) as phone:
        await phone.register()
        call = phone.call("9197")
        await call.hear(1004)
        assert (await switch.api("show channels count")).strip() == "1 total."
        call.hangup()


async def test_a_signal_ends_the_calls_that_are_up(tmp_path: Path, engine: MediaEngine) -> None:
    async with shipped_switch(tmp_path) as switch, await phone_of(engine, switch) as phone:
        call = phone.call("9196")
        await call.expect_answer()
        switch.process.terminate()
        await call.expect_end()
        assert call.cause is not None and "cause=" in call.cause
        async with asyncio.timeout(PATIENCE):
            assert await switch.process.wait() == 0


async def test_a_restart_puts_the_program_anew_into_the_same_process(tmp_path: Path) -> None:
    async with shipped_switch(tmp_path) as switch:
        first = await switch.api("global_getvar core_uuid")
        await switch.api("fsctl shutdown elegant restart")
        await until(lambda: switch.log.count(" is up after ") == 2, "a second start")
        assert await switch.api("global_getvar core_uuid") != first
        assert (await switch.api("status")).startswith("UP ")
        switch.process.terminate()
        async with asyncio.timeout(PATIENCE):
            assert await switch.process.wait() == 0
        assert "PROBLEM" not in switch.log


async def test_the_console_command_asks_the_running_switch(tmp_path: Path) -> None:
    async with shipped_switch(tmp_path) as switch:
        command = [sys.executable, "-m", "softswitch", "console"]
        where = ["-H", "127.0.0.1", "-P", str(switch.console_port), "-x", "status"]
        process = await asyncio.create_subprocess_exec(
            *command,
            *where,
            "--data",
            str(tmp_path / "data"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()
        assert b"0 session(s) since startup" in output


async def test_a_broken_configuration_is_told_with_file_and_line(tmp_path: Path) -> None:
    conf = tmp_path / "conf"
    conf.mkdir()
    (conf / "softswitch.xml").write_text(
        '<document type="freeswitch/xml">\n<section name="dialplan">\n</document>\n'
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "softswitch", "run"),
        *("--conf", str(conf), "--data", str(tmp_path / "data")),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 1
    assert b"softswitch.xml:2:1" in output
    assert b"<section> is never closed" in output
    assert b"Traceback" not in output


async def test_values_of_db_and_group_outlive_a_kill(tmp_path: Path) -> None:
    async with shipped_switch(tmp_path) as switch:
        assert await switch.api("db insert/spy/1000/42") == "+OK"
        assert await switch.api("group insert:sales:user/1001") == "+OK"
        assert await switch.api("hash insert/spy/1000/42") == "+OK\n"
        # Behind the answer the writer needs a moment of its own.
        database = tmp_path / "data" / FILE
        await until(lambda: _kept(database) == 2, "the values on disk")
        switch.process.kill()
        await switch.process.wait()
    async with shipped_switch(tmp_path) as switch:
        assert await switch.api("db select/spy/1000") == "42"
        assert await switch.api("group call:sales") == "user/1001"
        assert await switch.api("hash select/spy/1000") == "-ERR no reply\n"


def _kept(database: Path) -> int:
    connection = sqlite3.connect(database)
    try:
        count = "SELECT (SELECT count(*) FROM db_data) + (SELECT count(*) FROM group_data)"
        return int(connection.execute(count).fetchone()[0])
    finally:
        connection.close()
